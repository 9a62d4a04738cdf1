"""The samples that a page shows: all of a small signal, a part of a large one."""

from __future__ import annotations

import math

import numpy as np

from ...networks import Field, ValueRange
from ...signals import Grid, GridSignal
from .content import Values
from .sound import LONGEST_SECONDS

__all__ = ["shown_values"]

_MOST = 1 << 20  # samples that are evaluated: ten seconds on one core


def shown_values(signal: GridSignal, field: Field, value_range: ValueRange) -> tuple[Values, str | None]:
    """Signal and reconstruction, and what to say if they are not whole.

    Of a long recording the beginning is shown, as much of it as can be played; of other signals of more than 2²⁰
    samples every second one along each axis, or every third, and so on.
    """
    audio = signal.sample_format.audio
    rate = float(audio.rate) if audio else None
    if len(signal.shape) == 1:
        part, grid, note = _beginning(signal, int(LONGEST_SECONDS * rate) if rate else _MOST)
    else:
        part, grid, note = _every(signal, math.ceil((signal.grid.size / _MOST) ** (1 / len(signal.shape))))
    low, peak = value_range.common
    return Values(part, field.sample(grid), (low, low + peak), rate), note


def _beginning(signal: GridSignal, most: int) -> tuple[np.ndarray, Grid, str | None]:
    count = min(len(signal.values), most, _MOST)
    grid = Grid.from_origin(signal.grid.origin, signal.grid.spacing, (count,))
    if count == len(signal.values):
        return signal.values, signal.grid, None
    return signal.values[:count], grid, f"The first {count:,} of its {len(signal.values):,} samples are shown."


def _every(signal: GridSignal, stride: int) -> tuple[np.ndarray, Grid, str | None]:
    if stride <= 1:
        return signal.values, signal.grid, None
    part = signal.values[(slice(None, None, stride),) * len(signal.shape)]
    spacing = tuple(stride * step for step in signal.grid.spacing)
    grid = Grid.from_origin(signal.grid.origin, spacing, part.shape[:-1])
    return part, grid, f"Every {_ordinal(stride)} sample along each axis is shown."


def _ordinal(number: int) -> str:
    """Of 2 and more.

    >>> _ordinal(2), _ordinal(3), _ordinal(4)
    ('second', 'third', '4th')
    """
    return {2: "second", 3: "third"}.get(number, f"{number}th")
