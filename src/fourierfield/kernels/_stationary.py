"""Stationary kernels k(x, x') = k(x − x')."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

BLOCK = 1 << 20  # numbers, 8 MiB, held at once while a kernel is evaluated: few enough for the processor's cache


class StationaryKernel(ABC):
    """A stationary kernel k(δ) of differences δ (…, d), computed in float64 as k(0) less its gap k(0) − k(δ).

    The NTK of ReLU networks has a √(1 − c) kink at δ = 0, where rounding c to 1e-16 is an error of 1e-8. Therefore a
    kernel computes its *gap* k(0) − k(δ), to full relative accuracy unless stated otherwise, exactly 0 at δ = 0 and
    never negative. The kernel's value follows from the gap.
    """

    @property
    def dimensions(self) -> int | None:
        """The number of coordinates d; None if any number will do."""
        return None

    @property
    def at_zero(self) -> float:
        """The value k(0), which is the variance of the process: 1 unless a kernel says otherwise."""
        return 1.0

    @property
    def ends_at(self) -> float:
        """The distance |s∘δ|, s the ``metric``, from which k is constant to 1e-12 of k(0); infinite if unknown."""
        return math.inf

    def metric(self, dimensions: int) -> tuple[float, ...]:
        """Return factors s of the axes, the largest 1, for which k is nearly isotropic in s∘δ; all ones if unknown."""
        return (1.0,) * dimensions

    @abstractmethod
    def gap(self, difference: Tensor) -> Tensor:
        """Return k(0) − k(δ) ≥ 0 for δ (…, d), as (…,)."""

    def __call__(self, difference: Tensor) -> Tensor:
        """Return k(δ) for δ (…, d), as (…,)."""
        return self.at_zero - self.gap(difference)

    def gap_between(self, left: Tensor, right: Tensor) -> Tensor:
        """Return k(0) − k(x_i − x'_j) for points x (N, d) and x' (M, d), as (N, M)."""
        left, right = left.double(), right.double()
        rows = max(1, BLOCK // max(1, right.numel()))
        return torch.cat([self.gap(block[:, None] - right[None]) for block in left.split(rows)])

    def between(self, left: Tensor, right: Tensor) -> Tensor:
        """Return k(x_i − x'_j) for points x (N, d) and x' (M, d), as (N, M)."""
        return self.gap_between(left, right).neg_().add_(self.at_zero)

    def gap_on_lattice(self, axes: Sequence[Tensor]) -> Tensor:
        """Return k(0) − k(δ), (n₁, n₂, …), for every δ of the lattice that offsets ``axes`` (n₁,), (n₂,), … span."""
        first, rest = axes[0].double(), [axis.double() for axis in axes[1:]]
        size = max(1, math.prod(len(axis) for axis in rest))
        rows = max(1, BLOCK // size)
        blocks = [self.gap(_mesh([part, *rest])) for part in first.split(rows)]
        return torch.cat(blocks)

    def on_lattice(self, axes: Sequence[Tensor]) -> Tensor:
        """Return k(δ) for every δ of the lattice that is spanned by the offsets ``axes``."""
        return self.gap_on_lattice(axes).neg_().add_(self.at_zero)


@dataclass(frozen=True)
class GaussianKernel(StationaryKernel):
    """The Gaussian kernel k(δ) = exp(−2π²σ²|δ|²): the limit of infinitely many Gaussian Fourier features.

    ``bandwidth`` is σ in cycles per unit. Raises ``ValueError`` if it is not a positive number.

    >>> GaussianKernel(1.0)(torch.tensor([[0.0], [0.1]]))
    tensor([1.0000, 0.8209], dtype=torch.float64)
    """

    bandwidth: float

    def __post_init__(self) -> None:
        if not 0 < self.bandwidth < math.inf:
            raise ValueError(f"the bandwidth must be a positive number of cycles per unit, not {self.bandwidth}")

    def gap(self, difference: Tensor) -> Tensor:
        return -torch.expm1(-2 * (math.pi * self.bandwidth) ** 2 * difference.double().square().sum(-1))

    def spectral_density(self, frequency: Tensor) -> Tensor:
        """Return S(f) = (2πσ²)^{−d/2} exp(−|f|²/2σ²) with k(δ) = ∫ S(f) cos(2πf·δ) df, f (…, d) in cycles/unit."""
        d = frequency.shape[-1]
        exponent = frequency.double().square().sum(-1) / (2 * self.bandwidth**2)
        return torch.exp(-exponent) / (2 * math.pi * self.bandwidth**2) ** (d / 2)


def _mesh(axes: list[Tensor]) -> Tensor:
    return torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1)
