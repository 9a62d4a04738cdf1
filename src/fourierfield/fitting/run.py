"""Run a fit: read, and hand over to what fits such a signal by such a method."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..errors import SettingsError
from ..signals import (
    GridSignal,
    KSpaceSignal,
    MeshSignal,
    PointSignal,
    Signal,
    SinogramSignal,
    ViewsSignal,
    as_kspace,
    as_signal,
    as_sinogram,
    read_any,
    simulate,
)
from ..signals.files import check_writable
from ..signals.reading import kind_to_scan
from .events import FitEvents
from .kernel import run_kernel_fit
from .missing import without
from .outcome import FitOutcome
from .points import run_point_fit
from .run_network import run_network_fit
from .scans import run_scan_fit
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
        return run_scan_fit(signal, settings, out, events)
    if settings.uncertainty:
        raise SettingsError("--uncertainty is for scans; a kernel field of other signals knows it anyway")
    table = isinstance(signal, PointSignal)
    if settings.method == "kernel" or (settings.method == "auto" and table):
        return run_kernel_fit(signal, settings, out, events)
    if isinstance(signal, PointSignal):
        return run_point_fit(signal, settings, out, events)
    return run_network_fit(signal, settings, out, events)


def _as_signal(source: np.ndarray | str | Path | Signal, settings: FitSettings) -> Signal:
    scan = settings.scan
    if isinstance(source, str | Path):
        return read_any(source, settings.kind, settings.columns, scan)
    signal = source if isinstance(source, Signal) else _of_array(np.asarray(source), settings)
    if isinstance(signal, SinogramSignal | KSpaceSignal):
        return signal
    if isinstance(signal, GridSignal) and scan.simulate is not None:
        return simulate(signal, scan)
    scan.refuse_others(None)
    return signal


def _of_array(array: np.ndarray, settings: FitSettings) -> Signal:
    kind, scan = settings.kind, settings.scan
    if kind in ("ct", "mri") and scan.simulate is None:
        return as_sinogram(array, scan) if kind == "ct" else as_kspace(array, scan)
    return as_signal(array, kind=kind_to_scan(kind, scan))
