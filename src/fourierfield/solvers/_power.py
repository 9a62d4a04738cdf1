"""The largest singular value of a map, by the power method."""

from __future__ import annotations

import math

import torch

from ..operators._base import LinearOperator

_STEPS = 20  # of the power method: enough for a few per cent


def largest_singular_value(operator: LinearOperator, steps: int = _STEPS) -> float:
    """Estimate ‖A‖₂ by the power method, to a few per cent either way.

    The result is 1.05 times the last estimate, or 1 if A is zero.
    """
    vector = torch.randn(operator.shape[1], dtype=operator.dtype, generator=torch.Generator().manual_seed(0))
    size = 0.0
    for _ in range(steps):
        vector = operator.H @ (operator @ vector)
        size = float(vector.norm())
        if size == 0:
            return 1.0
        vector = vector / size
    return 1.05 * math.sqrt(size)
