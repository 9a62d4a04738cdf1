"""One map for several vectors, and complex maps as real ones."""

from __future__ import annotations

import torch
from torch import Tensor

from .base import LinearOperator

__all__ = ["ComplexAsReal", "OfReal", "Repeated"]


class Repeated(LinearOperator):
    """diag(A, …, A): a map applied to each of ``count`` parts of a vector, one after the other.

    >>> from fourierfield.operators import DenseOperator
    >>> Repeated(DenseOperator(torch.tensor([[1.0, 1.0]])), 2) @ torch.tensor([1.0, 2.0, 3.0, 4.0])
    tensor([3., 7.])
    """

    def __init__(self, operator: LinearOperator, count: int) -> None:
        super().__init__((count * operator.shape[0], count * operator.shape[1]), operator.dtype, operator.device)
        self.operator, self.count = operator, count

    def _forward(self, x: Tensor) -> Tensor:
        return _side_by_side(self.operator._forward, x, self.count)

    def _adjoint(self, y: Tensor) -> Tensor:
        return _side_by_side(self.operator._adjoint, y, self.count)


class OfReal(LinearOperator):
    """x ↦ (Re A x, Im A x) for real x: a complex map (n,) → (m,) as a real one, (n,) → (2m,).

    Its adjoint is (u, v) ↦ Re Aᴴ(u + iv), so that ⟨A x, y⟩ is the real inner product.
    """

    def __init__(self, operator: LinearOperator) -> None:
        super().__init__((2 * operator.shape[0], operator.shape[1]), torch.float64, operator.device)
        self.operator = operator

    def _forward(self, x: Tensor) -> Tensor:
        found = self.operator._forward(x.to(self.operator.dtype))
        return torch.cat([found.real, found.imag])

    def _adjoint(self, y: Tensor) -> Tensor:
        return self.operator._adjoint(torch.complex(*y.contiguous().tensor_split(2))).real


class ComplexAsReal(LinearOperator):
    """(Re x, Im x) ↦ (Re A x, Im A x): a complex map (n,) → (m,) as a real one, (2n,) → (2m,)."""

    def __init__(self, operator: LinearOperator) -> None:
        rows, columns = operator.shape
        super().__init__((2 * rows, 2 * columns), torch.float64, operator.device)
        self.operator = operator

    def _forward(self, x: Tensor) -> Tensor:
        found = self.operator._forward(torch.complex(*x.contiguous().tensor_split(2)))
        return torch.cat([found.real, found.imag])

    def _adjoint(self, y: Tensor) -> Tensor:
        found = self.operator._adjoint(torch.complex(*y.contiguous().tensor_split(2)))
        return torch.cat([found.real, found.imag])


def _side_by_side(apply, x: Tensor, count: int) -> Tensor:  # type: ignore[no-untyped-def]
    """``apply``, which takes (n, k), to ``count`` parts of x (count·n, k) in one go."""
    n, k = x.shape[0] // count, x.shape[1]
    parts = apply(x.reshape(count, n, k).transpose(0, 1).reshape(n, count * k))
    return parts.reshape(-1, count, k).transpose(0, 1).reshape(-1, k)
