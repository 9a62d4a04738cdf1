"""Stationary kernels k(x, x') = k(x − x')."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ..encodings import FourierEncoding

__all__ = ["EncodingKernel", "GaussianKernel", "LimitKernel", "MaternKernel", "StationaryKernel"]

_BLOCK = 1 << 22  # numbers held at once while a kernel is evaluated


class StationaryKernel(ABC):
    """k(δ) for differences δ (…, d), float64, with k(0) − k(δ) to full relative accuracy.

    The NTK of ReLU networks has a √(1 − c) kink at δ = 0, where a value rounded to 1e-16 is an error of 1e-8: so the
    *gap* k(0) − k(δ) is what a kernel computes, and its value follows.
    """

    @property
    @abstractmethod
    def dimensions(self) -> int | None:
        """Number of coordinates d; None for any."""

    @property
    @abstractmethod
    def at_zero(self) -> float:
        """k(0), the variance of the process."""

    @abstractmethod
    def gap(self, difference: Tensor) -> Tensor:
        """k(0) − k(δ) ≥ 0 for δ (…, d) → (…,)."""

    def __call__(self, difference: Tensor) -> Tensor:
        """k(δ) for δ (…, d) → (…,)."""
        return self.at_zero - self.gap(difference)

    def gap_on_lattice(self, axes: Sequence[Tensor]) -> Tensor:
        """k(0) − k(δ) for every δ of the lattice spanned by the offsets ``axes`` (n₁,), (n₂,), … → (n₁, n₂, …)."""
        first, rest = axes[0].double(), [axis.double() for axis in axes[1:]]
        size = max(1, math.prod(len(axis) for axis in rest))
        rows = max(1, _BLOCK // size)
        blocks = [self.gap(_mesh([part, *rest])) for part in first.split(rows)]
        return torch.cat(blocks)

    def on_lattice(self, axes: Sequence[Tensor]) -> Tensor:
        """k(δ) on the lattice spanned by the offsets ``axes``."""
        return self.at_zero - self.gap_on_lattice(axes)


@dataclass(frozen=True, eq=False)
class EncodingKernel(StationaryKernel):
    """h_γ(δ) = Σ a_j² cos(2π b_j·δ) / Σ a_j² with the m frequencies that an encoding holds.

    1 − h_γ = 2 Σ a_j² sin²(π b_j·δ) / Σ a_j². Raises ``ValueError`` for an encoding with raw input.

    >>> from fourierfield.encodings import basic
    >>> EncodingKernel(basic(1))(torch.tensor([[0.0], [0.125], [0.5]]))
    tensor([ 1.0000,  0.7071, -1.0000], dtype=torch.float64)
    """

    encoding: FourierEncoding

    def __post_init__(self) -> None:
        if self.encoding.raw_input != "none":
            raise ValueError(
                f"the {self.encoding.family} encoding contains the raw coordinates: its kernel is not stationary"
            )

    @property
    def dimensions(self) -> int:
        return self.encoding.dimensions

    @property
    def at_zero(self) -> float:
        return 1.0

    def gap(self, difference: Tensor) -> Tensor:
        frequencies, shares = self._measure()
        flat = difference.reshape(-1, self.dimensions).double()
        blocks = flat.split(max(1, _BLOCK // len(shares)))
        values = [torch.sin(math.pi * _cycles(block, frequencies)).square_() @ (2 * shares) for block in blocks]
        return torch.cat(values).reshape(difference.shape[:-1])

    def gap_on_lattice(self, axes: Sequence[Tensor]) -> Tensor:
        """As ``gap``, by one matrix product: exp(2πi b·δ) factorises over the axes."""
        frequencies, shares = self._measure()
        waves = [_waves(axis.double(), frequencies[:, a]) for a, axis in enumerate(axes)]  # (n_a, m) complex
        last = waves.pop()
        left = (waves[0] if waves else torch.ones_like(last[:1])) * shares
        rows = max(1, _BLOCK // len(last))
        for middle in waves[1:]:
            left = (left[:, None] * middle[None]).flatten(0, 1)
        value = torch.cat([_real_product(block, last) for block in left.split(rows)])
        gap = (1 - value).clamp_(min=0).reshape([len(axis) for axis in axes])
        return _zero_where_equal(gap, axes)

    def _measure(self) -> tuple[Tensor, Tensor]:
        power = self.encoding.amplitudes.double() ** 2
        return self.encoding.frequencies.double(), power / power.sum()


@dataclass(frozen=True, eq=False)
class LimitKernel(StationaryKernel):
    """h_γ for m → ∞, where the encoding's family has it in closed form. Raises ``ValueError`` where not."""

    encoding: FourierEncoding

    def __post_init__(self) -> None:
        if self.encoding.law is None:
            raise ValueError(f"the {self.encoding.family} encoding has no closed-form kernel for m → ∞")

    @property
    def dimensions(self) -> int:
        return self.encoding.dimensions

    @property
    def at_zero(self) -> float:
        return 1.0

    def gap(self, difference: Tensor) -> Tensor:
        return (1 - self.encoding.limit_kernel(difference)).clamp_(min=0)


