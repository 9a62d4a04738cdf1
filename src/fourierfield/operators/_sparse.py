"""A sparse matrix as an operator."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ._base import LinearOperator


class SparseOperator(LinearOperator):
    """The map x ↦ S x for a real SciPy sparse matrix S (m, n), on the CPU; S and its transpose are both kept by rows.

    >>> import scipy.sparse
    >>> SparseOperator(scipy.sparse.eye(2) * 3) @ torch.ones(2, dtype=torch.float64)
    tensor([3., 3.], dtype=torch.float64)
    """

    def __init__(self, matrix: Any) -> None:
        rows, columns = matrix.shape
        super().__init__((rows, columns))
        self.matrix = matrix.tocsr()
        self._rows = _by_rows(self.matrix)
        self._columns = _by_rows(self.matrix.T.tocsr())

    def _forward(self, x: Tensor) -> Tensor:
        return _product(self._rows, x)

    def _adjoint(self, y: Tensor) -> Tensor:
        return _product(self._columns, y)


def _by_rows(matrix: Any) -> Tensor:
    """Convert to PyTorch's format by rows, whose product uses all threads if the indices have 32 bits."""
    small = max(matrix.nnz, *matrix.shape) < 1 << 31
    ends, numbers = (
        torch.from_numpy(part.astype(np.int32 if small else np.int64)) for part in (matrix.indptr, matrix.indices)
    )
    values = torch.from_numpy(np.ascontiguousarray(matrix.data, dtype=np.float64))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # PyTorch warns that the format is in beta
        return torch.sparse_csr_tensor(ends, numbers, values, size=matrix.shape, check_invariants=False)


def _product(matrix: Tensor, x: Tensor) -> Tensor:
    if 0 in matrix.shape or x.shape[1] == 0 or not matrix.values().numel():
        return x.new_zeros(matrix.shape[0], x.shape[1])
    return torch.stack([torch.mv(matrix, column.double().contiguous()) for column in x.unbind(1)], dim=1)
