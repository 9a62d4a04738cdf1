"""A solver for dense positive definite systems."""

from __future__ import annotations

import torch
from torch import Tensor

from ..operators._base import LinearOperator
from ._solution import Solution, Status, as_columns


def cholesky_solve(operator: LinearOperator, right: Tensor, *, tolerance: float = 1e-6) -> Solution[Tensor]:
    """Solve K x = b for symmetric positive definite K by the Cholesky factor of its matrix; b is (n,) or (n, k).

    The solution's ``error`` is the largest ‖b − K x‖/‖b‖. Its status is ``NOT_POSITIVE_DEFINITE`` if rounding leaves an
    error above ``tolerance``, or if the factorisation breaks down, which makes the value NaN.

    >>> from fourierfield.operators._base import DenseOperator
    >>> operator = DenseOperator(torch.tensor([[4.0, 1.0], [1.0, 3.0]], dtype=torch.float64))
    >>> cholesky_solve(operator, torch.tensor([1.0, 2.0], dtype=torch.float64)).value
    tensor([0.0909, 0.6364], dtype=torch.float64)
    """
    b = as_columns(operator, right)
    matrix = operator.to_dense().to(b.dtype)
    factor, failed = torch.linalg.cholesky_ex(matrix)
    if bool(failed):
        return Solution(b.new_full(right.shape, torch.nan), Status.NOT_POSITIVE_DEFINITE, 0, float("inf"))
    x = torch.cholesky_solve(b, factor)
    error = float(((b - matrix @ x).norm(dim=0) / b.norm(dim=0).clamp_min(torch.finfo(b.dtype).tiny)).max())
    status = Status.CONVERGED if error <= tolerance else Status.NOT_POSITIVE_DEFINITE
    return Solution(x[:, 0] if right.ndim == 1 else x, status, 1, error)
