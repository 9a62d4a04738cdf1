"""Parts of a signal that its user takes for missing: damaged ones, for a field to fill in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..errors import SettingsError
from ..signals import GridSignal, Signal, parse_window

__all__ = ["without"]


def without(signal: Signal, windows: tuple[str, ...]) -> Signal:
    """The signal with the samples of all windows missing. Raises ``SettingsError`` for signals that lie on no grid, and
    for windows in which no samples lie.

    >>> from fourierfield.signals import as_signal
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
            raise SettingsError(f"--missing {window}: no sample lies there; the signal has {_size(signal)}")
        values[box] = np.nan
    return replace(signal, values=values)


def _size(signal: GridSignal) -> str:
    return " × ".join(f"{n:,}" for n in signal.shape) + " samples"
