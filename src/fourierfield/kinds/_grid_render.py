"""Rendering of fields on regular grids: windows, sizes, arrays and filled gaps, whatever the kind."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ..errors import SettingsError
from ..grids._domain import Domain, Grid
from ..grids._endings import BOUNDED_ENDINGS, LONGEST_SIDE
from ..grids._files import check_writable
from ..grids._memory import require_memory
from ..grids._pictures import write_image
from ..grids._signal import GridSignal, SignalDescription
from ..grids._window import Window, parse_window
from ..networks._drawn import DeviationField, MagnitudeField
from ..networks._field import Drawable, Field
from ..training._estimate import in_words
from ._kind import Say

WriteValues = Callable[[str, np.ndarray, SignalDescription, Domain, Grid], None]
_MOST = 10**9  # samples of an axis; below it memory is estimated, beyond it integers overflow
_BYTES = 20  # of a value that is drawn, at the peak: as float64, as float32, encoded, and a copy


def field_to_draw(field: Field, out: str, uncertainty: bool) -> Drawable:
    """Return what is drawn of a field: its values, its standard deviation if asked for, or magnitudes if complex."""
    drawn: Drawable = DeviationField(field) if uncertainty else field
    if field.source.sample_format.is_complex and Path(out).suffix.lower() != ".npy":
        return MagnitudeField(drawn)
    return drawn


def window_of(field: Drawable, text: str | None) -> Window:
    """Return the part of a field's domain that ``--window`` names; all of it without one."""
    sides = field.domain.sides
    if text is None:
        return Window((0.0,) * len(sides), sides, (False,) * len(sides))
    return parse_window(text, field.domain, field.source.shape)


def window_grid(field: Drawable, window: Window, size: tuple[int, ...] | None, scale: float) -> Grid:
    """Return the samples to draw: ``size`` of them, or as dense as the signal's own times ``scale``."""
    if size is not None:
        whole = len(size) == len(window.single)
        return Grid(window.lower, window.upper, size if whole else _with_planes(size, window.single))
    density = [n / side * scale for n, side in zip(field.source.shape, field.domain.sides, strict=True)]
    ends = zip(window.lower, window.upper, window.single, density, strict=True)
    if max(density) * max(field.domain.sides) > _MOST:
        raise SettingsError(f"--scale {scale:g}: an axis would have more than {_MOST:.0e} samples; lower it")
    shape = tuple(1 if single else max(1, round((high - low) * dense)) for low, high, single, dense in ends)
    return Grid(window.lower, window.upper, shape)


def _with_planes(size: tuple[int, ...], single: tuple[bool, ...]) -> tuple[int, ...]:
    left = iter(size)
    return tuple(1 if plane else next(left) for plane in single)


def parse_size(text: str, dimensions: int, planes: int = 0) -> tuple[int, ...]:
    """Return numbers of samples, joined by x in ``text``: of all axes, or of those that are not single planes."""
    parts = text.lower().split("x")
    if len(parts) not in (dimensions, dimensions - planes) or not all(p.isdigit() and int(p) > 0 for p in parts):
        example = {1: "22050", 2: "512x768"}.get(dimensions, "x".join(["96"] * dimensions))
        numbers = "one positive whole number" if dimensions == 1 else f"{dimensions} positive whole numbers joined by x"
        raise SettingsError(f"--size {text}: give {numbers}, for example {example}")
    if max(map(len, parts)) > len(str(_MOST)):
        raise SettingsError(f"--size {text}: {_MOST:.0e} samples of an axis are more than any machine draws; lower it")
    return tuple(int(part) for part in parts)


def write_array(field: Drawable, grid: Grid, out: str, say: Say) -> None:
    """Write the values of a field as the numbers of a ``.npy`` file."""
    write_image(out, drawn_values(field, grid, out, say), field.source.sample_format)


class Meter:
    """Say how much of some work is done and how long the rest takes, once it takes longer than people wait unasked.

    The first line comes with the first report after ``FIRST`` seconds, the next ones ``NEXT`` seconds apart.
    """

    FIRST, NEXT = 1.0, 5.0

    def __init__(self, what: str, total: int, say: Say) -> None:
        self._what, self._total, self._say = what, total, say
        self._started = time.monotonic()
        self._due = self._started + self.FIRST

    def __call__(self, done: int) -> None:
        """Report the number of samples done."""
        now = time.monotonic()
        if now < self._due or done >= self._total:
            return
        left = (now - self._started) * (self._total - done) / done
        self._say(f"{self._what}: {done / self._total:.0%}, {in_words(left)} left")
        self._due = now + self.NEXT


def drawn_values(field: Drawable, grid: Grid, out: str, say: Say) -> np.ndarray:
    """Return the values of a field on a grid, scaled to [0, 1] and with a line that says so if ``out`` needs that."""
    check_writable(out)
    require_memory(_BYTES * grid.size * field.source.channels, f"drawing {out}", "lower --size or --scale")
    ending = Path(out).suffix.lower()
    if max(grid.shape) > LONGEST_SIDE.get(ending, _MOST):
        raise SettingsError(
            f"{out}: {ending} holds at most {LONGEST_SIDE[ending]:,} samples along a side, not {max(grid.shape):,}; "
            "write .tif or .npy"
        )
    values = field.sample(grid, Meter(f"drawing {out}", grid.size, say))
    if field.source.sample_format.peak is not None or ending not in BOUNDED_ENDINGS:
        return values
    low, peak = field.value_range.common
    if (low, peak) != (0.0, 1.0):
        say(f"{ending} holds [0, 1]: values {low:g} to {low + peak:g} map there; .tif and .npy keep them")
    return field.value_range.normalise(values)


def write_filled(field: Field, signal: GridSignal, out: str, write: WriteValues, say: Say) -> None:
    """Write a signal with the field's values where samples are missing (NaN, ``--missing``), by ``write``."""
    if (signal.shape, signal.channels) != (field.source.shape, field.source.channels):
        sizes = ("×".join(map(str, (*s.shape, s.channels))) for s in (signal, field.source))
        raise SettingsError("--fill {}: it has {} samples, and the field's signal {}".format(signal.name, *sizes))
    missing = np.isnan(signal.values)
    for text in field.record.get("missing", []):
        window = parse_window(text, signal.domain, signal.shape, "--missing")
        missing[window.slices(signal.domain, signal.shape)] = True
    flat = np.flatnonzero(missing.any(-1))
    if len(flat) == 0:
        raise SettingsError(
            f"--fill {signal.name}: no sample is missing there, and the field was fitted to all of them"
        )
    values = signal.values.reshape(-1, signal.channels).copy()
    chosen = missing.reshape(values.shape)[flat]
    values[flat] = np.where(chosen, field(signal.grid.coordinates(flat)), values[flat])
    write(out, values.reshape(signal.values.shape), signal.description, signal.domain, signal.grid)
    say(f"{out}: {len(flat):,} of {math.prod(signal.shape):,} samples filled in")
