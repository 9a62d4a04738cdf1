"""The largest singular value of a map."""

from __future__ import annotations

import math

import torch

from ..operators import LinearOperator

__all__ = ["largest_singular_value"]

_STEPS = 20


def largest_singular_value(operator: LinearOperator, steps: int = _STEPS) -> float:
    """‖A‖₂ by the power method, a few per cent below or above it: 1.05 times the last estimate."""
    vector = torch.randn(operator.shape[1], dtype=operator.dtype, generator=torch.Generator().manual_seed(0))
    size = 0.0
    for _ in range(steps):
        vector = operator.H @ (operator @ vector)
        size = float(vector.norm())
        if size == 0:
            return 1.0
        vector = vector / size
    return 1.05 * math.sqrt(size)
