"""``tune`` without a fit: the ranked candidates of a signal on a grid."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..errors import SettingsError
from ..grids._signal import GridSignal
from ..problems._grid import GridProblem, grid_problem
from ..training._estimate import check_memory
from ..tuning._choice import Choice
from ._plan import FEWEST, NOTHING_LEFT, FitPlan, choose_encoding, plan_fit, wants_tuning
from ._settings import FitSettings


@dataclass(frozen=True)
class TuneOutcome:
    """The tuner's choice with all candidates, for a signal's problem and the plan that they would be trained by.

    For a scan the problem is to fit the image that a kernel finds of it; ``notes`` say so.
    """

    signal: Any
    problem: GridProblem
    plan: FitPlan
    choice: Choice
    seconds: float
    notes: tuple[str, ...] = ()


def tune_grid(
    signal: GridSignal, settings: FitSettings, report: Callable[[int], None] = lambda count: None
) -> TuneOutcome:
    """Forecast candidates for a signal on a grid and choose, without held-out samples; nothing is trained or written.

    Raises ``SettingsError`` if there is nothing to choose, or too little to choose by, and ``TooLargeError`` if the
    network would not fit in memory.
    """
    started = time.perf_counter()
    problem = grid_problem(signal, settings.hold_out_rule)
    if len(problem.training) < FEWEST:
        raise SettingsError(
            f"{signal.name} has {len(problem.training)} training samples; forecasts need {FEWEST} to leave some out, "
            "and fit takes a rule of thumb"
        )
    if not wants_tuning(problem, settings):
        raise SettingsError(NOTHING_LEFT)
    plan = plan_fit(problem, settings)
    check_memory(plan.mlp, len(problem.training), plan.training)
    choice = choose_encoding(problem, settings, plan, report)
    plan = plan.with_choice(choice, problem.domain.dimensions)
    return TuneOutcome(signal, problem, plan, choice, time.perf_counter() - started)
