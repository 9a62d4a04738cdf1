"""Conjugate gradients."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from ..operators._base import LinearOperator
from ._solution import Solution, Status, as_columns

Watch = Callable[[int, float], None]  # takes the steps done and the largest relative residual


def conjugate_gradients(
    operator: LinearOperator,
    right: Tensor,
    *,
    preconditioner: LinearOperator | None = None,
    tolerance: float = 1e-8,
    most: int = 1000,
    watch: Watch = lambda step, error: None,
) -> Solution[Tensor]:
    """Solve K x = b for symmetric positive definite K by conjugate gradients, columns of b (n,) or (n, k) side by side.

    The run stops when every ‖b − K x‖ ≤ tolerance·‖b‖ (Hestenes & Stiefel 1952; preconditioned as in Golub & Van Loan
    2013, Algorithm 11.5.1). This is checked by a product with K and not only by the recurrence: if rounding drove the
    two apart, the run starts again from x. ``preconditioner`` approximates K⁻¹ and must be positive definite too.
    ``watch`` is called before each step with the number of steps done and the largest relative residual by the
    recurrence; an exception that it raises ends the run. The solution's ``error`` is the largest ‖b − K x‖/‖b‖.

    >>> from fourierfield.operators._base import DenseOperator
    >>> operator = DenseOperator(torch.tensor([[4.0, 1.0], [1.0, 3.0]], dtype=torch.float64))
    >>> conjugate_gradients(operator, torch.tensor([1.0, 2.0], dtype=torch.float64)).value
    tensor([0.0909, 0.6364], dtype=torch.float64)
    """
    b = as_columns(operator, right)
    norms = b.norm(dim=0)
    limit = max(tolerance, torch.finfo(b.dtype).eps) * norms
    x, residual = torch.zeros_like(b), b
    previous: tuple[Tensor, Tensor] | None = None  # search direction and rᵀM r
    status, step = Status.TOO_FEW_STEPS, 0
    while True:
        active = _above(residual, limit)
        if not bool(active.any()):
            residual, previous = b - operator @ x, None
            active = _above(residual, limit)
            if not bool(active.any()):
                status = Status.CONVERGED
        if status is Status.CONVERGED or step == most:
            break
        watch(step, _largest(residual, norms))
        search, product = previous = _direction(residual, preconditioner, previous)
        image = operator @ search
        curvature = (search * image).sum(0)
        if bool((active & ~((curvature > 0) & (product > 0))).any()):
            status = Status.NOT_POSITIVE_DEFINITE
            break
        length = torch.where(active, product / curvature, 0.0)  # columns that are solved stay as they are
        x += length * search
        residual, step = residual - length * image, step + 1
    error = _largest(b - operator @ x, norms)
    return Solution(x[:, 0] if right.ndim == 1 else x, status, step, error)


def _largest(residual: Tensor, norms: Tensor) -> float:
    """Return max ‖r‖/‖b‖ over the columns."""
    return float((residual.norm(dim=0) / norms.clamp_min(torch.finfo(norms.dtype).tiny)).max())


def _above(residual: Tensor, limit: Tensor) -> Tensor:
    """Return a mask of the columns that are not solved; a column with NaN never is."""
    return ~(residual.norm(dim=0) <= limit)


def _direction(
    residual: Tensor, preconditioner: LinearOperator | None, previous: tuple[Tensor, Tensor] | None
) -> tuple[Tensor, Tensor]:
    """Return the next search direction, conjugate to the previous one, and rᵀM r."""
    directed = residual if preconditioner is None else preconditioner @ residual
    product = (residual * directed).sum(0)
    if previous is None:
        return directed, product
    search, before = previous
    conjugate = torch.where(before > 0, product / before, 0.0) * search
    return conjugate.add_(directed), product
