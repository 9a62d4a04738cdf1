"""How long a reconstruction will take, before it starts."""

from __future__ import annotations

import time
from collections.abc import Callable

from ...problems.scans import ScanProblem, forward_map, gram_bound, measurements
from ...solvers import PrimalDual
from .local import local_penalty

__all__ = ["estimate_seconds"]

_STEPS = {True: 320, False: 2000}  # of the local solver, where its steps are all but Newton's, and where they are not
_PRODUCTS = {2: 200, 3: 70}  # with A Aᵀ, by one kernel for all places
_PROBE = 2
_OF_A_DRAW = {True: 80, False: 0.3}  # steps of the local solver; of what a kernel for all places takes itself


def estimate_seconds(problem: ScanProblem, *, adapt: bool, draws: int = 0) -> float:
    """Seconds that ``reconstruct``, and so many draws of what it leaves open, take at most or so, by the time of one
    step, the larger part of it."""
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
    """Of a second time: the first lays out memory and plans of FFTs."""
    work()
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
