"""Picking entries out of a vector."""

from __future__ import annotations

import torch
from torch import Tensor

from .base import LinearOperator

__all__ = ["Sampling"]


class Sampling(LinearOperator):
    """x ↦ x[indices]; the adjoint puts values back and leaves zeros elsewhere.

    Raises ``ValueError`` unless the indices are distinct integers from 0 to ``size`` − 1.

    >>> Sampling(torch.tensor([2, 0]), 3) @ torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)
    tensor([3., 1.], dtype=torch.float64)
    """

    def __init__(self, indices: Tensor, size: int, dtype: torch.dtype = torch.float64) -> None:
        super().__init__((len(indices), size), dtype, indices.device)
        if indices.is_floating_point() or indices.dtype == torch.bool or indices.ndim != 1:
            raise ValueError(f"{self!r} takes a vector of integers, not {indices.dtype} {tuple(indices.shape)}")
        if len(indices) and (int(indices.min()) < 0 or int(indices.max()) >= size):
            raise ValueError(f"{self!r} takes indices from 0 to {size - 1}")
        if bool((torch.bincount(indices, minlength=size) > 1).any()):
            raise ValueError(f"{self!r} takes each entry at most once")
        self.indices = indices

    def _forward(self, x: Tensor) -> Tensor:
        return x.T[:, self.indices].T  # columns lie one after the other, as FFTs like them

    def _adjoint(self, y: Tensor) -> Tensor:
        return y.new_zeros(y.shape[1], self.shape[1]).index_copy_(1, self.indices, y.T).T
