"""The Matérn kernel."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ._stationary import StationaryKernel

# Least and largest ν: the range in which gaps were checked to 1e-9; above 50 the kernel is a Gaussian to a per cent.
_ROUGHEST, _SMOOTHEST = 0.1, 50.0


@dataclass(frozen=True)
class MaternKernel(StationaryKernel):
    """The Matérn kernel k(δ) = 2^{1−ν}/Γ(ν)·z^ν K_ν(z), z = √(2ν)·|δ|/ℓ (Rasmussen & Williams 2006, Eq. 4.14).

    ``smoothness`` is ν, and ``length`` is ℓ in coordinate units; ν = ½ is exp(−|δ|/ℓ). For ν = ½, 1½ and 2½ there are
    closed forms; other values take ten times as long. Gaps have a relative accuracy of 1e-9 or better. Raises
    ``ValueError`` unless 0.1 ≤ ν ≤ 50, above which the kernel is a Gaussian to a per cent, and ℓ > 0.

    >>> MaternKernel(0.5, 0.2)(torch.tensor([[0.0], [0.2]]))
    tensor([1.0000, 0.3679], dtype=torch.float64)
    """

    smoothness: float
    length: float

    def __post_init__(self) -> None:
        if not _ROUGHEST <= self.smoothness <= _SMOOTHEST:
            raise ValueError(
                f"a Matérn kernel needs a smoothness of {_ROUGHEST} to {_SMOOTHEST}, not {self.smoothness}"
            )
        if not 0 < self.length < math.inf:
            raise ValueError(f"a Matérn kernel needs a positive length, not {self.length}")

    def gap(self, difference: Tensor) -> Tensor:
        nu = self.smoothness
        z = difference.double().norm(dim=-1) * (math.sqrt(2 * nu) / self.length)
        if nu in (0.5, 1.5, 2.5):
            return _half_integer_gap(z.clamp(max=1e3), nu)
        return torch.as_tensor(_gap(z.cpu().numpy().clip(max=1e3), nu)).to(z.device)

    def spectral_density(self, frequency: Tensor) -> Tensor:
        """Return S(f) ∝ (2ν/ℓ² + 4π²|f|²)^{−ν−d/2} (Rasmussen & Williams, Eq. 4.15), f (…, d) in cycles per unit."""
        d, nu = frequency.shape[-1], self.smoothness
        scale = 2 * nu / self.length**2
        log_constant = (
            d * math.log(2 * math.sqrt(math.pi)) + math.lgamma(nu + d / 2) - math.lgamma(nu) + nu * math.log(scale)
        )
        square = frequency.double().square().sum(-1)
        return torch.exp(log_constant - (nu + d / 2) * torch.log(scale + 4 * math.pi**2 * square))


def _half_integer_gap(z: Tensor, nu: float) -> Tensor:
    """Return 1 − e^{−z}·{1, 1 + z, 1 + z + z²/3} for ν = ½, 1½, 2½ by P(n, z) = 1 − e^{−z} Σ_{k<n} zᵏ/k!."""
    part = torch.special.gammainc(torch.full_like(z, nu + 0.5), z)
    return part + z**2 * torch.exp(-z) / 6 if nu == 2.5 else part


def _value(z: np.ndarray, nu: float) -> np.ndarray:
    """Return k as a function of z > 0, and 1 if z is so small that K_ν overflows."""
    from scipy.special import gamma, kv

    bessel = kv(nu, z)
    value = 2 ** (1 - nu) / gamma(nu) * z**nu * np.where(np.isinf(bessel), 0.0, bessel)
    return np.where(np.isinf(bessel), 1.0, value)


def _gap(z: np.ndarray, nu: float) -> np.ndarray:
    """Return 1 − k for z ≥ 0."""
    near = z < min(0.1, 1e-4 ** (1 / (2 * nu)))  # where 1 − k has lost more than four digits
    gap = np.zeros_like(z)
    gap[~near] = 1 - _value(z[~near], nu)  # NaN is passed on
    gap[near] = _gap_near_zero(z[near], nu)
    return np.maximum(gap, 0.0)


def _gap_near_zero(z: np.ndarray, nu: float) -> np.ndarray:
    """Return 1 − k near 0, as the integral of a positive derivative from 0 to z.

    The derivative is c tᵛ K_{ν−1}(t) with c = 2^{1−ν}/Γ(ν). With t = z·u and u = e^{−x/p}, where u^p is how the
    integrand falls towards 0, the integral is a Gauss–Laguerre sum. For ν > 1 the integrand is t·k_{ν−1}(t)/2(ν − 1).
    """
    from scipy.special import gamma, kv, roots_laguerre

    power = min(2 * nu, 2.0)
    nodes, weights = roots_laguerre(16)
    u = np.exp(-nodes / power)
    t = np.maximum(z[..., None] * u, 1e-300)
    if nu > 1:
        return z**2 * (_value(t, nu - 1) @ weights) / (4 * (nu - 1))
    integrand = u ** (nu + 1 - power) * kv(1 - nu, t)
    return 2 ** (1 - nu) / gamma(nu) * z ** (nu + 1) * (integrand @ weights) / power
