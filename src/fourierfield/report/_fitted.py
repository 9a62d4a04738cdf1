"""A fit and the page that shows it."""

from __future__ import annotations

import time
from dataclasses import replace

from ..errors import FourierFieldError
from ..grids._files import check_writable
from ..kinds._fit import Source, run_fit
from ..tasks._run import FitOutcome
from ..tasks._settings import FitSettings
from ..tasks._task import FitEvents
from .page._of_fit import page_of_fit
from .page._write import write_page


def fit_and_report(
    source: Source, settings: FitSettings, events: FitEvents | None = None, command: str | None = None
) -> FitOutcome:
    """Run a fit and write its page if ``settings.report`` names a place; ``command`` is the call that it repeats."""
    if settings.report is None:
        return run_fit(source, settings, events)
    events = events or FitEvents()
    page = check_writable(settings.report)
    outcome = run_fit(source, settings, events)
    events.say(f"drawing {page}")
    events.phase(f"drawing {page}")
    started = time.perf_counter()
    try:
        write_page(page_of_fit(outcome, command), page)
    except FourierFieldError as problem:
        kept = f"; the field is saved: {outcome.path}" if outcome.path else ""
        raise type(problem)(f"{problem}{kept}") from problem
    return replace(outcome, report=str(page), seconds=_with_report(outcome, time.perf_counter() - started))


def _with_report(outcome: FitOutcome, drawing: float) -> dict[str, float]:
    """Return the seconds of a fit, with the time that went into the page kept apart."""
    recorder = outcome.details.recorder if outcome.details else None
    recording = recorder.seconds if recorder else 0.0
    seconds = outcome.seconds
    return {
        **seconds,
        "fit": round(max(0.0, seconds["fit"] - recording), 3),
        "report": round(recording + drawing, 3),
        "total": round(seconds["total"] + drawing, 3),
    }
