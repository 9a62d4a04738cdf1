"""From a scan to the values of its field on a grid."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from torch import Tensor

from ...operators import HaarGram, LinearOperator
from ...problems.scans import ScanProblem, forward_map, measurements, scan_problem
from ...signals import RandomHoldOut
from ...signals.scans import SinogramSignal
from ...solvers import Watch
from .adapt import local_variances
from .posterior import Posterior, Prior, posterior_mean

__all__ = ["Reconstruction", "Tried", "reconstruct"]

_RIDGES = {2: (1.0, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7), 3: (1.0, 1e-1, 1e-3, 1e-5, 1e-7)}
_SHARE = 0.15  # of the measurements, by which ridges are judged
_START = 1e-3
_ROUNDS, _TRIAL_ROUNDS = 5, {2: 2, 3: 1}
_STEPS = {2: 60, 3: 20}  # of conjugate gradients, in planes and volumes
_BETTER = 0.99  # times the error so far: then a smaller ridge is better, and the next one is tried


@dataclass(frozen=True)
class Tried:
    """A ridge and the relative error of the measurements that it did not see."""

    ridge: float
    error: float


@dataclass(frozen=True)
class Reconstruction:
    """Values of a field on its grid, ``parts`` (p, n₁, …), and the kernel and ridge that gave them."""

    parts: Tensor
    prior: Prior
    ridge: float
    last: Posterior
    iterations: int
    tried: tuple[Tried, ...] = ()


def reconstruct(
    problem: ScanProblem,
    start: Prior,
    *,
    adapt: bool = True,
    ridge: float | None = None,
    seed: int = 0,
    report: Callable[[int], None] = lambda count: None,
    watch: Watch = lambda step, error: None,
) -> Reconstruction:
    """A field's values from its measurements: by the kernel ``start`` alone or, to ``adapt``, by one whose amplitude is
    taken from place to place from what was found before (``local_variances``), five times over.

    The ridge that is not given is chosen on a seventh of the training measurements, whole projections or places in
    k-space, that the others foretell: the largest within 1 % of the best.
    """
    tried: tuple[Tried, ...] = ()
    found: Tensor | None = None
    if ridge is None:
        ridge, tried, found = _choose(problem, start, adapt, seed, report, watch)
    run = _Run(problem, start, watch)
    if not adapt:
        return replace(run.stationary(ridge), tried=tried)
    if found is None:
        found = run.stationary(max(ridge, _START)).parts
    return replace(run.adapted(found, ridge, _ROUNDS), tried=tried)


class _Run:
    """Solves for one problem."""

    def __init__(self, problem: ScanProblem, start: Prior, watch: Watch) -> None:
        self._problem, self._start, self._watch = problem, start, watch
        self._measured = measurements(problem.training)
        self._most = _STEPS[len(problem.image_shape)]

    def stationary(self, ridge: float) -> Reconstruction:
        """By the kernel that is the same everywhere."""
        return self._solved(self._start, ridge, 0)

    def adapted(self, parts: Tensor, ridge: float, rounds: int) -> Reconstruction:
        """From a first guess, amplitudes and values by turns."""
        done, found = 0, None
        for _ in range(rounds):
            found = self._solved(HaarGram(local_variances(parts)), ridge, done)
            done, parts = found.iterations, found.parts
        assert found is not None
        return found

    def _solved(self, prior: Prior, ridge: float, done: int) -> Reconstruction:
        last = posterior_mean(self._problem.training, self._measured, prior, ridge, most=self._most, watch=self._watch)
        parts = last.mean.reshape(self._problem.channels, *self._problem.image_shape)
        if isinstance(self._problem.training, SinogramSignal):
            parts = parts.clamp(min=0)  # nothing emits what was sent through it
        return Reconstruction(parts, prior, ridge, last, done + last.iterations)


def _choose(
    problem: ScanProblem, start: Prior, adapt: bool, seed: int, report: Callable[[int], None], watch: Watch
) -> tuple[float, tuple[Tried, ...], Tensor]:
    """The ridge, all that were tried, and the values by the best of them."""
    inner = scan_problem(problem.training, RandomHoldOut(_SHARE, seed))
    assert inner.held_out is not None
    run, unseen = _Run(inner, start, watch), _Unseen(forward_map(inner.held_out), measurements(inner.held_out))
    tried: list[Tried] = []
    dimensions = len(problem.image_shape)
    best, kept = math.inf, None
    parts = run.stationary(_START).parts if adapt else None
    for ridge in _RIDGES[dimensions]:
        found = run.stationary(ridge) if parts is None else run.adapted(parts, ridge, _TRIAL_ROUNDS[dimensions])
        parts = found.parts if adapt else None
        tried.append(Tried(ridge, unseen.error(found.parts)))
        report(len(tried))
        if kept is not None and tried[-1].error > _BETTER * best:
            break
        best, kept = tried[-1].error, found
    assert kept is not None
    return kept.ridge, tuple(tried), kept.parts


@dataclass(frozen=True)
class _Unseen:
    """Measurements that are foretold."""

    forward: LinearOperator
    measured: Tensor

    def error(self, parts: Tensor) -> float:
        """‖A f − y‖/‖y‖."""
        return float((self.forward @ parts.reshape(-1) - self.measured).norm() / self.measured.norm())
