"""``tune`` and ``spectrum`` of a scan: of the image that a kernel finds from its measurements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ...errors import SettingsError
from ...problems import GridProblem
from ...problems.scans import Scan, ScanProblem, scan_problem
from ...signals import GridSignal
from ..presets import FitPlan
from ..settings import FitSettings
from ..tuned import FEWEST, NOTHING_LEFT
from .pilot import Pilot, fly_pilot
from .plan import plan_scan, scan_steps, wants_choice

__all__ = ["image_to_analyse", "tune_scan"]

_WHAT = "forecasts are those of fits to the image that a kernel finds of the scan, as a fit by network begins"


def tune_scan(
    signal: Scan, settings: FitSettings, report: Callable[[int], None]
) -> tuple[GridProblem, FitPlan, tuple[str, ...]]:
    """The problem of fitting what a kernel finds of a scan, the plan with the encoding that forecasts choose for it, as
    a fit by network begins, and notes.

    With a hold-out the measurements that it keeps back are not looked at. Raises ``SettingsError`` where there is
    nothing to choose, or too little to choose by.
    """
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
    return found, plan, (_WHAT, *signal.notes)


def image_to_analyse(
    signal: Scan, settings: FitSettings, report: Callable[[int], None] = lambda count: None
) -> tuple[GridSignal, FitSettings]:
    """What a kernel finds of a scan, as a signal on a grid, and the settings with the steps that a fit would take."""
    problem = scan_problem(signal)
    steps = settings.steps or scan_steps(problem, settings)
    return _pilot(problem, settings.seed, report).signal(problem), replace(settings, steps=steps)


def _pilot(problem: ScanProblem, seed: int, report: Callable[[int], None]) -> Pilot:
    return fly_pilot(problem, seed, whole=True, watch=lambda step, error: report(0))
