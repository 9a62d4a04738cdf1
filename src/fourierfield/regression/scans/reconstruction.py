"""From a scan to the values of its field on a grid."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from torch import Tensor

from ...problems.scans import ScanProblem, Unseen, climb, inner_problem
from ...solvers import Watch
from .local import LocalFit, LocalSolver
from .posterior import Posterior, PosteriorSolver, Prior

__all__ = ["Reconstruction", "Tried", "reconstruct"]

_BETTER = 0.99  # times the distance of fields of least |c|: then sparser ones are better
_FIRST, _FACTOR = 1e-1, 10.0  # of ridges of a kernel that is the same everywhere
_LOCAL_FIRST, _LOCAL_FACTOR = 1e-3, 10**0.5  # of those of a kernel whose amplitude is learnt
_SPARSER = 0.5

Fit = TypeVar("Fit", Posterior, LocalFit)


@dataclass(frozen=True)
class Tried:
    """A ridge of a kernel with amplitudes that were adapted (``sparsity`` 1 or less) or not (None), the ``error`` of
    the measurements that it did not see, relative to their root mean square ``size``, and how far the field itself may
    be off by them (``distance``, relative): what is chosen by."""

    ridge: float
    sparsity: float | None
    error: float
    distance: float
    size: float

    @property
    def adapted(self) -> bool:
        """To places."""
        return self.sparsity is not None


@dataclass(frozen=True)
class Reconstruction:
    """The ``fit`` of a field's values on its grid, what was tried before, and the ``trial`` that was best: the fit to
    all but what it was judged by."""

    fit: Posterior | LocalFit
    tried: tuple[Tried, ...] = ()
    trial: Posterior | LocalFit | None = None

    @property
    def parts(self) -> Tensor:
        """Values of the field, (p, n₁, …)."""
        return self.fit.parts

    @property
    def adapted(self) -> bool:
        """Whether the kernel's amplitude was learnt from place to place."""
        return isinstance(self.fit, LocalFit)

    @property
    def chosen(self) -> Tried | None:
        """What was tried of the kernel that was chosen."""
        sparsity = self.fit.sparsity if isinstance(self.fit, LocalFit) else None
        same = [one for one in self.tried if (one.ridge, one.sparsity) == (self.fit.ridge, sparsity)]
        return same[0] if same else None


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
    learnt from place to place (``LocalFit``), unless ``start`` alone foretells projections better.

    The ridge that is not given, and the sparsity of the amplitudes, are chosen on a seventh of the training
    measurements, whole projections or places in k-space, that the others foretell: from a middling ridge on, as long as
    the next one is better by 1 %. Of Fourier samples a kernel that is the same everywhere foretells nothing.
    """
    if ridge is not None:
        return Reconstruction(_by_ridge(problem, start, ridge, adapt, watch))
    trial = _Trial(problem, seed, report)
    by_start = None
    if not adapt or problem.training.kind == "ct":
        solver = PosteriorSolver(trial.inner.training, start, watch)
        by_start = trial.best(lambda at, before: solver.fit(at), None, _FIRST, _FACTOR)
    if adapt:
        adapted = _adapted(trial, LocalSolver(trial.inner.training, watch))
        if by_start is None or adapted[1] <= by_start[1]:
            final: Posterior | LocalFit = LocalSolver(problem.training, watch).final(adapted[0])
            return Reconstruction(final, tuple(trial.tried), adapted[0])
    assert by_start is not None
    final = PosteriorSolver(problem.training, start, watch).fit(by_start[0].ridge)
    return Reconstruction(final, tuple(trial.tried), by_start[0])


def _by_ridge(problem: ScanProblem, start: Prior, ridge: float, adapt: bool, watch: Watch) -> Posterior | LocalFit:
    if not adapt:
        return PosteriorSolver(problem.training, start, watch).fit(ridge)
    solver = LocalSolver(problem.training, watch)
    return solver.final(solver.fit(ridge))


def _adapted(trial: _Trial, solver: LocalSolver) -> tuple[LocalFit, float]:
    """The best ridge for fields of least |c|, or the best for sparser ones where that is better."""
    even = trial.best(lambda ridge, before: solver.fit(ridge, 1.0, before), 1.0, _LOCAL_FIRST, _LOCAL_FACTOR)
    sparser = trial.best(
        lambda ridge, before: solver.fit(ridge, _SPARSER, before or even[0]),
        _SPARSER,
        even[0].ridge,
        _LOCAL_FACTOR,
        worst=even[1],
    )
    return sparser if sparser[1] < _BETTER * even[1] else even


class _Trial:
    """Fits judged by measurements of the training set that they do not see."""

    def __init__(self, problem: ScanProblem, seed: int, report: Callable[[int], None]) -> None:
        self.inner = inner_problem(problem, seed)
        self._unseen, self._report = Unseen(self.inner), report
        self.tried: list[Tried] = []

    def best(
        self,
        solve: Callable[[float, Fit | None], Fit],
        sparsity: float | None,
        first: float,
        factor: float,
        worst: float = math.inf,
    ) -> tuple[Fit, float]:
        """Fit and distance for the best ridge."""

        def judged(ridge: float, before: Fit | None) -> tuple[Fit, float]:
            found = solve(ridge, before)
            error, distance = self._unseen.errors(found.parts)
            self.tried.append(Tried(ridge, sparsity, error, distance, self._unseen.size))
            self._report(len(self.tried))
            return found, distance

        return climb(judged, first, factor, worst=worst)
