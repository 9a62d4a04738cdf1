"""Fit a signal of any kind: read it, refuse what does not apply, and run its task."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..errors import SettingsError
from ..grids._files import check_writable, refuse_overwriting
from ..grids._signal import GridSignal
from ..grids._window import parse_window
from ..networks._field_file import check_field_name, is_field_file
from ..tasks._resume import checkpoint_path
from ..tasks._run import FitOutcome, run_task
from ..tasks._settings import FitSettings
from ..tasks._task import FitEvents
from ._kind import Json, Kind, Signal
from ._load import load
from ._read import as_signal_of, refuse_field, refuse_foreign_options
from ._registry import KINDS

Source = np.ndarray | str | Path | Signal


def run_fit(source: Source, settings: FitSettings, events: FitEvents | None = None) -> FitOutcome:
    """Fit a file, an array or a signal by network or kernel, and save the field if ``settings.out`` is given."""
    started = time.perf_counter()
    if settings.out is not None:
        check_writable(settings.out)
    _refuse_losses(source, settings)
    if settings.out is not None:
        check_field_name(settings.out)
    signal = as_signal_of(source, settings)
    kind = KINDS[signal.kind]
    refuse_foreign_options(settings.given, kind)
    _refuse_report(settings, kind)
    signal = without(signal, settings.missing)
    task = kind.task(signal, settings)
    return run_task(task, describe(signal), events or FitEvents(), load, started)


def _refuse_losses(source: Source, settings: FitSettings) -> None:
    """Raise ``SettingsError`` if the fit would write over what it reads, or over a file that only has a like name."""
    if isinstance(source, str | Path):
        refuse_field(Path(source))
    checkpoint = None if settings.out is None else checkpoint_path(Path(settings.out))
    read = (source if isinstance(source, str | Path) else None, *settings.side_files)
    refuse_overwriting({"--out": settings.out, "--report": settings.report, "the checkpoint": checkpoint}, read)
    if checkpoint is not None and checkpoint.exists() and not (settings.restart or is_field_file(checkpoint)):
        raise SettingsError(
            f"{checkpoint} is no checkpoint, or a damaged one, and the fit would overwrite it; choose another --out, "
            "or discard it with --restart"
        )


def _refuse_report(settings: FitSettings, kind: Kind) -> None:
    if settings.report is not None and kind.method(settings) == "kernel":
        raise SettingsError("--report draws what training did step by step; leave it out with --method kernel")


def describe(signal: Signal) -> Json:
    """Return the ``signal`` of ``fit --json``: name, kind, shape, size in bytes, and what is particular to its kind."""
    common = {
        "name": signal.name,
        "kind": signal.kind,
        "shape": list(signal.shape),
        "channels": signal.channels,
        "missing": 0,
        "sample_type": "float64",
        "bytes": signal.file_bytes,
    }
    return common | KINDS[signal.kind].describe(signal)


def without(signal: Signal, windows: tuple[str, ...]) -> Signal:
    """Return the signal with the samples of all windows missing, for a field to fill in.

    >>> from fourierfield.grids._arrays import as_signal
    >>> without(as_signal(np.ones((4, 4))), ("1:3,1:3px",)).present.sum()
    np.int64(12)
    """
    if not windows:
        return signal
    if not isinstance(signal, GridSignal):
        raise SettingsError(f"--missing names a part of a grid, and {signal.name} is a {signal.kind}; leave it out")
    values = signal.values.copy()
    for window in windows:
        box = parse_window(window, signal.domain, signal.shape, "--missing").slices(signal.domain, signal.shape)
        if values[box].size == 0:
            size = " × ".join(f"{n:,}" for n in signal.shape)
            raise SettingsError(f"--missing {window}: no sample lies there; the signal has {size} samples")
        values[box] = np.nan
    return replace(signal, values=values)
