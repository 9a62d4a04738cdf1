"""Run a fit of a scan."""

from __future__ import annotations

from pathlib import Path

from ...errors import SettingsError
from ...problems.scans import Scan
from ..events import FitEvents
from ..outcome import FitOutcome
from ..settings import FitSettings
from .kernel import run_scan_kernel_fit
from .network import run_scan_network_fit

__all__ = ["run_scan_fit"]

_OF_TRAINING = ("steps", "time", "learning_rate", "batch_size", "width")


def run_scan_fit(signal: Scan, settings: FitSettings, out: Path | None, events: FitEvents) -> FitOutcome:
    """Fit what a scan measured and, if ``out`` names a place, save. By kernel, unless a network or something of its
    training is asked for. Raises ``FourierFieldError`` and ``Interrupted``."""
    if settings.report is not None:
        raise SettingsError("--report draws signals on a grid; leave it out for a scan, and render the field")
    trains = settings.preset == "paper" or any(getattr(settings, name) is not None for name in _OF_TRAINING)
    if settings.method == "network" or (settings.method == "auto" and trains):
        if settings.uncertainty:
            raise SettingsError("--uncertainty: a network does not know it; fit with --method kernel")
        return run_scan_network_fit(signal, settings, out, events)
    return run_scan_kernel_fit(signal, settings, out, events)
