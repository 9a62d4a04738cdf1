"""How long a run will take, before it starts."""

from __future__ import annotations

import time

import torch

from ..networks import MLPSpec
from .gradients import rows_at_once
from .plan import TrainingPlan

__all__ = ["estimate_seconds", "in_words"]

_SHARE = 0.65  # of the rate of bare matrix products that steps reach, other work included
_ORTHOGONAL = 1.3  # times as long as a step by Adam alone
_TRIALS = 5


def estimate_seconds(mlp: MLPSpec, samples: int, plan: TrainingPlan) -> float:
    """Seconds that the plan's steps take on this machine: 6·weights·rows operations a step, at two thirds of the rate
    of a few matrix products of the same kind, which are timed here (some 20 ms). Right to a third or so."""
    rows = min(plan.batch_size or samples, samples)
    block = rows_at_once(rows, plan)
    left = torch.randn(block, mlp.width, device=plan.device).to(plan.precision)
    right = torch.randn(mlp.width, mlp.width, device=plan.device).to(plan.precision)
    rate = 2 * block * mlp.width**2 / _fastest(left, right)
    weights = sum(fan_in * fan_out for fan_in, fan_out in mlp.layer_sizes)
    work = 6 * weights * rows * plan.steps
    return work / (_SHARE * rate) * (_ORTHOGONAL if plan.orthogonal else 1.0)


def _fastest(left: torch.Tensor, right: torch.Tensor) -> float:
    found = []
    for _ in range(_TRIALS):
        started = time.perf_counter()
        left @ right
        if left.is_cuda:
            torch.cuda.synchronize()
        found.append(time.perf_counter() - started)
    return max(min(found), 1e-9)


def in_words(seconds: float) -> str:
    """Rounded as an estimate deserves.

    >>> in_words(0.3), in_words(47.0), in_words(700.0), in_words(9000.0)
    ('a second', '50 s', '12 min', '2.5 h')
    """
    if seconds < 1.5:
        return "a second"
    if seconds < 100:
        return f"{float(f'{seconds:.1g}'):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
