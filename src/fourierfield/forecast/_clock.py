"""The clock: the time of gradient flow that an optimiser has reached after each step.

Gradient descent needs no map: ``GradientDescent`` is exact. Adam divides each parameter's gradient by its recent root
mean square, so a step moves by rate/√(E g²) units of τ, and E g² follows from the flow itself: time runs ever faster as
the residual falls. The limit is the edge of stability, where rate/√(E g²) times the sharpness is
2(1 + β₁)/(1 − β₁) = 38 (Cohen et al. 2022, Eq. 2): beyond it a step overshoots along the steepest direction, which
raises E g² again. Nothing here is fitted to a signal, a bandwidth, a width or a rate. Two numbers were fitted once to
trained networks (``benchmarks/clock.py`` tabulates the error of the map): ``COHERENCE``, and ``ORTHOGONAL_PACE`` for
plans that move hidden matrices by orthogonal steps.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import torch
from torch import Tensor

from ..training._plan import TrainingPlan
from ..training._schedules import Schedule

_TINY = 1e-300  # stands for 0 in logarithms; close to the smallest float64
BETA_1, BETA_2 = 0.9, 0.999  # decay of Adam's first and second moment, as ``TrainingPlan`` sets them
EDGE = 2 * (1 + BETA_1) / (1 - BETA_1)  # 38: the largest preconditioned sharpness (Cohen et al. 2022, Eq. 2)
COHERENCE = 0.45  # progress of a step over that of the flow, as gradients turn and their moments lag; docs/forecast.md
ORTHOGONAL_PACE = 0.05  # a step W ← W − rate·s·UVᵀ is worth a step of Adam at 0.05·s of its rate; docs/forecast.md


@dataclass(frozen=True)
class GradientCurve:
    """The mean ``squares`` E g² (T,) of a parameter's gradient at ``times`` τ (T,) of gradient flow that rise from 0.

    ``sharpness`` is that of the loss: the rate λ_max/D at which its steepest direction decays.
    """

    times: Tensor
    squares: Tensor
    sharpness: float


def plan_times(curve: GradientCurve, plan: TrainingPlan) -> Tensor:
    """Compute the time τ of gradient flow after each step of a plan, (steps,).

    ``orthogonal`` steps slow Adam's time to their pace; weight decay and the noise of mini-batches are left out.
    """
    pace = min(1.0, ORTHOGONAL_PACE * plan.orthogonal) if plan.orthogonal else 1.0
    return adam_times(curve, plan.schedule, plan.steps, pace=pace)


def adam_times(curve: GradientCurve, schedule: Schedule, steps: int, *, pace: float = 1.0) -> Tensor:
    """Compute the time τ of gradient flow after each of Adam's ``steps`` steps, (steps,).

    τ_k = τ_{k−1} + min(c·rate_k/√v̂_k, 38/sharpness), where v̂ is Adam's own bias-corrected second moment (β₂ = 0.999)
    of the gradient that the flow has at τ_{k−1}, and c = 0.45·pace. The gradient is updated whenever the number of
    steps has grown by 1/64.

    >>> from fourierfield.training import ConstantRate
    >>> curve = GradientCurve(torch.tensor([0.0, 1.0]), torch.tensor([4.0, 4.0]), sharpness=1.0)
    >>> adam_times(curve, ConstantRate(1e-3), 3) * 1e4
    tensor([2.2500, 4.5000, 6.7500], dtype=torch.float64)
    """
    logs, knots = (np.log(np.maximum(x.double().numpy(), _TINY)) for x in (curve.squares, curve.times))
    most = EDGE / curve.sharpness if curve.sharpness else math.inf
    updates, rates = _updates(steps), _summed_rates(schedule, steps)
    time, moment, done, reached = 0.0, 0.0, 0, [0.0]
    for update in updates[1:]:
        square = math.exp(np.interp(math.log(max(time, _TINY)), knots, logs))
        kept = BETA_2 ** (update - done)
        moment = kept * moment + (1 - kept) * square
        root = math.sqrt(moment / (1 - BETA_2**update))
        if root > 0:  # a gradient of 0 has nothing left to learn
            time += min(COHERENCE * pace * (rates[update] - rates[done]) / root, (update - done) * most)
        reached.append(time)
        done = update
    return torch.from_numpy(np.interp(rates[1:], rates[updates], reached))


@cache
def _updates(steps: int) -> list[int]:
    """Return the step numbers, from 0 on, at which the gradient is updated."""
    found = [0]
    while found[-1] < steps:
        found.append(min(steps, found[-1] + max(1, found[-1] // 64)))
    return found


@lru_cache(maxsize=64)
def _summed_rates(schedule: Schedule, steps: int) -> np.ndarray:
    """Compute the sums of the rates of the first 0, 1, …, ``steps`` steps."""
    return np.cumsum([0.0, *(schedule.rate(step, steps) for step in range(steps))])
