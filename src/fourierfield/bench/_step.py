"""The benchmark of the training step: its arithmetic rate against the machine's rate of matrix products."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch

from ..encodings._families import gaussian
from ..grids._arrays import as_signal
from ..networks._mlp import MLP, CoordinateNetwork, MLPSpec
from ..problems._grid import GridProblem, grid_problem
from ..tasks._plan import plan_fit
from ..tasks._settings import FitSettings
from ..training._loop import Progress, TrainingRun, train
from ..training._plan import TrainingPlan
from ..training._schedules import WarmupCosine

_SIDE = 128  # pixels along each axis of the image, 16,384 points in all
_SQUARE = 2048  # rows of the square matrices whose product shows the machine's rate: beyond its caches


@dataclass(frozen=True)
class StepBenchmark:
    """The median time of a training step, its arithmetic, and the rate of a plain matrix product for comparison."""

    precision: str
    step_ms: float
    step_gflops: float
    product_gflops_per_s: float

    @property
    def rate_gflops_per_s(self) -> float:
        """The rate of the arithmetic in the step's matrix products."""
        return self.step_gflops / self.step_ms * 1e3

    @property
    def share(self) -> float:
        """The step's rate as a share of the machine's."""
        return self.rate_gflops_per_s / self.product_gflops_per_s


def measure_step(precision: torch.dtype, repeats: int = 40) -> StepBenchmark:
    """Time the step of ``training.train`` itself: depth 4, width 256, 512 features in, 16,384 points, γ precomputed.

    The arithmetic is 2·points·weights each for the forward pass, for the gradients of the weights, and from the second
    layer on for the gradients of the layers' inputs. The machine's rate is the better of a square product (2048) and
    one of the step's own shape.
    """
    rate = _product_rate(precision)
    plan = TrainingPlan(steps=repeats + 8, schedule=WarmupCosine(1e-3), precision=precision)
    seconds = _step_seconds(plan)
    rate = max(rate, _product_rate(precision))
    return StepBenchmark(str(precision).removeprefix("torch."), seconds * 1e3, _arithmetic(MLPSpec(512, 3)) / 1e9, rate)


def orthogonal_cost(repeats: int = 100) -> float:
    """Compute the time of a step of the default preset over that of the same step by Adam alone."""
    problem = _problem()
    default = plan_fit(problem, FitSettings(steps=repeats)).training
    return _step_seconds(default) / _step_seconds(replace(default, orthogonal=0.0))


def _problem() -> GridProblem:
    return grid_problem(as_signal(np.random.default_rng(0).random((_SIDE, _SIDE, 3), dtype=np.float32)))


def _step_seconds(plan: TrainingPlan) -> float:
    """Measure the median seconds of those steps of a plan that are not scored."""
    generator = torch.Generator().manual_seed(0)
    network = CoordinateNetwork(gaussian(2, 10.0, generator=generator), MLP(MLPSpec(512, 3), generator))
    marks: list[float] = []
    scored: set[int] = set()

    def mark(progress: Progress) -> None:
        marks.append(time.perf_counter())
        if progress.loss is not None:
            scored.add(progress.step)

    train(_problem(), network, plan, TrainingRun(report=mark))
    return statistics.median(
        b - a for step, (a, b) in enumerate(itertools.pairwise(marks), start=2) if step not in scored
    )


def _arithmetic(spec: MLPSpec) -> float:
    weights = [fan_in * fan_out for fan_in, fan_out in spec.layer_sizes]
    return 2.0 * _SIDE * _SIDE * (2 * sum(weights) + sum(weights[1:]))


def _product_rate(precision: torch.dtype) -> float:
    shapes = [(_SQUARE, _SQUARE, _SQUARE), (_SIDE * _SIDE, 512, 256)]
    return max(_rate_of_shape(*shape, precision) for shape in shapes)


def _rate_of_shape(rows: int, inner: int, columns: int, precision: torch.dtype) -> float:
    left, right = torch.randn(rows, inner).to(precision), torch.randn(inner, columns).to(precision)
    out = torch.empty(rows, columns, dtype=precision)
    seconds = median_seconds(lambda: torch.mm(left, right, out=out))
    return 2e-9 * rows * inner * columns / seconds


def median_seconds(action: Callable[[], object], repeats: int = 20) -> float:
    """Measure the median seconds of an action, after two runs that do not count."""
    for _ in range(2):
        action()
    durations = []
    for _ in range(repeats):
        start = time.perf_counter()
        action()
        durations.append(time.perf_counter() - start)
    return statistics.median(durations)
