"""``tune`` without a fit: the ranked candidates of a signal."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from ..errors import SettingsError
from ..problems import GridProblem, grid_problem
from ..signals import GridSignal
from ..tuning import Choice
from .presets import FitPlan, plan_fit
from .settings import FitSettings
from .tuned import FEWEST, choose_encoding, wants_tuning

__all__ = ["TuneOutcome", "run_tune"]


@dataclass(frozen=True)
class TuneOutcome:
    """The tuner's choice with all candidates, for a signal's problem and the plan that they would be trained by."""

    signal: GridSignal
    problem: GridProblem
    plan: FitPlan
    choice: Choice
    seconds: float


def run_tune(
    signal: GridSignal, settings: FitSettings, report: Callable[[int], None] = lambda count: None
) -> TuneOutcome:
    """Forecast candidates for a signal and choose; nothing is trained or written.

    With a hold-out the samples that it keeps back are not looked at. Raises ``SettingsError`` where there is nothing
    to choose, or too little to choose by.
    """
    started = time.perf_counter()
    problem = grid_problem(signal, settings.hold_out_rule)
    if len(problem.training) < FEWEST:
        raise SettingsError(
            f"{signal.name} has {len(problem.training)} training samples; forecasts need {FEWEST} to leave some out, "
            "and fit takes a rule of thumb"
        )
    if not wants_tuning(problem, settings):
        raise SettingsError(
            "nothing is left to choose; leave --bandwidth out, and --encoding auto or a family with one"
        )
    plan = plan_fit(problem, settings)
    choice = choose_encoding(problem, settings, plan, report)
    plan = plan.with_choice(choice, problem.domain.dimensions)
    return TuneOutcome(signal, problem, plan, choice, time.perf_counter() - started)
