"""The time and memory that fits of scans take, before they start."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch

from ...errors import TooLargeError
from ...grids._memory import free_memory, require_memory
from ...networks._mlp import CoordinateNetwork, MLPSpec
from ...solvers._sparse import PrimalDual
from ...training._estimate import available_memory
from ...training._loop import seconds_of_step
from ...training._optimiser import rows_at_once
from ...training._plan import TrainingPlan
from ._draws import numbers_at_once
from ._judging import gram_bound
from ._local import local_penalty
from ._pilot import Pilot
from ._plan import ScanPlan
from ._problem import Scan, ScanProblem, forward_map, measurements

_PROBE_STEPS = 5  # steps that are timed
_SCORED_ON_CURVE = 24  # times that a run is scored (``curve_steps``)


@dataclass(frozen=True)
class Effort:
    """Seconds of a step on the pilot and of a step on the scan."""

    on_pilot: float
    on_scan: float

    def seconds(self, plan: ScanPlan) -> float:
        """Return the seconds of all steps of a plan and of the scores along its way."""
        scan = plan.steps - plan.switch + _SCORED_ON_CURVE // 2
        return self.on_pilot * plan.switch + self.on_scan * scan

    def plan_in(self, seconds: float, plan: ScanPlan) -> ScanPlan:
        """Return the plan with the steps that fit into so many seconds, at most half of them on the scan itself."""
        left = max(0.0, 0.95 * seconds - self.on_scan * _SCORED_ON_CURVE / 2)
        if not plan.switch:
            return plan.with_steps(0, max(1, int(left / self.on_scan)))
        scan = max(1, min(plan.steps - plan.switch, int(0.5 * left / self.on_scan)))
        return plan.with_steps(max(1, int((left - scan * self.on_scan) / self.on_pilot)), scan)


def measure_effort(plan: ScanPlan, problem: ScanProblem, pilot: Pilot, network: CoordinateNetwork) -> Effort:
    """Time a few steps of each kind, which move the network a little."""
    network.to(plan.fit.training.device).train().requires_grad_(True)
    objective, training = plan.objective(problem, network, pilot), plan.fit.training
    on_scan = range(plan.switch, min(plan.switch + _PROBE_STEPS, plan.steps))
    on_pilot = range(min(plan.switch, 3 * _PROBE_STEPS))
    return Effort(*(seconds_of_step(objective, training, steps) for steps in (on_pilot, on_scan)))


_VECTORS = {2: 75, 3: 85}  # vectors of the field's length held at once: bands of details, FFTs, the solver's own
_ARRAYS = 8  # arrays of the size of what is drawn at a time


def check_scan_memory(signal: Scan, uncertainty: bool) -> str:
    """Return, in words, the memory that a kernel fit needs, with draws for its ``uncertainty`` if that is wanted.

    Raises ``TooLargeError`` with the numbers if it would not fit.
    """
    needed = 8 * signal.channels * math.prod(signal.image_shape) * _VECTORS[len(signal.image_shape)]
    needed += 8 * _ARRAYS * numbers_at_once(signal) if uncertainty else 0
    free = free_memory()
    shape = "×".join(map(str, signal.image_shape))
    advice = "give --slice, or bin the measurements"
    require_memory(needed, f"a kernel field of {shape} samples", advice, free=free)
    return f"{needed / 1e9:.2g} GB of memory ({free / 1e9:.2g} GB free)"


_STEPS = {True: 320, False: 2000}  # steps of the local solver, where they are nearly Newton's and where they are not
_PRODUCTS = {2: 200, 3: 70}  # products with A Aᵀ, by one kernel for all places
_PROBE = 2  # steps that are timed
_OF_A_DRAW = {True: 80, False: 0.3}  # steps of the local solver in a draw; share of a stationary solve in a draw


def estimate_seconds(problem: ScanProblem, *, adapt: bool, draws: int = 0) -> float:
    """Return about the most seconds that ``reconstruct`` and posterior ``draws`` take, by the time of one step."""
    scan = problem.training
    forward, measured = forward_map(scan), measurements(scan)
    by_start = 0.0
    if not adapt or scan.kind == "ct":
        by_start = _PRODUCTS[len(problem.image_shape)] * _seconds(lambda: forward @ (forward.H @ measured))
    if not adapt:
        return by_start * (1 + _OF_A_DRAW[False] * draws)
    gram = gram_bound(scan)
    solver = PrimalDual(forward, measured, local_penalty(scan.image_shape), channels=scan.channels, gram=gram, size=1.0)
    step = _seconds(lambda: solver.run(solver.unit, _PROBE)) / _PROBE
    return by_start + (_STEPS[gram is not None] + _OF_A_DRAW[True] * draws) * step


def _seconds(work: Callable[[], object]) -> float:
    """Return the seconds of the second call: the first allocates memory and plans FFTs."""
    work()
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


# Bytes at the peak of a fit beyond those of a tiny one (benchmarks/results/memory.csv).
_PER_POINT = 450  # of each point of the image
_RESIDUALS = 24e6  # of a step: the scan's map and the residuals of its measurements
_SHARE = 0.8  # of the free memory that a run may plan to use


def check_network_memory(mlp: MLPSpec, points: int, training: TrainingPlan) -> str:
    """Return, in words, the memory that training on a scan of an image of so many ``points`` needs.

    The image goes through the network in blocks on a CPU, and at once on a GPU. Raises ``TooLargeError`` with the
    numbers if it would not fit.
    """
    size = torch.finfo(training.precision).bits // 8
    outputs = sum(fan_out for _, fan_out in mlp.layer_sizes)
    rows = rows_at_once(min(training.batch_size or points, points), training)
    block = rows * (2 * outputs * size + mlp.in_features * (size + 8))
    needed, free = 20 * mlp.parameters + block + _RESIDUALS + _PER_POINT * points, available_memory(training.device)
    if needed > _SHARE * free:
        raise TooLargeError(
            f"a network of {mlp.parameters:,} parameters on an image of {points:,} points needs {needed / 1e9:.1f} GB "
            f"and {free / 1e9:.1f} GB are free; lower --features, --width or --depth, or give --slice"
        )
    return f"{needed / 1e9:.2g} GB of memory ({free / 1e9:.2g} GB free)"
