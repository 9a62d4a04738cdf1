"""The result of a solver, and the right side as all solvers take it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

import torch
from torch import Tensor

from ..operators._base import LinearOperator

T = TypeVar("T")
Other = TypeVar("Other")


class Status(Enum):
    """The way in which a solver ended; its value is the advice to give."""

    CONVERGED = "converged"
    TOO_FEW_STEPS = "not converged; allow more iterations, add a ridge, or precondition"
    NOT_POSITIVE_DEFINITE = "the operator is not positive definite to rounding; add a ridge or remove duplicate points"


@dataclass(frozen=True)
class Solution(Generic[T]):
    """A ``value``, the ``status`` with which the solver ended, and its relative estimate of the ``error``."""

    value: T
    status: Status
    iterations: int
    error: float

    @property
    def ok(self) -> bool:
        """Whether the tolerance was met."""
        return self.status is Status.CONVERGED

    def with_value(self, value: Other) -> Solution[Other]:
        """Return a solution of the same status for a value that was computed from this one."""
        return Solution(value, self.status, self.iterations, self.error)


def as_columns(operator: LinearOperator, right: Tensor) -> Tensor:
    """Return b as columns (n, k) in the common precision. Raises ``ValueError`` if it or the operator does not fit."""
    if operator.shape[0] != operator.shape[1]:
        raise ValueError(f"a solver takes a square operator, not {operator!r}")
    if right.ndim not in (1, 2) or right.shape[0] != operator.shape[0]:
        raise ValueError(f"{operator!r} takes a right side of {operator.shape[0]} rows, not {tuple(right.shape)}")
    columns = right[:, None] if right.ndim == 1 else right
    return columns.to(torch.promote_types(operator.dtype, right.dtype))
