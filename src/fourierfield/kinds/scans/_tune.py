"""``tune`` and ``spectrum`` of a scan, by the image that a kernel finds from its measurements."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from ...errors import SettingsError
from ...grids._signal import GridSignal
from ...tasks._plan import FEWEST, NOTHING_LEFT
from ...tasks._settings import FitSettings
from ...tasks._tune import TuneOutcome
from ._pilot import Pilot, fly_pilot
from ._plan import plan_scan, scan_steps, wants_choice
from ._problem import Scan, ScanProblem, scan_problem

_WHAT = "forecasts are those of fits to the image that a kernel finds of the scan, as a fit by network begins"


def tune_scan(signal: Scan, settings: FitSettings, report: Callable[[int], None]) -> TuneOutcome:
    """Forecast candidates for the image that a kernel finds of a scan, as a fit by network does, and choose.

    With a hold-out the measurements that it keeps back are not looked at. Raises ``SettingsError`` if there is nothing
    to choose, or too little to choose by.
    """
    started = time.perf_counter()
    problem = scan_problem(signal, settings.hold_out_rule)
    if not wants_choice(problem, settings):
        raise SettingsError(NOTHING_LEFT)
    pilot = _pilot(problem, settings.seed, report)
    found = pilot.problem(problem)
    if len(found.training) < FEWEST:
        raise SettingsError(
            f"{signal.name} has an image of {len(found.training)} samples; forecasts need {FEWEST} to leave some out, "
            "and fit takes a rule of thumb"
        )
    plan = plan_scan(problem, pilot, settings, report).fit
    seconds = time.perf_counter() - started
    return TuneOutcome(signal, found, plan, plan.choice, seconds, (_WHAT, *signal.notes))


def image_to_analyse(
    signal: Scan, settings: FitSettings, report: Callable[[int], None] = lambda count: None
) -> tuple[GridSignal, FitSettings]:
    """Return what a kernel finds of a scan as a signal on a grid, and the settings with the steps of a fit."""
    problem = scan_problem(signal)
    steps = settings.steps or scan_steps(problem, settings)
    return _pilot(problem, settings.seed, report).signal(problem), replace(settings, steps=steps)


def _pilot(problem: ScanProblem, seed: int, report: Callable[[int], None]) -> Pilot:
    return fly_pilot(problem, seed, whole=True, watch=lambda step, error: report(0))
