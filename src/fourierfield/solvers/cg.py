"""Conjugate gradients."""

from __future__ import annotations

import torch
from torch import Tensor

from ..operators import LinearOperator
from .solution import Solution, Status

__all__ = ["conjugate_gradients"]


def conjugate_gradients(
    operator: LinearOperator,
    right: Tensor,
    *,
    preconditioner: LinearOperator | None = None,
    tolerance: float = 1e-8,
    most: int = 1000,
) -> Solution[Tensor]:
    """x with K x = b for symmetric positive definite K, columns of b (n,) or (n, k) side by side.

    Stops when every ‖b − K x‖ ≤ tolerance·‖b‖ (Hestenes & Stiefel 1952; preconditioned as in Golub & Van Loan 2013,
    Algorithm 11.5.1). ``preconditioner`` approximates K⁻¹.

    >>> from fourierfield.operators import DenseOperator
    >>> operator = DenseOperator(torch.tensor([[4.0, 1.0], [1.0, 3.0]], dtype=torch.float64))
    >>> conjugate_gradients(operator, torch.tensor([1.0, 2.0], dtype=torch.float64)).value
    tensor([0.0909, 0.6364], dtype=torch.float64)
    """
    b = right[:, None] if right.ndim == 1 else right
    x, residual = torch.zeros_like(b), b.clone()
    scale = b.norm(dim=0).clamp_min(torch.finfo(b.dtype).tiny)
    search = _precondition(preconditioner, residual).clone()
    product = (residual * search).sum(0)
    status, step = Status.TOO_FEW_STEPS, 0
    for step in range(1, most + 1):
        if _error(residual, scale) <= tolerance:
            step -= 1
            break
        image = operator @ search
        curvature = (search * image).sum(0)
        if bool((curvature < 0).any()):
            status = Status.NOT_POSITIVE_DEFINITE
            break
        length = _ratio(product, curvature)
        x += length * search
        residual -= length * image
        directed = _precondition(preconditioner, residual)
        previous, product = product, (residual * directed).sum(0)
        search = directed + _ratio(product, previous) * search
    error = _error(residual, scale)
    if error <= tolerance:
        status = Status.CONVERGED
    return Solution(x[:, 0] if right.ndim == 1 else x, status, step, error)


def _error(residual: Tensor, scale: Tensor) -> float:
    return float((residual.norm(dim=0) / scale).max())


def _precondition(preconditioner: LinearOperator | None, residual: Tensor) -> Tensor:
    return residual if preconditioner is None else preconditioner @ residual


def _ratio(numerator: Tensor, denominator: Tensor) -> Tensor:
    """0 for a column that is solved to the last bit."""
    return torch.where(denominator > 0, numerator / denominator, 0.0)
