"""Dense positive definite systems."""

from __future__ import annotations

import torch
from torch import Tensor

from ..operators import LinearOperator
from .solution import Solution, Status

__all__ = ["cholesky_solve"]


def cholesky_solve(operator: LinearOperator, right: Tensor) -> Solution[Tensor]:
    """x with K x = b for symmetric positive definite K, by the factor of its matrix; b is (n,) or (n, k).

    The value is NaN with status ``NOT_POSITIVE_DEFINITE`` where the factorisation breaks down.
    """
    b = right[:, None] if right.ndim == 1 else right
    matrix = operator.to_dense()
    factor, failed = torch.linalg.cholesky_ex(matrix)
    if bool(failed):
        return Solution(torch.full_like(right, torch.nan), Status.NOT_POSITIVE_DEFINITE, 0, float("inf"))
    x = torch.cholesky_solve(b, factor)
    error = float((b - matrix @ x).norm() / b.norm().clamp_min(torch.finfo(b.dtype).tiny))
    return Solution(x[:, 0] if right.ndim == 1 else x, Status.CONVERGED, 1, error)
