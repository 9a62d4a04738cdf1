"""From a scan to the values of its field on a grid."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from torch import Tensor

from ...problems.scans import ScanProblem, Unseen, climb, inner_problem
from ...solvers import Watch
from .local import LocalFit, LocalSolver
from .posterior import Posterior, PosteriorSolver, Prior

__all__ = ["Reconstruction", "Tried", "reconstruct"]

_BETTER = 0.99  # times the verdict on fields of least |c|: then sparser ones are better
_FIRST, _FACTOR = 1e-1, 10.0  # of ridges of a kernel that is the same everywhere
_LOCAL_FIRST, _LOCAL_FACTOR = 1e-3, 10**0.5  # of those of a kernel whose amplitude is learnt
_SPARSER = 0.5

Fit = TypeVar("Fit", Posterior, LocalFit)


@dataclass(frozen=True)
class Tried:
    """A ridge of a kernel with amplitudes that were adapted (``sparsity`` 1 or less) or not (None; which of them is
    ``start``), the ``error`` of the measurements that it did not see, relative to their root mean square ``size``, how
    far the field itself may be off by them (``distance``, relative), and the ``verdict`` on both: the best has the
    least."""

    ridge: float
    sparsity: float | None
    error: float
    distance: float
    verdict: float
    size: float
    start: int | None = None

    @property
    def adapted(self) -> bool:
        """To places."""
        return self.sparsity is not None


@dataclass(frozen=True)
class Reconstruction:
    """The ``fit`` of a field's values on its grid, what was tried before, what was ``chosen`` of it and the ``trial``
    that this was: the fit to all but what it was judged by."""

    fit: Posterior | LocalFit
    tried: tuple[Tried, ...] = ()
    chosen: Tried | None = None
    trial: Posterior | LocalFit | None = None

    @property
    def parts(self) -> Tensor:
        """Values of the field, (p, n₁, …)."""
        return self.fit.parts

    @property
    def adapted(self) -> bool:
        """Whether the kernel's amplitude was learnt from place to place."""
        return isinstance(self.fit, LocalFit)


def reconstruct(
    problem: ScanProblem,
    starts: Sequence[Prior],
    *,
    adapt: bool = True,
    ridge: float | None = None,
    seed: int = 0,
    report: Callable[[int], None] = lambda count: None,
    watch: Watch = lambda step, error: None,
) -> Reconstruction:
    """A field's values from its measurements: by that of the kernels ``starts`` which foretells them best or, to
    ``adapt``, by one whose amplitude is learnt from place to place (``LocalFit``), unless one of ``starts`` alone
    foretells projections better.

    The ridge that is not given, and the sparsity of the amplitudes, are chosen on a seventh of the training
    measurements, whole projections or places in k-space, that the others foretell: from a middling ridge on, as long as
    the next one is better by 1 %. Of Fourier samples a kernel that is the same everywhere foretells nothing. With a
    ``ridge`` there is nothing to choose by, and the first kernel is taken.
    """
    if ridge is not None:
        return Reconstruction(_by_ridge(problem, starts[0], ridge, adapt, watch))
    trials = _Trials(problem, seed, report, watch)
    stationary = not adapt or problem.training.kind == "ct"
    best = min((trials.of_start(at, one) for at, one in enumerate(starts)), key=_verdict) if stationary else None
    adapted = trials.adapted() if adapt else None
    if adapted is not None and (best is None or _verdict(adapted) <= _verdict(best)):
        final: Posterior | LocalFit = LocalSolver(problem.training, watch).final(adapted.fit)
        return Reconstruction(final, tuple(trials.tried), adapted.told, adapted.fit)
    assert best is not None
    final = PosteriorSolver(problem.training, best.fit.prior, watch).fit(best.fit.ridge)
    return Reconstruction(final, tuple(trials.tried), best.told, best.fit)


def _by_ridge(problem: ScanProblem, start: Prior, ridge: float, adapt: bool, watch: Watch) -> Posterior | LocalFit:
    if not adapt:
        return PosteriorSolver(problem.training, start, watch).fit(ridge)
    solver = LocalSolver(problem.training, watch)
    return solver.final(solver.fit(ridge))


@dataclass(frozen=True)
class _Trial(Generic[Fit]):
    """A fit to all but what it is judged by, and what that tells."""

    fit: Fit
    told: Tried


def _verdict(trial: _Trial[Posterior] | _Trial[LocalFit]) -> float:
    return trial.told.verdict


class _Trials:
    """Fits judged by measurements of the training set that they do not see."""

    def __init__(self, problem: ScanProblem, seed: int, report: Callable[[int], None], watch: Watch) -> None:
        self._inner = inner_problem(problem, seed)
        self._unseen, self._report, self._watch = Unseen(self._inner), report, watch
        self.tried: list[Tried] = []

    def of_start(self, index: int, start: Prior) -> _Trial[Posterior]:
        """The best ridge for a kernel that is the same everywhere."""
        solver = PosteriorSolver(self._inner.training, start, self._watch)

        def judge(ridge: float, before: _Trial[Posterior] | None) -> tuple[_Trial[Posterior], float]:
            return self._judged(solver.fit(ridge), ridge, None, index)

        return climb(judge, _FIRST, _FACTOR)[0]

    def adapted(self) -> _Trial[LocalFit]:
        """The best ridge for fields of least |c|, or the best for sparser ones where that is better."""
        solver = LocalSolver(self._inner.training, self._watch)

        def even(ridge: float, before: _Trial[LocalFit] | None) -> tuple[_Trial[LocalFit], float]:
            return self._judged(solver.fit(ridge, 1.0, before.fit if before else None), ridge, 1.0)

        best, verdict = climb(even, _LOCAL_FIRST, _LOCAL_FACTOR)

        def sparser(ridge: float, before: _Trial[LocalFit] | None) -> tuple[_Trial[LocalFit], float]:
            return self._judged(solver.fit(ridge, _SPARSER, (before or best).fit), ridge, _SPARSER)

        other, of_other = climb(sparser, best.told.ridge, _LOCAL_FACTOR, worst=verdict)
        return other if of_other < _BETTER * verdict else best

    def _judged(
        self, found: Fit, ridge: float, sparsity: float | None, start: int | None = None
    ) -> tuple[_Trial[Fit], float]:
        error, distance = self._unseen.errors(found.parts)
        verdict = self._unseen.verdict(error, distance)
        told = Tried(ridge, sparsity, error, distance, verdict, self._unseen.size, start)
        self.tried.append(told)
        self._report(len(self.tried))
        return _Trial(found, told), verdict
