"""``tune`` without a fit: the ranked candidates of a signal."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from ..errors import SettingsError
from ..problems import GridProblem, grid_problem
from ..problems.scans import Scan
from ..signals import GridSignal
from ..signals.scans import KSpaceSignal, SinogramSignal
from ..tuning import Choice
from .presets import FitPlan, plan_fit
from .scans import tune_scan
from .settings import FitSettings
from .tuned import FEWEST, NOTHING_LEFT, choose_encoding, wants_tuning

__all__ = ["TuneOutcome", "run_tune"]


@dataclass(frozen=True)
class TuneOutcome:
    """The tuner's choice with all candidates, for a signal's problem and the plan that they would be trained by.

    Of a scan the problem is that of what a kernel finds of it; ``notes`` say so."""

    signal: GridSignal | Scan
    problem: GridProblem
    plan: FitPlan
    choice: Choice
    seconds: float
    notes: tuple[str, ...] = ()


def run_tune(
    signal: GridSignal | Scan, settings: FitSettings, report: Callable[[int], None] = lambda count: None
) -> TuneOutcome:
    """Forecast candidates for a signal and choose; nothing is trained or written.

    With a hold-out the samples that it keeps back are not looked at. Raises ``SettingsError`` where there is nothing
    to choose, or too little to choose by.
    """
    started = time.perf_counter()
    if isinstance(signal, SinogramSignal | KSpaceSignal):
        problem, plan, notes = tune_scan(signal, settings, report)
        return TuneOutcome(signal, problem, plan, plan.choice, time.perf_counter() - started, notes)
    problem, plan = _tune_grid(signal, settings, report)
    return TuneOutcome(signal, problem, plan, plan.choice, time.perf_counter() - started)


def _tune_grid(signal: GridSignal, settings: FitSettings, report: Callable[[int], None]) -> tuple[GridProblem, FitPlan]:
    problem = grid_problem(signal, settings.hold_out_rule)
    if len(problem.training) < FEWEST:
        raise SettingsError(
            f"{signal.name} has {len(problem.training)} training samples; forecasts need {FEWEST} to leave some out, "
            "and fit takes a rule of thumb"
        )
    if not wants_tuning(problem, settings):
        raise SettingsError(NOTHING_LEFT)
    plan = plan_fit(problem, settings)
    choice = choose_encoding(problem, settings, plan, report)
    return problem, plan.with_choice(choice, problem.domain.dimensions)
