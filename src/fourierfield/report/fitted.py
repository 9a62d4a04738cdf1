"""A fit and the page that shows it."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import SettingsError
from ..fitting import FitEvents, FitOutcome, FitSettings, run_fit
from ..networks import Field
from ..signals import Signal
from ..signals.files import check_writable
from .page.of_fit import page_of_fit
from .page.write import write_page

__all__ = ["fit", "fit_and_report"]

Source = np.ndarray | str | Path | Signal


def fit(signal: Source, settings: FitSettings | None = None, **choices: Any) -> Field:
    """Fit a field to an array, a file or a signal; ``choices`` are the names of ``FitSettings``, and for
    scans those of ``ScanOptions``.

    Nothing is written unless ``out`` or ``report`` is given. ``field.record["metrics"]`` holds the scores.

    >>> field = fit(np.eye(8, dtype=np.float32), steps=20, width=16, features=8)
    >>> field(np.array([[0.5, 0.5]])).shape
    (1, 1)
    """
    return fit_and_report(signal, (settings or FitSettings()).changed(**choices)).field


def fit_and_report(
    source: Source, settings: FitSettings, events: FitEvents | None = None, command: str | None = None
) -> FitOutcome:
    """``run_fit``, and the page at ``settings.report`` if it names a place, which is checked before anything else.

    ``command`` is how the fit was called, for the page to repeat. Raises ``FourierFieldError`` and ``Interrupted``.
    """
    if settings.report is None:
        return run_fit(source, settings, events)
    page = check_writable(settings.report)
    if isinstance(source, str | Path) and page.resolve() == Path(source).resolve():
        raise SettingsError(f"--report {page} would overwrite the signal; choose another name")
    outcome = run_fit(source, settings, events)
    (events or FitEvents()).say(f"drawing {page}")
    started = time.perf_counter()
    write_page(page_of_fit(outcome, command), page)
    return replace(outcome, report=str(page), seconds=_with_report(outcome, time.perf_counter() - started))


def _with_report(outcome: FitOutcome, drawing: float) -> dict[str, float]:
    """The seconds of a fit, those that went into the page apart."""
    recorder = outcome.details.recorder if outcome.details else None
    looking = recorder.seconds if recorder else 0.0
    seconds = outcome.seconds
    return {
        **seconds,
        "fit": round(max(0.0, seconds["fit"] - looking), 3),
        "report": round(looking + drawing, 3),
        "total": round(seconds["total"] + drawing, 3),
    }
