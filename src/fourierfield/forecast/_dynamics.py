"""Training dynamics as spectral filters: the residual along an eigenvector as a function of its eigenvalue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

_EARLY = 1e-17  # below this x, 1 − e^{−x} is x to the last bit of float64
_NULL = 1e-14  # eigenvalues below this share of the largest are zero to rounding in float64


class Dynamics(Protocol):
    """Training as a filter: at each of T moments, ``decay`` is the factor on the residual along eigenvalue λ.

    ``response`` φ satisfies decay = 1 − λφ, so that the network has moved by K_* φ(K)(y − f₀).
    """

    def decay(self, eigenvalues: Tensor) -> Tensor:
        """Compute the factor on the residual, (T, k) for eigenvalues (k,)."""

    def response(self, eigenvalues: Tensor) -> Tensor:
        """Compute φ(λ) = (1 − decay)/λ, (T, k) for eigenvalues (k,)."""


@dataclass(frozen=True)
class GradientFlow:
    """Gradient flow, with decay e^{−λτ/D} at times τ = η·steps (T,) from 0 to ∞ inclusive (Lee et al. 2019, Eq. 8).

    The divisor D is N·C for the loss ½·mean over N points and C channels, and 1 for ½·Σ. Raises ``ValueError`` for
    times that are not a vector of numbers ≥ 0 and for a divisor that is not a positive number.

    >>> flow = GradientFlow(torch.tensor([0.0, 1.0, torch.inf]))
    >>> flow.response(torch.tensor([0.0, 0.5], dtype=torch.float64))
    tensor([[0.0000, 0.0000],
            [1.0000, 0.7869],
            [0.0000, 2.0000]], dtype=torch.float64)
    """

    times: Tensor
    divisor: float = 1.0

    def __post_init__(self) -> None:
        if self.times.ndim != 1 or bool((self.times < 0).any() | self.times.isnan().any()):
            raise ValueError("times must be a vector of numbers from 0 to infinity")
        if not 0 < self.divisor < float("inf"):
            raise ValueError(f"the divisor of a loss must be a positive number, not {self.divisor}")

    def decay(self, eigenvalues: Tensor) -> Tensor:
        return torch.exp(-self._products(eigenvalues.clamp(min=0)))

    def response(self, eigenvalues: Tensor) -> Tensor:
        """Compute −expm1(−λt)/λ: t as λ → 0; 1/λ at t = ∞, where null directions (negative by rounding, too) stay."""
        eigenvalues = eigenvalues.clamp(min=0)
        scaled = self._scaled(eigenvalues)[:, None]  # (T, 1)
        exponent = self._products(eigenvalues)
        early = exponent.abs() < _EARLY
        finite = torch.where(early, scaled, -torch.expm1(-exponent) / torch.where(early, 1.0, eigenvalues))
        return torch.where(scaled.isinf() & _null(eigenvalues), 0.0, finite)

    def _scaled(self, eigenvalues: Tensor) -> Tensor:
        return self.times.to(eigenvalues) / self.divisor

    def _products(self, eigenvalues: Tensor) -> Tensor:
        """Compute λt (T, k); null directions at t = ∞ give 0."""
        scaled = self._scaled(eigenvalues)[:, None]
        never = scaled.isinf() & _null(eigenvalues)
        return torch.where(never, 0.0, eigenvalues * scaled).nan_to_num(nan=0.0, posinf=torch.inf)


@dataclass(frozen=True)
class GradientDescent:
    """Full-batch gradient descent at rate η, with the exact decay (1 − ηλ/D)^k after k steps; ``steps`` is (T,).

    It diverges, as the training itself would, where η > 2D/λ_max. The divisor D is as in ``GradientFlow``.

    >>> GradientDescent(0.5, torch.tensor([0, 1, 2])).decay(torch.tensor([1.0, 3.0], dtype=torch.float64)).T
    tensor([[ 1.0000,  0.5000,  0.2500],
            [ 1.0000, -0.5000,  0.2500]], dtype=torch.float64)
    """

    rate: float
    steps: Tensor
    divisor: float = 1.0

    def decay(self, eigenvalues: Tensor) -> Tensor:
        return (1 - self.rate / self.divisor * eigenvalues) ** self.steps.to(eigenvalues)[:, None]

    def response(self, eigenvalues: Tensor) -> Tensor:
        """Compute (1 − decay)/λ, which is k·η/D at λ = 0."""
        rate, steps = self.rate / self.divisor, self.steps.to(eigenvalues)[:, None]
        step = rate * eigenvalues
        inside = step.abs() < 0.5
        gentle = -torch.expm1(steps * torch.log1p(-torch.where(inside, step, 0.0)))
        change = torch.where(inside, gentle, 1 - (1 - step) ** steps)
        early = (steps * step).abs() < _EARLY
        return torch.where(early, steps * rate, change / torch.where(early, 1.0, eigenvalues))


def _null(eigenvalues: Tensor) -> Tensor:
    """Return a mask of the eigenvalues that are zero to rounding."""
    return eigenvalues <= _NULL * eigenvalues.abs().max()
