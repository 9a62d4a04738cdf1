"""Reconstruct the values of a scan's field on a grid."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from torch import Tensor

from ...operators._toeplitz import Circulant
from ...solvers._cg import Watch
from ._judging import Unseen, climb
from ._local import LocalFit, LocalSolver
from ._posterior import Posterior, PosteriorSolver
from ._problem import ScanProblem, inner_problem

_BETTER = 0.99  # times the verdict on fields of least |c|: below it sparser ones are better
_FIRST, _FACTOR = 1e-1, 10.0  # first ridge of a kernel that is the same everywhere, and step to the next
_LOCAL_FIRST, _LOCAL_FACTOR = 1e-3, 10**0.5  # the same for a kernel whose amplitude is learnt
_SPARSER = 0.5  # the sparsity p of sparser fields, those of least |c|^p

Fit = TypeVar("Fit", Posterior, LocalFit)


@dataclass(frozen=True)
class Tried:
    """A ridge that was tried, with its errors.

    ``sparsity`` is 1 or less for a kernel with adapted amplitudes, and None for one that is the same everywhere, which
    is number ``start``. ``error`` is that of the unseen measurements, relative to their root mean square ``size``;
    ``distance`` is how far the field itself may be off according to them, relative; ``verdict`` combines both, and the
    best has the least.
    """

    ridge: float
    sparsity: float | None
    error: float
    distance: float
    verdict: float
    size: float
    start: int | None = None

    @property
    def adapted(self) -> bool:
        """Whether the kernel's amplitudes were adapted to places."""
        return self.sparsity is not None


@dataclass(frozen=True)
class Reconstruction:
    """The ``fit`` of a field's values on its grid, and how it was chosen.

    ``tried`` lists what was tried before, ``chosen`` is the best of it, and ``trial`` is its fit to all measurements
    but those it was judged by.
    """

    fit: Posterior | LocalFit
    tried: tuple[Tried, ...] = ()
    chosen: Tried | None = None
    trial: Posterior | LocalFit | None = None

    @property
    def parts(self) -> Tensor:
        """The values of the field, (p, n₁, …)."""
        return self.fit.parts

    @property
    def adapted(self) -> bool:
        """Whether the kernel's amplitude was learnt from place to place."""
        return isinstance(self.fit, LocalFit)


def reconstruct(
    problem: ScanProblem,
    starts: Sequence[Circulant],
    *,
    adapt: bool = True,
    ridge: float | None = None,
    seed: int = 0,
    report: Callable[[int], None] = lambda count: None,
    watch: Watch = lambda step, error: None,
) -> Reconstruction:
    """Reconstruct a field's values from its measurements.

    The kernel is the one of ``starts`` that predicts measurements best. With ``adapt`` it is one whose amplitude is
    learnt from place to place (``LocalFit``), unless one of ``starts`` predicts projections better.

    The ridge, if not given, and the sparsity of the amplitudes are chosen by how well a seventh of the training
    measurements, whole projections or places in k-space, is predicted from the others: from a middling ridge on, as
    long as the next one is better by 1 %. For Fourier samples, a kernel that is the same everywhere predicts nothing.
    With a given ``ridge`` nothing is chosen, and the first kernel is taken.
    """
    if ridge is not None:
        return Reconstruction(_by_ridge(problem, starts[0], ridge, adapt, watch))
    trials = _Trials(problem, seed, report, watch)
    stationary = not adapt or problem.training.kind == "ct"
    best = min((trials.of_start(at, one) for at, one in enumerate(starts)), key=_verdict) if stationary else None
    adapted = trials.adapted() if adapt else None
    if adapted is not None and (best is None or _verdict(adapted) <= _verdict(best)):
        final: Posterior | LocalFit = LocalSolver(problem.training, watch).final(adapted.fit)
        return Reconstruction(final, tuple(trials.tried), adapted.tried, adapted.fit)
    assert best is not None
    final = PosteriorSolver(problem.training, best.fit.prior, watch).fit(best.fit.ridge)
    return Reconstruction(final, tuple(trials.tried), best.tried, best.fit)


def _by_ridge(problem: ScanProblem, start: Circulant, ridge: float, adapt: bool, watch: Watch) -> Posterior | LocalFit:
    if not adapt:
        return PosteriorSolver(problem.training, start, watch).fit(ridge)
    solver = LocalSolver(problem.training, watch)
    return solver.final(solver.fit(ridge))


@dataclass(frozen=True)
class _Trial(Generic[Fit]):
    """A fit to all measurements but those it is judged by, and how it was judged."""

    fit: Fit
    tried: Tried


def _verdict(trial: _Trial[Posterior] | _Trial[LocalFit]) -> float:
    return trial.tried.verdict


class _Trials:
    """Fits that are judged by measurements of the training set which they do not see."""

    def __init__(self, problem: ScanProblem, seed: int, report: Callable[[int], None], watch: Watch) -> None:
        self._inner = inner_problem(problem, seed)
        self._unseen, self._report, self._watch = Unseen(self._inner), report, watch
        self.tried: list[Tried] = []

    def of_start(self, index: int, start: Circulant) -> _Trial[Posterior]:
        """Find the best ridge for a kernel that is the same everywhere."""
        solver = PosteriorSolver(self._inner.training, start, self._watch)

        def judge(ridge: float, before: _Trial[Posterior] | None) -> tuple[_Trial[Posterior], float]:
            return self._judged(solver.fit(ridge), ridge, None, index)

        return climb(judge, _FIRST, _FACTOR)[0]

    def adapted(self) -> _Trial[LocalFit]:
        """Find the best ridge for fields of least |c|, or for sparser ones if those are better."""
        solver = LocalSolver(self._inner.training, self._watch)

        def even(ridge: float, before: _Trial[LocalFit] | None) -> tuple[_Trial[LocalFit], float]:
            return self._judged(solver.fit(ridge, 1.0, before.fit if before else None), ridge, 1.0)

        best, verdict = climb(even, _LOCAL_FIRST, _LOCAL_FACTOR)

        def sparser(ridge: float, before: _Trial[LocalFit] | None) -> tuple[_Trial[LocalFit], float]:
            return self._judged(solver.fit(ridge, _SPARSER, (before or best).fit), ridge, _SPARSER)

        other, of_other = climb(sparser, best.tried.ridge, _LOCAL_FACTOR, worst=verdict)
        return other if of_other < _BETTER * verdict else best

    def _judged(
        self, found: Fit, ridge: float, sparsity: float | None, start: int | None = None
    ) -> tuple[_Trial[Fit], float]:
        error, distance = self._unseen.errors(found.parts)
        verdict = self._unseen.verdict(error, distance)
        tried = Tried(ridge, sparsity, error, distance, verdict, self._unseen.size, start)
        self.tried.append(tried)
        self._report(len(self.tried))
        return _Trial(found, tried), verdict
