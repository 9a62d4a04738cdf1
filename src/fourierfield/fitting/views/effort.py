"""How long a fit of views will take, by trying a few steps."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch

from ...networks import CoordinateNetwork
from ...rendering import render_view
from ...training.optimiser import Optimiser
from .record import SCORED_TRAINING
from .task import ViewTask

__all__ = ["ViewEffort", "measure_effort"]

_PROBE_STEPS, _PROBE_RATE = 6, 1e-6
_SCORED_ON_CURVE = 24  # times that a run is scored, each for about half a step


@dataclass(frozen=True)
class ViewEffort:
    """Seconds ``per_step``, with its share of looking around, and ``per_picture``. Both fall along a run as more of the
    box is found empty, so what is made of them are upper bounds."""

    per_step: float
    per_picture: float

    def seconds(self, task: ViewTask) -> float:
        """Of all the steps of a task, and the pictures that are scored at the end."""
        steps = task.plan.fit.training.steps + _SCORED_ON_CURVE // 2
        return steps * self.per_step + self.per_picture * _pictures(task)

    def steps_in(self, seconds: float, task: ViewTask) -> int:
        """Steps that may be taken in so long; one at least."""
        left = seconds - self.per_picture * _pictures(task)
        return max(1, int(0.95 * left / self.per_step) - _SCORED_ON_CURVE // 2)


def measure_effort(task: ViewTask, network: CoordinateNetwork) -> ViewEffort:
    """Take a few steps and draw one picture, on a copy of the network."""
    network = copy.deepcopy(network)
    plan = task.plan.with_steps(_PROBE_STEPS)
    probe = replace(task, plan=plan)
    network.to(plan.fit.training.device).train().requires_grad_(True)
    objective = probe.objective(network)
    optimiser = Optimiser(objective.parameters, plan.fit.training)
    marks = [time.perf_counter()]
    for step in range(_PROBE_STEPS):
        optimiser.clear()
        objective.accumulate(step)
        optimiser.step(_PROBE_RATE)
        marks.append(time.perf_counter())
    per_step = float(np.median(np.diff(marks)))
    looking = _seconds(lambda: objective.look_around(torch.Generator().manual_seed(0)))
    picture = _seconds(lambda: render_view(probe.field(network, objective.grid.cells)))
    return ViewEffort(per_step + looking / plan.rays.update_every, picture)


def _pictures(task: ViewTask) -> int:
    return len(task.views[1]) + min(SCORED_TRAINING, len(task.views[0]))


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
