"""The base class of linear operators, their algebra, and scaled identities, diagonals, samplings and dense matrices."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import overload

import torch
from torch import Tensor


class LinearOperator(ABC):
    """A linear map (n,) → (m,): ``A @ x`` for x (n,) or (n, k), the adjoint ``A.H``, ``A @ B``, ``A + B``, ``2 * A``.

    Subclasses map blocks of columns, (n, k) → (m, k) and back. Raises ``ValueError`` with the operator's name if shapes
    do not fit.
    """

    def __init__(
        self, shape: tuple[int, int], dtype: torch.dtype = torch.float64, device: torch.device | None = None
    ) -> None:
        self.shape, self.dtype, self.device = shape, dtype, device or torch.device("cpu")

    @abstractmethod
    def _forward(self, x: Tensor) -> Tensor:
        """Return A x for x (n, k)."""

    @abstractmethod
    def _adjoint(self, y: Tensor) -> Tensor:
        """Return Aᴴ y for y (m, k)."""

    @property
    def H(self) -> LinearOperator:  # noqa: N802 - the adjoint's usual name
        """The adjoint Aᴴ."""
        return _Adjoint(self)

    @overload
    def __matmul__(self, other: Tensor) -> Tensor: ...
    @overload
    def __matmul__(self, other: LinearOperator) -> LinearOperator: ...
    def __matmul__(self, other: Tensor | LinearOperator) -> Tensor | LinearOperator:
        if isinstance(other, LinearOperator):
            return _Product(self, other)
        if other.ndim not in (1, 2) or other.shape[0] != self.shape[1]:
            raise ValueError(f"{self!r} takes ({self.shape[1]},) or ({self.shape[1]}, k), not {tuple(other.shape)}")
        columns = (other[:, None] if other.ndim == 1 else other).to(torch.promote_types(self.dtype, other.dtype))
        if columns.shape[1] == 0:
            return columns.new_zeros(self.shape[0], 0)
        result = self._forward(columns)
        return result[:, 0] if other.ndim == 1 else result

    def __add__(self, other: LinearOperator) -> LinearOperator:
        return _Sum(self, other)

    def __rmul__(self, factor: float) -> LinearOperator:
        return _Product(ScaledIdentity(self.shape[0], factor, self.dtype, self.device), self)

    def to_dense(self) -> Tensor:
        """Return the matrix (m, n), by applying the map to unit vectors."""
        return self @ torch.eye(self.shape[1], dtype=self.dtype, device=self.device)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.shape[0]}×{self.shape[1]})"


class SelfAdjoint(LinearOperator):
    """A map (n,) → (n,) that is its own adjoint."""

    def __init__(self, size: int, dtype: torch.dtype = torch.float64, device: torch.device | None = None) -> None:
        super().__init__((size, size), dtype, device)

    def _adjoint(self, y: Tensor) -> Tensor:
        return self._forward(y)


class ScaledIdentity(SelfAdjoint):
    """The map x ↦ factor·x."""

    def __init__(
        self, size: int, factor: float = 1.0, dtype: torch.dtype = torch.float64, device: torch.device | None = None
    ) -> None:
        super().__init__(size, dtype, device)
        self.factor = factor

    def _forward(self, x: Tensor) -> Tensor:
        return self.factor * x


class Diagonal(SelfAdjoint):
    """The map x ↦ d∘x for a real ``diagonal`` d (n,).

    >>> Diagonal(torch.tensor([1.0, 2.0])) @ torch.ones(2)
    tensor([1., 2.])
    """

    def __init__(self, diagonal: Tensor) -> None:
        super().__init__(len(diagonal), diagonal.dtype, diagonal.device)
        self.diagonal = diagonal

    def _forward(self, x: Tensor) -> Tensor:
        return self.diagonal[:, None] * x


class _Adjoint(LinearOperator):
    def __init__(self, of: LinearOperator) -> None:
        super().__init__((of.shape[1], of.shape[0]), of.dtype, of.device)
        self._of = of

    @property
    def H(self) -> LinearOperator:  # noqa: N802
        return self._of

    def _forward(self, x: Tensor) -> Tensor:
        return self._of._adjoint(x)

    def _adjoint(self, y: Tensor) -> Tensor:
        return self._of._forward(y)

    def __repr__(self) -> str:
        return f"{self._of!r}.H"


class _Product(LinearOperator):
    def __init__(self, left: LinearOperator, right: LinearOperator) -> None:
        if left.shape[1] != right.shape[0]:
            raise ValueError(f"{left!r} and {right!r} do not fit together")
        super().__init__((left.shape[0], right.shape[1]), torch.promote_types(left.dtype, right.dtype), left.device)
        self._left, self._right = left, right

    def _forward(self, x: Tensor) -> Tensor:
        return self._left._forward(self._right._forward(x))

    def _adjoint(self, y: Tensor) -> Tensor:
        return self._right._adjoint(self._left._adjoint(y))

    def __repr__(self) -> str:
        return f"{self._left!r} @ {self._right!r}"


class _Sum(LinearOperator):
    def __init__(self, left: LinearOperator, right: LinearOperator) -> None:
        if left.shape != right.shape:
            raise ValueError(f"{left!r} and {right!r} cannot be added")
        super().__init__(left.shape, torch.promote_types(left.dtype, right.dtype), left.device)
        self._left, self._right = left, right

    def _forward(self, x: Tensor) -> Tensor:
        return self._left._forward(x) + self._right._forward(x)

    def _adjoint(self, y: Tensor) -> Tensor:
        return self._left._adjoint(y) + self._right._adjoint(y)

    def __repr__(self) -> str:
        return f"({self._left!r} + {self._right!r})"


class Sampling(LinearOperator):
    """The map x ↦ x[indices]; its adjoint puts the values back and leaves zeros elsewhere.

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
        return x.T[:, self.indices].T  # each column is contiguous, which suits FFTs

    def _adjoint(self, y: Tensor) -> Tensor:
        return y.new_zeros(y.shape[1], self.shape[1]).index_copy_(1, self.indices, y.T).T


class DenseOperator(LinearOperator):
    """The map x ↦ M x for a matrix M (m, n)."""

    def __init__(self, matrix: Tensor) -> None:
        super().__init__((matrix.shape[0], matrix.shape[1]), matrix.dtype, matrix.device)
        self.matrix = matrix

    def _forward(self, x: Tensor) -> Tensor:
        return self.matrix.to(x.dtype) @ x

    def _adjoint(self, y: Tensor) -> Tensor:
        return self.matrix.mH.to(y.dtype) @ y

    def to_dense(self) -> Tensor:
        return self.matrix
