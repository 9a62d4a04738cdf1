"""From a scan to the values of its field on a grid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from torch import Tensor

from ...operators import LinearOperator
from ...problems.scans import ScanProblem, forward_map, inner_problem, measurements
from ...signals.scans import SinogramSignal
from ...solvers import Watch
from .adapt import local_kernel
from .posterior import Posterior, Prior, posterior_mean

__all__ = ["Reconstruction", "Tried", "reconstruct"]

_FIRST = 1e-1
_FACTOR = {2: 10.0, 3: 100.0}  # between two ridges, in planes and volumes
_LEAST, _MOST = 1e-8, 1e3
_START = 1e-3
_ROUNDS, _TRIAL_ROUNDS = 8, {2: 2, 3: 1}
_STEPS = {2: 60, 3: 20}  # of conjugate gradients, in planes and volumes
_BETTER = 0.99  # times the error so far: then a smaller ridge is better, and the next one is tried


@dataclass(frozen=True)
class Tried:
    """A ridge, with amplitudes that were adapted or not, and the ``error`` of the measurements that it did not see,
    relative to their root mean square ``size``."""

    ridge: float
    error: float
    adapted: bool
    size: float


@dataclass(frozen=True)
class Reconstruction:
    """Values of a field on its grid, ``parts`` (p, n₁, …), and the kernel and ridge that gave them."""

    parts: Tensor
    prior: Prior
    ridge: float
    last: Posterior
    iterations: int
    adapted: bool
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
    taken from place to place from what was found before (``local_kernel``), eight times over, unless ``start`` alone
    foretells better.

    The ridge that is not given is chosen on a seventh of the training measurements, whole projections or places in
    k-space, that the others foretell: from a middling one on, as long as the next one is better by 1 %.
    """
    run = _Run(problem, start, watch)
    if ridge is not None:
        found = run.stationary(max(ridge, _START) if adapt else ridge)
        return run.adapted(found.parts, ridge, _ROUNDS) if adapt else found
    trial = _Trial(problem, start, seed, report, watch)
    by_start = trial.best(lambda ridge, before: trial.run.stationary(ridge))
    best = by_start
    if adapt:
        rounds = _TRIAL_ROUNDS[len(problem.image_shape)]
        first = trial.run.stationary(_START).parts
        adapted = trial.best(
            lambda ridge, before: trial.run.adapted(first if before is None else before, ridge, rounds)
        )
        best = min(by_start, adapted, key=lambda found: found.tried[-1].error)
    final = run.adapted(best.parts, best.ridge, _ROUNDS) if best.adapted else run.stationary(best.ridge)
    return replace(final, tried=tuple(trial.tried))


class _Run:
    """Solves for one problem."""

    def __init__(self, problem: ScanProblem, start: Prior, watch: Watch) -> None:
        self._problem, self._start, self._watch = problem, start, watch
        self._measured, self._forward = measurements(problem.training), forward_map(problem.training)
        self._most = _STEPS[len(problem.image_shape)]
        self._positive = isinstance(problem.training, SinogramSignal)  # nothing emits what was sent through it

    def stationary(self, ridge: float) -> Reconstruction:
        """By the kernel that is the same everywhere."""
        return self._solved(self._start, ridge, 0)

    def adapted(self, parts: Tensor, ridge: float, rounds: int) -> Reconstruction:
        """From a first guess, amplitudes and values by turns."""
        done, found = 0, None
        for _ in range(rounds):
            found = self._solved(local_kernel(parts, positive=self._positive), ridge, done)
            done, parts = found.iterations, found.parts
        assert found is not None
        return found

    def _solved(self, prior: Prior, ridge: float, done: int) -> Reconstruction:
        last = posterior_mean(
            self._problem.training,
            self._measured,
            prior,
            ridge,
            forward=self._forward,
            most=self._most,
            watch=self._watch,
        )
        parts = last.mean.reshape(self._problem.channels, *self._problem.image_shape)
        parts = parts.clamp(min=0) if self._positive else parts
        return Reconstruction(parts, prior, ridge, last, done + last.iterations, prior is not self._start)


class _Trial:
    """Ridges judged by measurements of the training set that a fit does not see."""

    def __init__(
        self, problem: ScanProblem, start: Prior, seed: int, report: Callable[[int], None], watch: Watch
    ) -> None:
        inner = inner_problem(problem, seed)
        assert inner.held_out is not None
        self.run = _Run(inner, start, watch)
        self.tried: list[Tried] = []
        self._unseen = _Unseen(forward_map(inner.held_out), measurements(inner.held_out))
        self._factor, self._report = _FACTOR[len(problem.image_shape)], report

    def best(self, solve: Callable[[float, Tensor | None], Reconstruction]) -> Reconstruction:
        """From a middling ridge upwards or, where that is no better, downwards, each begun with the values of the best
        one so far, as long as the next is better by 1 %."""
        first = best = self._judged(solve, _FIRST, None)
        for factor in (self._factor, 1 / self._factor):
            if best is not first:
                break
            ridge = _FIRST * factor
            while _LEAST < ridge < _MOST:
                found = self._judged(solve, ridge, best)
                if found.tried[-1].error > _BETTER * best.tried[-1].error:
                    break
                best, ridge = found, ridge * factor
        return best

    def _judged(
        self, solve: Callable[[float, Tensor | None], Reconstruction], ridge: float, before: Reconstruction | None
    ) -> Reconstruction:
        found = solve(ridge, None if before is None else before.parts)
        tried = Tried(ridge, self._unseen.error(found.parts), found.adapted, self._unseen.size)
        self.tried.append(tried)
        self._report(len(self.tried))
        return replace(found, tried=(tried,))


@dataclass(frozen=True)
class _Unseen:
    """Measurements that are foretold."""

    forward: LinearOperator
    measured: Tensor

    @property
    def size(self) -> float:
        """Root mean square."""
        return float(self.measured.square().mean().sqrt())

    def error(self, parts: Tensor) -> float:
        """‖A f − y‖/‖y‖."""
        return float((self.forward @ parts.reshape(-1) - self.measured).norm() / self.measured.norm())
