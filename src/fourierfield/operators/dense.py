"""A matrix as an operator."""

from __future__ import annotations

from torch import Tensor

from .base import LinearOperator

__all__ = ["DenseOperator"]


class DenseOperator(LinearOperator):
    """x ↦ M x for a matrix M (m, n)."""

    def __init__(self, matrix: Tensor) -> None:
        super().__init__((matrix.shape[0], matrix.shape[1]), matrix.dtype, matrix.device)
        self.matrix = matrix

    def _forward(self, x: Tensor) -> Tensor:
        return self.matrix.to(x.dtype) @ x

    def _adjoint(self, y: Tensor) -> Tensor:
        return self.matrix.mH.to(y.dtype) @ y

    def to_dense(self) -> Tensor:
        return self.matrix
