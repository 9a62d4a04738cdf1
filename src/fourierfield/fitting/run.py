"""Run a fit: read, and hand over to what fits such a signal by such a method."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..errors import SettingsError
from ..signals import (
    KSpaceSignal,
    MeshSignal,
    PointSignal,
    Signal,
    SinogramSignal,
    ViewsSignal,
    as_signal,
    read_any,
)
from ..signals.files import check_writable
from .events import FitEvents
from .kernel import run_kernel_fit
from .missing import without
from .outcome import FitOutcome
from .points import run_point_fit
from .run_network import run_network_fit
from .settings import FitSettings
from .shapes import run_shape_fit
from .views import run_view_fit

__all__ = ["run_fit"]


def run_fit(
    source: np.ndarray | str | Path | Signal, settings: FitSettings, events: FitEvents | None = None
) -> FitOutcome:
    """Fit by network or kernel and, if ``settings.out`` names a place, save. Raises ``FourierFieldError`` and
    ``Interrupted``.

    With ``settings.report`` the outcome's details hold all that its page is drawn from; the page itself is written by
    ``fourierfield.report.fit_and_report``.
    """
    events = events or FitEvents()
    out = check_writable(settings.out) if settings.out is not None else None
    signal = without(_as_signal(source, settings), settings.missing)
    if isinstance(signal, MeshSignal):
        return run_shape_fit(signal, settings, out, events)
    if settings.target is not None:
        raise SettingsError(f"--target {settings.target} is for meshes; leave it out")
    if isinstance(signal, ViewsSignal):
        return run_view_fit(signal, settings, out, events)
    if settings.coarse_to_fine is not None:
        raise SettingsError("--coarse-to-fine is for posed pictures; leave it out")
    if isinstance(signal, SinogramSignal | KSpaceSignal):
        raise SettingsError(f"{signal.name} is a {signal.kind} scan, which can be read and not yet be fitted")
    table = isinstance(signal, PointSignal)
    if settings.method == "kernel" or (settings.method == "auto" and table):
        return run_kernel_fit(signal, settings, out, events)
    if isinstance(signal, PointSignal):
        return run_point_fit(signal, settings, out, events)
    return run_network_fit(signal, settings, out, events)


def _as_signal(source: np.ndarray | str | Path | Signal, settings: FitSettings) -> Signal:
    if isinstance(source, Signal):
        return source
    if isinstance(source, str | Path):
        return read_any(source, columns=settings.columns)
    return as_signal(np.asarray(source))
