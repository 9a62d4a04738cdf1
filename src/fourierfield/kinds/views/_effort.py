"""The time and memory that a fit of posed pictures takes, before it starts."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from ...errors import TooLargeError
from ...networks._mlp import CoordinateNetwork
from ...training._estimate import WORKSPACE, available_memory
from ...training._loop import seconds_of_step
from ._draw import render_view
from ._field import ViewsField
from ._objective import RayObjective
from ._plan import ViewPlan
from ._record import SCORED_TRAINING
from ._signal import ViewsSignal

_SHARE = 0.8  # of the free memory that a run may plan with


@dataclass(frozen=True)
class SceneFit:
    """What a fit of views works on: the signal, its training and held-out ``views``, the plan, and the box.

    ``possible`` (n, n, n) bool marks the cells of the box that may hold anything.
    """

    signal: ViewsSignal
    views: tuple[np.ndarray, np.ndarray]
    plan: ViewPlan
    possible: Tensor

    def objective(self, network: CoordinateNetwork) -> RayObjective:
        """Return what training minimises."""
        training = self.plan.fit.training
        return RayObjective(self.signal, network, training, self.plan.rays, self.views, self.possible)

    def field(self, network: CoordinateNetwork, cells: Tensor) -> ViewsField:
        """Return the field of a trained network, whose occupied ``cells`` training found."""
        scene = replace(self.signal.scene, held_out=tuple(int(view) for view in self.views[1]))
        return ViewsField(network, scene, cells, self.plan.step, self.signal.description)


_PROBE_STEPS = 6  # steps that are timed
_SCORED_ON_CURVE = 24  # times that a run is scored (``curve_steps``), each for about half a step


@dataclass(frozen=True)
class ViewEffort:
    """Seconds ``per_step``, including its share of updating the occupancy grid, and ``per_picture`` that is rendered.

    Both fall along a run as more of the box is found empty, so sums of them are upper bounds. ``pictures`` is the
    number of pictures that are scored at the end.
    """

    per_step: float
    per_picture: float
    pictures: int

    def seconds(self, steps: int) -> float:
        """Return the seconds of training for so many steps and of scoring."""
        return (steps + _SCORED_ON_CURVE // 2) * self.per_step + self.per_picture * self.pictures

    def steps_in(self, seconds: float) -> int:
        """Return the number of steps that fit into so many seconds with the scores, which take at most half of them."""
        left = seconds - min(self.per_picture * self.pictures, seconds / 2)
        return max(1, int(0.95 * left / self.per_step) - _SCORED_ON_CURVE // 2)

    def scores(self, field: ViewsField) -> float:
        """Return the seconds that scoring takes, by one picture of the field as it is now."""
        return _seconds(lambda: render_view(field)) * self.pictures


def measure_effort(scene: SceneFit, network: CoordinateNetwork) -> ViewEffort:
    """Time a few steps and one picture on a copy of the network."""
    network = copy.deepcopy(network)
    plan = scene.plan.with_steps(_PROBE_STEPS)
    probe = replace(scene, plan=plan)
    network.to(plan.fit.training.device).train().requires_grad_(True)
    objective = probe.objective(network)
    per_step = seconds_of_step(objective, plan.fit.training, range(_PROBE_STEPS))
    looking = _seconds(lambda: objective.look_around(torch.Generator().manual_seed(0)))
    picture = _seconds(lambda: render_view(probe.field(network, objective.grid.cells)))
    pictures = len(scene.views[1]) + min(SCORED_TRAINING, len(scene.views[0]))
    return ViewEffort(per_step + looking / plan.rays.update_every, picture, pictures)


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


# Bytes at the peak of a fit beyond those of a tiny one (benchmarks/results/memory.csv).
_PER_SAMPLE = 255  # of a sample along a ray, looked at or not: length, mask, place, cell, values and their gradients
_ON_CURVE = 2048  # rays that are scored together
_PER_CELL = 90  # of a cell of the occupancy grid
_DRAWN = 1 << 15  # samples that are drawn together, with their features in three copies and values of two layers


def check_view_memory(signal: ViewsSignal, plan: ViewPlan) -> str:
    """Return, in words, the memory that network, batch, occupancy grid and pixel list need.

    Raises ``TooLargeError`` with the numbers if they would not fit.
    """
    mlp, training = plan.fit.mlp, plan.fit.training
    batch = training.batch_size or 1
    hidden = sum(fan_out for _, fan_out in mlp.layer_sizes)
    needed = int(
        WORKSPACE
        + 20 * mlp.parameters
        + max(batch, _ON_CURVE) * plan.rays.sampling.most * _PER_SAMPLE
        + _DRAWN * (12 * mlp.in_features + 16 * mlp.width)
        + 4096 * (8 * hidden + 12 * mlp.in_features)
        + plan.cells**3 * _PER_CELL
        + 16 * signal.shape[0] * signal.shape[1] * signal.shape[2]
    )
    free = available_memory(training.device)
    if needed > _SHARE * free:
        raise TooLargeError(
            f"{batch:,} rays of up to {plan.rays.sampling.most} samples through a network of {mlp.parameters:,} "
            f"parameters need {needed / 1e9:.1f} GB and {free / 1e9:.1f} GB are free; "
            "lower --batch-size, --features or --width"
        )
    return f"{needed / 1e9:.2g} GB of memory ({free / 1e9:.2g} GB free)"
