"""What training does to the residual along an eigenvector of the kernel, as a function of its eigenvalue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

__all__ = ["Dynamics", "GradientDescent", "GradientFlow"]

_EARLY = 1e-17  # 1 − e^{−x} is x to the last bit below this
_NULL = 1e-14  # eigenvalues below this share of the largest are zero to rounding


class Dynamics(Protocol):
    """Training as a filter: at each of T moments the residual along eigenvalue λ is ``decay`` of what it was.

    ``response`` φ satisfies decay = 1 − λφ, so that the network has moved by K_* φ(K)(y − f₀).
    """

    def decay(self, eigenvalues: Tensor) -> Tensor:
        """Factor on the residual, (T, k) for eigenvalues (k,)."""
        ...

    def response(self, eigenvalues: Tensor) -> Tensor:
        """φ(λ) = (1 − decay)/λ, (T, k) for eigenvalues (k,)."""
        ...


@dataclass(frozen=True)
class GradientFlow:
    """e^{−λτ/D} at times τ = η·steps (T,), 0 and ∞ included (Lee et al. 2019, Eq. 8).

    The divisor D is N·C for the loss ½·mean over N points and C channels, and 1 for ½·Σ.

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
            raise ValueError("times are a vector of numbers from 0 to infinity")
        if not 0 < self.divisor < float("inf"):
            raise ValueError(f"the divisor of a loss is a positive number, not {self.divisor}")

    def decay(self, eigenvalues: Tensor) -> Tensor:
        return torch.exp(-self._products(eigenvalues.clamp(min=0)))

    def response(self, eigenvalues: Tensor) -> Tensor:
        """−expm1(−λt)/λ with λ → 0 giving t, and 1/λ at t = ∞, where null directions stay as they are.

        A kernel has no negative eigenvalues; what rounding makes of null ones counts as 0.
        """
        eigenvalues = eigenvalues.clamp(min=0)
        scaled = self._scaled(eigenvalues)[:, None]  # (T, 1)
        exponent = self._products(eigenvalues)
        early = exponent.abs() < _EARLY
        finite = torch.where(early, scaled, -torch.expm1(-exponent) / torch.where(early, 1.0, eigenvalues))
        return torch.where(scaled.isinf() & _null(eigenvalues), 0.0, finite)

    def _scaled(self, eigenvalues: Tensor) -> Tensor:
        return self.times.to(eigenvalues) / self.divisor

    def _products(self, eigenvalues: Tensor) -> Tensor:
        """λt (T, k), with a null direction at t = ∞ counted as 0."""
        scaled = self._scaled(eigenvalues)[:, None]
        never = scaled.isinf() & _null(eigenvalues)
        return torch.where(never, 0.0, eigenvalues * scaled).nan_to_num(nan=0.0, posinf=torch.inf)


@dataclass(frozen=True)
class GradientDescent:
    """(1 − ηλ/D)^k after k steps of full-batch gradient descent at rate η, exactly; ``steps`` is (T,).

    Diverges, as the training would, where η > 2D/λ_max. The divisor D is as in ``GradientFlow``.

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
        """(1 − decay)/λ; k·η/D at λ = 0."""
        rate, steps = self.rate / self.divisor, self.steps.to(eigenvalues)[:, None]
        step = rate * eigenvalues
        inside = step.abs() < 0.5
        gentle = -torch.expm1(steps * torch.log1p(-torch.where(inside, step, 0.0)))
        change = torch.where(inside, gentle, 1 - (1 - step) ** steps)
        early = (steps * step).abs() < _EARLY
        return torch.where(early, steps * rate, change / torch.where(early, 1.0, eigenvalues))


def _null(eigenvalues: Tensor) -> Tensor:
    """Directions in which the kernel has no power, to rounding."""
    return eigenvalues <= _NULL * eigenvalues.abs().max()
