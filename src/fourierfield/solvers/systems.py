"""What the solvers ask of an operator and a right side."""

from __future__ import annotations

import torch
from torch import Tensor

from ..operators import LinearOperator

__all__ = ["as_columns"]


def as_columns(operator: LinearOperator, right: Tensor) -> Tensor:
    """b (n, k) in the precision of operator and right side together.

    Raises ``ValueError`` for an operator that is not square and for a right side that does not fit it.
    """
    if operator.shape[0] != operator.shape[1]:
        raise ValueError(f"a solver takes a square operator, not {operator!r}")
    if right.ndim not in (1, 2) or right.shape[0] != operator.shape[0]:
        raise ValueError(f"{operator!r} takes a right side of {operator.shape[0]} rows, not {tuple(right.shape)}")
    columns = right[:, None] if right.ndim == 1 else right
    return columns.to(torch.promote_types(operator.dtype, right.dtype))
