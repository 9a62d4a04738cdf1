"""Stationary kernels k(x, x') = k(x − x')."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["GaussianKernel", "StationaryKernel"]

BLOCK = 1 << 20  # numbers held at once while a kernel is evaluated: few enough to stay near the processor


class StationaryKernel(ABC):
    """k(δ) for differences δ (…, d), float64, through the gap k(0) − k(δ).

    The NTK of ReLU networks has a √(1 − c) kink at δ = 0, where a value rounded to 1e-16 is an error of 1e-8: so the
    *gap* k(0) − k(δ) is what a kernel computes, to full relative accuracy where nothing else is said, exactly 0 at
    δ = 0 and never negative. Its value follows.
    """

    @property
    @abstractmethod
    def dimensions(self) -> int | None:
        """Number of coordinates d; None for any."""

    @property
    @abstractmethod
    def at_zero(self) -> float:
        """k(0), the variance of the process."""

    @property
    def ends_at(self) -> float:
        """The distance |s∘δ|, s the ``metric``, from which on k(δ) is constant to 1e-12 of k(0); infinite where that is
        not known."""
        return math.inf

    def metric(self, dimensions: int) -> tuple[float, ...]:
        """Factors s of the axes, the largest 1, with which k is about alike in all directions of s∘δ; ones where that
        is not known."""
        return (1.0,) * dimensions

    @abstractmethod
    def gap(self, difference: Tensor) -> Tensor:
        """k(0) − k(δ) ≥ 0 for δ (…, d) → (…,)."""

    def __call__(self, difference: Tensor) -> Tensor:
        """k(δ) for δ (…, d) → (…,)."""
        return self.at_zero - self.gap(difference)

    def gap_between(self, left: Tensor, right: Tensor) -> Tensor:
        """k(0) − k(x_i − x'_j) for points x (N, d) and x' (M, d) → (N, M)."""
        left, right = left.double(), right.double()
        rows = max(1, BLOCK // max(1, right.numel()))
        return torch.cat([self.gap(block[:, None] - right[None]) for block in left.split(rows)])

    def between(self, left: Tensor, right: Tensor) -> Tensor:
        """k(x_i − x'_j) for points x (N, d) and x' (M, d) → (N, M)."""
        return self.gap_between(left, right).neg_().add_(self.at_zero)

    def gap_on_lattice(self, axes: Sequence[Tensor]) -> Tensor:
        """k(0) − k(δ) for every δ of the lattice spanned by the offsets ``axes`` (n₁,), (n₂,), … → (n₁, n₂, …)."""
        first, rest = axes[0].double(), [axis.double() for axis in axes[1:]]
        size = max(1, math.prod(len(axis) for axis in rest))
        rows = max(1, BLOCK // size)
        blocks = [self.gap(_mesh([part, *rest])) for part in first.split(rows)]
        return torch.cat(blocks)

    def on_lattice(self, axes: Sequence[Tensor]) -> Tensor:
        """k(δ) on the lattice spanned by the offsets ``axes``."""
        return self.gap_on_lattice(axes).neg_().add_(self.at_zero)


@dataclass(frozen=True)
class GaussianKernel(StationaryKernel):
    """k(δ) = exp(−2π²σ²|δ|²) with ``bandwidth`` σ in cycles per unit: the limit of Gaussian Fourier features.

    Raises ``ValueError`` for a bandwidth that is not a positive number.

    >>> GaussianKernel(1.0)(torch.tensor([[0.0], [0.1]]))
    tensor([1.0000, 0.8209], dtype=torch.float64)
    """

    bandwidth: float

    def __post_init__(self) -> None:
        if not 0 < self.bandwidth < math.inf:
            raise ValueError(f"a bandwidth is a positive number of cycles per unit, not {self.bandwidth}")

    @property
    def dimensions(self) -> None:
        return None

    @property
    def at_zero(self) -> float:
        return 1.0

    def gap(self, difference: Tensor) -> Tensor:
        return -torch.expm1(-2 * (math.pi * self.bandwidth) ** 2 * difference.double().square().sum(-1))

    def spectral_density(self, frequency: Tensor) -> Tensor:
        """S(f) = (2πσ²)^{−d/2} exp(−|f|²/2σ²) for f (…, d), cycles per unit: k(δ) = ∫ S(f) cos(2πf·δ) df."""
        d = frequency.shape[-1]
        exponent = frequency.double().square().sum(-1) / (2 * self.bandwidth**2)
        return torch.exp(-exponent) / (2 * math.pi * self.bandwidth**2) ** (d / 2)


def _mesh(axes: list[Tensor]) -> Tensor:
    return torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1)
