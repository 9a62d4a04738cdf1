"""Pictures, arrays and sounds of a field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..progress import say

if TYPE_CHECKING:
    import numpy as np

    from ...networks import Field
    from ...signals import Grid, Window

__all__ = ["check_memory_to_draw", "say_mapping", "sound_grid", "write_array", "write_sound"]

_ROWS = 1 << 16  # samples of sound at once


def write_array(field: Field, grid: Grid, out: str) -> None:
    """Draw a field whole, in memory, as a picture or as the numbers of a ``.npy`` file."""
    from ...signals.files import check_writable
    from ...signals.image import write_image

    check_writable(out)
    check_memory_to_draw(field, grid, out)
    values = field.sample(grid)
    if field.source.sample_format.peak is None and Path(out).suffix.lower() not in (".tif", ".tiff", ".npy"):
        say_mapping(field, Path(out).suffix)
        values = field.value_range.normalise(values)
    write_image(out, values, field.source.sample_format)


def check_memory_to_draw(field: Field, grid: Grid, out: str) -> None:
    """Raise ``TooLargeError`` with the numbers where the values of a grid do not fit in memory."""
    import psutil

    from ...errors import TooLargeError

    needed, free = grid.size * field.source.channels * 20, psutil.virtual_memory().available
    if needed > 0.8 * free:
        raise TooLargeError(
            f"{out} would take {needed / 1e9:.1f} GB to draw and {free / 1e9:.1f} GB are free; lower --size or --scale"
        )


def say_mapping(field: Field, ending: str) -> None:
    """Say which values stand for black and white, where they are not 0 and 1."""
    low, peak = field.value_range.common
    if (low, peak) != (0.0, 1.0):
        say(f"{ending} holds [0, 1]: values {low:g} to {low + peak:g} map there; .tif and .npy keep them")


def sound_grid(field: Field, window: Window, count: tuple[int, ...] | None, scale: float) -> tuple[Grid, int]:
    """The samples of a sound and their whole number per second: ``count``, or the signal's own rate times ``scale``."""
    from ...signals import Grid

    assert field.source.sample_format.audio is not None
    (lower,), (upper,) = window.lower, window.upper
    seconds = field.domain.scale
    if count is not None:
        return Grid((lower,), (upper,), count), max(1, round(count[0] / ((upper - lower) * seconds)))
    rate = max(1, round(field.source.sample_format.audio.rate * scale))
    samples = max(1, round((upper - lower) * seconds * rate))
    return Grid((lower,), (lower + samples / (rate * seconds),), (samples,)), rate


def write_sound(field: Field, out: str, grid: Grid, rate: int) -> None:
    """Write a field as sound, a block of samples at a time, or whole as the numbers of a ``.npy`` file."""
    from ...signals import write_audio

    audio = field.source.sample_format.audio
    assert audio is not None
    if Path(out).suffix.lower() == ".npy":
        write_array(field, grid, out)
    else:
        write_audio(out, _blocks(field, grid), grid.size, field.source.channels, replace(audio, rate=rate))
    say(f"{out}: {grid.size:,} samples, {rate:,} per second, {grid.size / rate:.4g} s")


def _blocks(field: Field, grid: Grid) -> Iterator[np.ndarray]:
    import numpy as np

    for start in range(0, grid.size, _ROWS):
        yield field(grid.coordinates(np.arange(start, min(start + _ROWS, grid.size))))
