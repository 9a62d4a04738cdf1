"""Rendering of fields as sound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from ...grids._domain import Grid
from ...grids._pictures import write_image
from ...grids._signal import SignalDescription
from ...networks._field import Drawable
from .._grid_render import parse_size, window_of, write_array
from .._kind import Say
from .._render_options import RenderOptions
from ._sound import write_audio

_ROWS = 1 << 16  # samples evaluated at once; bounds memory


def write_sound(field: Drawable, out: str, options: RenderOptions, say: Say) -> None:
    """Write a field as sound in blocks, or as numbers, at the whole rate nearest to ``options`` of size or scale."""
    audio = field.source.sample_format.audio
    assert audio is not None
    grid, rate = _sound_grid(field, options)
    if Path(out).suffix.lower() == ".npy":
        write_array(field, grid, out, say)
    else:
        write_audio(out, _blocks(field, grid), grid.size, field.source.channels, replace(audio, rate=rate))
    say(f"{out}: {grid.size:,} samples, {rate:,} per second, {grid.size / rate:.4g} s")


def _sound_grid(field: Drawable, options: RenderOptions) -> tuple[Grid, int]:
    """Return the samples of a sound and their whole number per second."""
    audio = field.source.sample_format.audio
    assert audio is not None
    window = window_of(field, options.window)
    (lower,), (upper,) = window.lower, window.upper
    seconds = field.domain.scale
    if options.size is not None:
        count = parse_size(options.size, 1, sum(window.single))
        return Grid((lower,), (upper,), count), max(1, round(count[0] / ((upper - lower) * seconds)))
    rate = max(1, round(audio.rate * (options.scale or 1.0)))
    samples = max(1, round((upper - lower) * seconds * rate))
    return Grid((lower,), (lower + samples / (rate * seconds),), (samples,)), rate


def _blocks(field: Drawable, grid: Grid) -> Iterator[np.ndarray]:
    for start in range(0, grid.size, _ROWS):
        yield field(grid.coordinates(np.arange(start, min(start + _ROWS, grid.size))))


def write_values(out: str, values: np.ndarray, source: SignalDescription) -> None:
    """Write samples (n, C) as sound, or as numbers."""
    audio = source.sample_format.audio
    if audio is None or out.endswith(".npy"):
        write_image(out, values, source.sample_format)
    else:
        write_audio(out, [values], len(values), source.channels, audio)
