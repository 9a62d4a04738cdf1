"""Laws from which frequencies are drawn, each with its kernel for infinitely many frequencies.

All but the positional law are isotropic at equal bandwidths: the kernel depends on r = |σ∘δ| alone, where σ∘δ scales δ
by the bandwidth of each axis. For bounded laws the bandwidth is the highest frequency, for unbounded ones the standard
deviation per axis.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Generator, Tensor


class FrequencyLaw(Protocol):
    """A law of frequencies."""

    @property
    def bandwidth(self) -> tuple[float, ...]:
        """The scale of the law along each axis, cycles per unit."""

    def draw(self, features: int, generator: Generator) -> Tensor:
        """Draw ``features`` frequencies, (m, d) float32."""

    def kernel(self, difference: Tensor) -> Tensor:
        """Compute E[cos 2πb·δ] over the law, the limit of h_γ for m → ∞: (…, d) → (…,) float64."""


@dataclass(frozen=True)
class GaussianLaw:
    """The law of the paper's Gaussian features, b ~ N(0, diag σ²); h(δ) = exp(−2π²|σ∘δ|²).

    >>> GaussianLaw((2.0,)).kernel(torch.tensor([0.0, 0.1]).unsqueeze(-1))
    tensor([1.0000, 0.4540], dtype=torch.float64)
    """

    bandwidth: tuple[float, ...]

    def draw(self, features: int, generator: Generator) -> Tensor:
        return _normal(features, self.bandwidth, generator)

    def kernel(self, difference: Tensor) -> Tensor:
        return torch.exp(-2 * math.pi**2 * _radius(difference, self.bandwidth) ** 2)


@dataclass(frozen=True)
class LaplaceLaw:
    """The isotropic Laplace law with standard deviation σ per axis: √E·N(0, σ²), E ~ Exp(1).

    h(δ) = 1 / (1 + 2π²|σ∘δ|²) (Kotz et al. 2001, Eq. 5.2.2). In one dimension it is the usual Laplace law of scale
    σ/√2. Its tails are heavier than the Gaussian's.
    """

    bandwidth: tuple[float, ...]

    def draw(self, features: int, generator: Generator) -> Tensor:
        mixing = torch.empty(features, 1).exponential_(generator=generator).sqrt()
        return mixing * _normal(features, self.bandwidth, generator)

    def kernel(self, difference: Tensor) -> Tensor:
        return 1 / (1 + 2 * math.pi**2 * _radius(difference, self.bandwidth) ** 2)


@dataclass(frozen=True)
class UniformLaw:
    """The uniform law in the ball |b| ≤ B.

    h(δ) = Γ(d/2+1)·(2/x)^{d/2}·J_{d/2}(x) with x = 2π|B∘δ|, which is a sinc for d = 1.
    """

    bandwidth: tuple[float, ...]

    def draw(self, features: int, generator: Generator) -> Tensor:
        d = len(self.bandwidth)
        radius = torch.rand(features, 1, generator=generator) ** (1 / d)
        return radius * _directions(features, d, generator) * torch.tensor(self.bandwidth)

    def kernel(self, difference: Tensor) -> Tensor:
        from scipy.special import gamma, jv

        half = len(self.bandwidth) / 2
        return _radially(difference, self.bandwidth, lambda x: gamma(half + 1) * (2 / x) ** half * jv(half, x))


@dataclass(frozen=True)
class LogUniformLaw:
    """The law of log-uniform lengths from 1 to B cycles per unit (the paper's 1-D law, Fig. 4) in uniform directions.

    h(δ) = 1/ln B · ∫₁ᴮ Λ_d(2πfr) df/f with Λ_d the mean of cos over directions: cos (d = 1), J₀ (d = 2) or
    sinc (d = 3), integrated in closed form. With unequal bandwidths the axis with the highest one spans 1 to B and the
    others are scaled to it. Raises ``ValueError`` if no bandwidth is above 1; ``kernel`` also raises it for d > 3.
    """

    bandwidth: tuple[float, ...]

    def __post_init__(self) -> None:
        if max(self.bandwidth) <= 1:
            raise ValueError("a log-uniform law spans 1 to its bandwidth, which must be above 1 cycle per unit")

    def draw(self, features: int, generator: Generator) -> Tensor:
        low = 1 / max(self.bandwidth)
        length = low ** torch.rand(features, 1, generator=generator)
        return length * _directions(features, len(self.bandwidth), generator) * torch.tensor(self.bandwidth)

    def kernel(self, difference: Tensor) -> Tensor:
        antiderivative = _log_antiderivative(len(self.bandwidth))
        low = 1 / max(self.bandwidth)

        def mean(x: np.ndarray) -> np.ndarray:
            return (antiderivative(x) - antiderivative(low * x)) / -math.log(low)

        return _radially(difference, self.bandwidth, mean)


@dataclass(frozen=True)
class PositionalLaw:
    """The limit of the paper's positional encoding: b = 2^{σu} − 1 along each axis, u uniform on [0, 1], 2^σ − 1 = B.

    h(δ) is the mean over axes of 1/ln W · ∫₁ᵂ cos(2π(w − 1)δ) dw/w with W = B + 1, by sine and cosine integrals. No
    frequency lies off the axes, so this kernel is far from isotropic.
    """

    bandwidth: tuple[float, ...]

    def draw(self, features: int, generator: Generator) -> Tensor:
        d = len(self.bandwidth)
        axis = torch.arange(features) % d
        top = torch.log2(torch.tensor(self.bandwidth) + 1)[axis]
        value = torch.exp2(top * torch.rand(features, generator=generator)) - 1
        return value[:, None] * torch.eye(d)[axis]

    def kernel(self, difference: Tensor) -> Tensor:
        offsets = difference.double().cpu().numpy()
        terms = [_axis_kernel(offsets[..., a], top) for a, top in enumerate(self.bandwidth)]
        return torch.as_tensor(np.mean(terms, axis=0)).to(difference.device)


def _axis_kernel(offset: np.ndarray, top: float) -> np.ndarray:
    from scipy.special import sici

    x = np.maximum(2 * math.pi * np.abs(offset), 1e-300)
    sine_high, cosine_high = sici((top + 1) * x)
    sine_low, cosine_low = sici(x)
    value = np.cos(x) * (cosine_high - cosine_low) + np.sin(x) * (sine_high - sine_low)
    return np.where(offset == 0, 1.0, value / math.log(top + 1))


def _log_antiderivative(d: int):  # type: ignore[no-untyped-def]
    """Return the function ∫ Λ_d(x) dx/x, up to a constant. Raises ``ValueError`` for d > 3."""
    from scipy.special import it2j0y0, sici

    forms = {
        1: lambda x: sici(x)[1],
        2: lambda x: np.log(x) - it2j0y0(x)[0],
        3: lambda x: sici(x)[1] - np.sinc(x / math.pi),
    }
    if d not in forms:
        raise ValueError(f"the log-uniform law has a closed-form kernel in 1 to 3 dimensions, not {d}")
    return forms[d]


def _radially(difference: Tensor, bandwidth: tuple[float, ...], function) -> Tensor:  # type: ignore[no-untyped-def]
    """Evaluate ``function(2π|B∘δ|)`` with NumPy, and 1 near zero, where the formulas are 0/0."""
    x = 2 * math.pi * _radius(difference, bandwidth).cpu().numpy()
    values = np.where(x < 1e-7, 1.0, function(np.maximum(x, 1e-7)))
    return torch.as_tensor(values).to(difference.device)


def _radius(difference: Tensor, bandwidth: tuple[float, ...]) -> Tensor:
    scale = torch.tensor(bandwidth, dtype=torch.float64, device=difference.device)
    return (difference.double() * scale).norm(dim=-1)


def _normal(features: int, bandwidth: tuple[float, ...], generator: Generator) -> Tensor:
    return torch.randn(features, len(bandwidth), generator=generator) * torch.tensor(bandwidth)


def _directions(features: int, d: int, generator: Generator) -> Tensor:
    normal = torch.randn(features, d, generator=generator)
    return normal / normal.norm(dim=1, keepdim=True).clamp_min(1e-30)
