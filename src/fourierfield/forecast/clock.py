"""From an optimiser's steps to the time of gradient flow.

Gradient descent needs no map: ``GradientDescent`` is exact. Adam divides each parameter's gradient by its recent root
mean square, so a step moves by rate/√(E g²) units of τ, and E g² follows from the flow itself: time runs ever faster as
the residual falls. It cannot run faster than the edge of stability lets it, where rate/√(E g²) times the sharpness is
2(1 + β₁)/(1 − β₁) = 38 (Cohen et al. 2022, Eq. 2): beyond, a step overshoots along the steepest direction, which raises
E g² again. Nothing in this is fitted to a signal, a bandwidth, a width or a rate; one number, ``COHERENCE``, was
fitted once to trained networks (``benchmarks/clock.py``, where the error of the map is tabulated), and a second one for
plans that move hidden matrices by orthogonal steps.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import torch
from torch import Tensor

from ..training import Schedule, TrainingPlan

__all__ = ["GradientCurve", "adam_times", "plan_times"]

_TINY = 1e-300
BETA_1, BETA_2 = 0.9, 0.999
EDGE = 2 * (1 + BETA_1) / (1 - BETA_1)
COHERENCE = 0.45  # a step's progress over that of the flow: gradients turn, and their moments lag behind
ORTHOGONAL_PACE = 0.05  # a step W ← W − rate·s·UVᵀ is worth one of Adam's at about 0.05·s of its rate


@dataclass(frozen=True)
class GradientCurve:
    """E g² (T,) of a parameter at times τ (T,) of gradient flow that rise from 0, and the ``sharpness`` of the loss,
    the rate λ_max/D at which its steepest direction decays."""

    times: Tensor
    squares: Tensor
    sharpness: float


def plan_times(curve: GradientCurve, plan: TrainingPlan) -> Tensor:
    """Time τ after each step of a plan, (steps,): Adam's, or for ``plan.orthogonal`` that of Adam at the pace that such
    steps keep. Weight decay, which slowly draws the function back, and the noise of mini-batches are left out."""
    pace = min(1.0, ORTHOGONAL_PACE * plan.orthogonal) if plan.orthogonal else 1.0
    return adam_times(curve, plan.schedule, plan.steps, pace=pace)


def adam_times(curve: GradientCurve, schedule: Schedule, steps: int, *, pace: float = 1.0) -> Tensor:
    """Time τ of gradient flow after each of Adam's ``steps`` steps, (steps,).

    τ_k = τ_{k−1} + min(c·rate_k/√v̂_k, 38/sharpness) with v̂ Adam's own bias-corrected second moment (β₂ = 0.999) of
    the gradient that the flow has at τ_{k−1}, and c = 0.45·pace. The gradient is looked at again whenever the number of
    steps has grown by 1/64.

    >>> from fourierfield.training import ConstantRate
    >>> curve = GradientCurve(torch.tensor([0.0, 1.0]), torch.tensor([4.0, 4.0]), sharpness=1.0)
    >>> adam_times(curve, ConstantRate(1e-3), 3) * 1e4
    tensor([2.2500, 4.5000, 6.7500], dtype=torch.float64)
    """
    logs, knots = (np.log(np.maximum(x.double().numpy(), _TINY)) for x in (curve.squares, curve.times))
    most = EDGE / curve.sharpness if curve.sharpness else math.inf
    looks, rates = _looks(steps), _summed_rates(schedule, steps)
    time, moment, done, reached = 0.0, 0.0, 0, [0.0]
    for look in looks[1:]:
        square = math.exp(np.interp(math.log(max(time, _TINY)), knots, logs))
        kept = BETA_2 ** (look - done)
        moment = kept * moment + (1 - kept) * square
        root = math.sqrt(moment / (1 - BETA_2**look))
        if root > 0:  # otherwise nothing is left to learn
            time += min(COHERENCE * pace * (rates[look] - rates[done]) / root, (look - done) * most)
        reached.append(time)
        done = look
    return torch.from_numpy(np.interp(rates[1:], rates[looks], reached))


@cache
def _looks(steps: int) -> list[int]:
    """Numbers of steps from 0 on at which the gradient is looked at."""
    found = [0]
    while found[-1] < steps:
        found.append(min(steps, found[-1] + max(1, found[-1] // 64)))
    return found


@lru_cache(maxsize=64)
def _summed_rates(schedule: Schedule, steps: int) -> np.ndarray:
    """Sums of the rates of the first 0, 1, …, ``steps`` steps."""
    return np.cumsum([0.0, *(schedule.rate(step, steps) for step in range(steps))])