@dataclass(frozen=True)
class GaussianKernel(StationaryKernel):
    """k(δ) = exp(−2π²σ²|δ|²) with ``bandwidth`` σ in cycles per unit: the limit of Gaussian Fourier features.

    >>> GaussianKernel(1.0)(torch.tensor([[0.0], [0.1]]))
    tensor([1.0000, 0.8209], dtype=torch.float64)
    """

    bandwidth: float

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


@dataclass(frozen=True)
class MaternKernel(StationaryKernel):
    """k(δ) = 2^{1−ν}/Γ(ν)·z^ν K_ν(z), z = √(2ν)·|δ|/ℓ (Rasmussen & Williams 2006, Eq. 4.14).

    ``smoothness`` ν > 0 and ``length`` ℓ in coordinate units; ν = ½ is exp(−|δ|/ℓ).
    """

    smoothness: float
    length: float

    def __post_init__(self) -> None:
        if not (self.smoothness > 0 and self.length > 0):
            raise ValueError("a Matérn kernel has a positive smoothness and length")

    @property
    def dimensions(self) -> None:
        return None

    @property
    def at_zero(self) -> float:
        return 1.0

    def gap(self, difference: Tensor) -> Tensor:
        from scipy.special import gamma, kv

        distance = difference.double().norm(dim=-1)
        z = (math.sqrt(2 * self.smoothness) / self.length * distance).clamp(min=1e-150).cpu().numpy()
        nu = self.smoothness
        closed = {0.5: lambda: torch.expm1(-torch.as_tensor(z)).neg()}
        if nu in closed:
            return closed[nu]().to(distance.device).masked_fill(distance == 0, 0.0)
        value = 2 ** (1 - nu) / gamma(nu) * torch.as_tensor(z**nu * kv(nu, z))
        return (1 - value).clamp_(min=0).nan_to_num(nan=0.0).to(distance.device).masked_fill(distance == 0, 0.0)

    def spectral_density(self, frequency: Tensor) -> Tensor:
        """S(f) ∝ (2ν/ℓ² + 4π²|f|²)^{−ν−d/2} (Rasmussen & Williams, Eq. 4.15), f (…, d) in cycles per unit."""
        d, nu = frequency.shape[-1], self.smoothness
        scale = 2 * nu / self.length**2
        log_constant = (
            d * math.log(2 * math.sqrt(math.pi)) + math.lgamma(nu + d / 2) - math.lgamma(nu) + nu * math.log(scale)
        )
        return torch.exp(log_constant - (nu + d / 2) * torch.log(scale + 4 * math.pi**2 * _square(frequency)))


def _square(frequency: Tensor) -> Tensor:
    return frequency.double().square().sum(-1)


def _cycles(points: Tensor, frequencies: Tensor) -> Tensor:
    """b·δ without the part that sin² cannot see, (N, m)."""
    cycles = points @ frequencies.T
    return cycles.sub_(cycles.round())


def _waves(offsets: Tensor, frequencies: Tensor) -> Tensor:
    cycles = offsets[:, None] * frequencies
    phase = (cycles - cycles.round()) * (2 * math.pi)
    return torch.complex(torch.cos(phase), torch.sin(phase))


def _real_product(left: Tensor, right: Tensor) -> Tensor:
    """Re Σ_j left[:, j]·right[:, j] as real matrix products."""
    return left.real @ right.real.T - left.imag @ right.imag.T


def _mesh(axes: list[Tensor]) -> Tensor:
    return torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1)


def _zero_where_equal(gap: Tensor, axes: Sequence[Tensor]) -> Tensor:
    """The gap at δ = 0 is exactly zero."""
    places = [(axis == 0).nonzero().squeeze(1) for axis in axes]
    if all(len(place) for place in places):
        gap[torch.meshgrid(*[place.to(gap.device) for place in places], indexing="ij")] = 0.0
    return gap
