"""The search for an encoding: every candidate is forecast on the inner problem, the best ones more closely."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from ..encodings._spec import EncodingSpec
from ..errors import SettingsError
from ..forecast._finite import FiniteForecast, Traits, finite_width, noise_share
from ..problems._grid import GridProblem
from ._candidates import anisotropic, finer, first_candidates, other_counts, per_axis_ratio
from ._forecasts import Trainee, forecast_inner, forecast_network, inner_problem, reference_network
from ._inner import InnerProblem

# Candidates that are forecast on all windows: the best of all, and of the family that is preferred among equals. They
# bound the work.
FINALISTS, FAVOURITES = 5, 2
ROUNDS = 2  # of halving the ladder's steps around the best bandwidth: to a quarter of a step
EARLIER = (1.0, 0.5, 0.25, 0.125)  # shares of the steps at which training may end
CLEARLY = 0.05  # dB by which an earlier end must be better: less is not worth a change
Report = Callable[[int], None]


@dataclass(frozen=True)
class Budget:
    """The largest number of ``steps``, and the time by which the search ends.

    Steps that the user named are ``fixed``: training then ends no earlier. After ``until`` (``time.perf_counter``) the
    search ends with the candidates that it has.
    """

    steps: int
    fixed: bool = False
    until: float | None = None

    @property
    def choices(self) -> list[int]:
        """The numbers of steps that may be taken, the largest first.

        >>> Budget(1600).choices
        [1600, 800, 400, 200]
        """
        return [self.steps] if self.fixed else sorted({max(1, int(self.steps * s)) for s in EARLIER}, reverse=True)


@dataclass(frozen=True)
class Candidate:
    """An encoding with the number of steps that suits it best, and its forecast.

    The scores are those of training samples left out at random, or for a ``smooth`` signal of points between them.
    ``closely`` states whether all windows were forecast or only one, ``noise_share`` is the share of noise in the
    error, and ``seconds`` is the time that the forecast took.
    """

    encoding: EncodingSpec
    steps: int
    scores: FiniteForecast
    closely: bool
    noise_share: float = 0.0
    smooth: bool = False
    seconds: float = field(default=0.0, compare=False)

    @property
    def favourite(self) -> str:
        """The family preferred among equals: Gaussian, whose forecasts err least, or log-uniform if smooth."""
        return "log-uniform" if self.smooth else "gaussian"

    @property
    def held_out_psnr_db(self) -> float:
        """The forecast held-out PSNR, by which candidates are ranked."""
        assert self.scores.held_out_psnr_db is not None
        return self.scores.held_out_psnr_db


def tune(
    problem: GridProblem,
    trainee: Trainee,
    budget: Budget,
    features: int | None = None,
    *,
    family: str | None = None,
    inner: InnerProblem | None = None,
    report: Report = lambda count: None,
) -> list[Candidate]:
    """Forecast all candidates of one ``family`` or of all, and return them in order of their forecast, the best first.

    The families' ladders of bandwidths are tried on one window of the training samples. On all windows follow the best
    of them, the bandwidths between, one bandwidth per axis if the signal's slopes differ, and half and twice as many
    frequencies (unless ``features`` fixes their number). Held-out values of the problem are never used. ``inner`` is
    the inner problem, by default that of ``problem`` and the trainee; ``report`` is called with the number of
    candidates forecast so far. Raises ``SettingsError`` for a ``family`` whose bandwidths the tuner does not search.
    """
    ladder = first_candidates(problem.samples_per_unit, problem.domain.dimensions, features)
    ladder = [encoding for encoding in ladder if family in (None, encoding.family)]
    if not ladder:
        raise SettingsError(f"no bandwidths are known to try for the {family} encoding; choose one with --bandwidth")
    inner = inner or inner_problem(problem, trainee.mlp)
    search = _Search(trainee, budget, problem.samples_per_unit, report)
    rough = sorted(search.forecast(inner.first_look(problem), ladder), key=_by_score)
    favourites = [candidate for candidate in rough if candidate.encoding.family == candidate.favourite]
    finalists = dict.fromkeys(c.encoding for c in rough[:FINALISTS] + favourites[:FAVOURITES])
    close = search.forecast(inner, finalists, closely=True)
    for level in range(ROUNDS):
        best = min(close or rough, key=_by_score).encoding
        close += search.forecast(inner, finer(best, level, problem.samples_per_unit), closely=True)
    best = min(close or rough, key=_by_score).encoding
    counts = other_counts(best, problem.domain.dimensions) if features is None else []
    variants = [anisotropic(best, per_axis_ratio(inner.slopes)), *counts]
    close += search.forecast(inner, [variant for variant in variants if variant is not None], closely=True)
    return sorted(close + _levelled(rough, close), key=_by_score)


def _levelled(rough: list[Candidate], close: list[Candidate]) -> list[Candidate]:
    """Return the rough candidates, moved by the mean step from rough to close, but not above the best close one."""
    nearer = {candidate.encoding: candidate.held_out_psnr_db for candidate in close}
    shifts = [nearer[c.encoding] - c.held_out_psnr_db for c in rough if c.encoding in nearer]
    shift = sum(shifts) / len(shifts) if shifts else 0.0
    rest = [replace(c, scores=c.scores.shifted(shift)) for c in rough if c.encoding not in nearer]
    best = max(nearer.values(), default=math.inf)
    return [
        c if c.held_out_psnr_db <= best else replace(c, scores=c.scores.shifted(best - c.held_out_psnr_db))
        for c in rest
    ]


def _by_score(candidate: Candidate) -> float:
    return -candidate.held_out_psnr_db


def _on_signal(scores: FiniteForecast, noise: float) -> FiniteForecast:
    """Take the gain over theory out of the share of the error that is noise: a choice must not depend on it."""
    assert scores.held_out_psnr_db is not None
    share = noise_share(noise, scores.held_out_psnr_db - scores.gain_db)
    return scores.shifted(-share * scores.gain_db)


def _clearly(best: Candidate) -> float:
    """Return by how many dB an earlier end must be better: less if most of the error is noise, which stays."""
    return CLEARLY * (1 - best.noise_share)


@dataclass
class _Search:
    trainee: Trainee
    budget: Budget
    rate: float
    report: Report
    count: int = 0
    known: dict[tuple[int, int], Traits] = field(default_factory=dict)  # by the number of windows and their samples

    def forecast(
        self, inner: InnerProblem, encodings: Iterable[EncodingSpec], *, closely: bool = False
    ) -> list[Candidate]:
        found: list[Candidate] = []
        traits = self._traits(inner)
        for encoding in encodings:
            if self.count and self.budget.until is not None and time.perf_counter() > self.budget.until:
                break
            started = time.perf_counter()
            best = self._best_stop(inner, encoding, traits)
            found.append(replace(best, closely=closely, seconds=time.perf_counter() - started))
            self.count += 1
            self.report(self.count)
        return found

    def _traits(self, inner: InnerProblem) -> Traits:
        """Return what the correction needs; the reference's flow is forecast once for each set of windows."""
        windows = inner.count, len(inner.windows.training)
        if windows not in self.known:
            reference = reference_network(self.trainee.mlp, self.rate, len(inner.slopes))
            flow = forecast_network(inner, reference, self.budget.steps)
            self.known[windows] = Traits(inner.directed, flow, inner.noise)
        return self.known[windows]

    def _best_stop(self, inner: InnerProblem, encoding: EncodingSpec, traits: Traits) -> Candidate:
        """Forecast an encoding with all steps, unless an earlier end is forecast to be clearly better."""
        flow = forecast_inner(inner, self.trainee, encoding, self.budget.steps)
        best: Candidate | None = None
        for steps in self.budget.choices:
            scores = finite_width(flow, self.trainee.plan_for(steps), traits)
            scores = scores if inner.smooth else _on_signal(scores, inner.noise)
            assert scores.held_out_psnr_db is not None
            if best is None or scores.held_out_psnr_db > best.held_out_psnr_db + _clearly(best):
                share = noise_share(inner.noise, scores.held_out_psnr_db)
                best = Candidate(encoding, steps, scores, closely=False, noise_share=share, smooth=inner.smooth)
        assert best is not None
        return best
