"""What a solver returns."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

__all__ = ["Solution", "Status"]

T = TypeVar("T")
Other = TypeVar("Other")


class Status(Enum):
    """How a solver ended; the value is the advice."""

    CONVERGED = "converged"
    TOO_FEW_STEPS = "not converged; allow more iterations, add a ridge, or precondition"
    NOT_POSITIVE_DEFINITE = "the operator is not positive definite to rounding; add a ridge or remove duplicate points"


@dataclass(frozen=True)
class Solution(Generic[T]):
    """``value`` with the ``status`` it was reached in; ``error`` is the solver's relative estimate of what it lacks."""

    value: T
    status: Status
    iterations: int
    error: float

    @property
    def ok(self) -> bool:
        """Whether the tolerance was met."""
        return self.status is Status.CONVERGED

    def with_value(self, value: Other) -> Solution[Other]:
        """The same status for what was made of the value."""
        return Solution(value, self.status, self.iterations, self.error)
