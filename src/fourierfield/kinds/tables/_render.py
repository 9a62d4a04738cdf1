"""Rendering of fields of tables on a regular grid of their columns, as GeoTIFF, NetCDF or CSV."""

from __future__ import annotations

import math

import numpy as np

from ...errors import SettingsError
from ...grids._memory import require_memory
from ...grids._points import Placement
from ...networks._field import Field
from .._at import channel_names
from .._grid_render import parse_size
from .._kind import Say
from .._render_options import RenderOptions
from ._grid_files import write_grid

_MOST_DEFAULT = 512  # cells along an axis without --size and --scale: bounds the time and the size of the file
_BYTES = 40  # bytes of a grid point and band at the peak of memory


def write_table_grid(field: Field, out: str, options: RenderOptions, say: Say) -> None:
    """Write a field of a table on a regular grid of its input columns, with standard deviations if they are asked for.

    The window is in the columns' own units, by default the box of the points. Raises ``SettingsError`` for a window, a
    size or an ending that does not suit the table, and ``TooLargeError`` if the grid does not fit in memory.
    """
    placement = field.placement
    assert placement is not None
    count = None if options.size is None else parse_size(options.size, field.domain.dimensions)
    axes = _axes(field, options.window, count, options.scale or 1.0)
    shape = tuple(len(axis) for axis in axes)
    bands_per_channel = 2 if options.uncertainty else 1
    needed = _BYTES * math.prod(shape) * field.source.channels * bands_per_channel
    require_memory(needed, f"writing {out}", "lower --size or --scale")
    coordinates = placement.to_coordinates(_mesh(axes))
    names = channel_names(field)
    bands = dict(zip(names, field(coordinates).T.reshape(-1, *shape), strict=True))
    if options.uncertainty:
        found = field.deviation(coordinates).T.reshape(-1, *shape)
        bands |= {f"{name}_sd": band for name, band in zip(names, found, strict=True)}
    write_grid(out, axes, list(placement.names), bands, placement.geographic)
    say(f"{out}: {'×'.join(str(n) for n in shape)}, {', '.join(bands)}")


def _axes(field: Field, window: str | None, count: tuple[int, ...] | None, scale: float) -> list[np.ndarray]:
    """Return the centres of the cells along each axis, in the columns' own units."""
    placement = field.placement
    assert placement is not None
    low = np.array(placement.origin)
    high = placement.to_columns(np.array(field.domain.sides)[None])[0]
    if window:
        low, high = _parse_window(window, placement)
    if count is None:
        sides = (high - low) * np.array(placement.factor)
        density = (field.source.shape[0] / math.prod(field.domain.sides)) ** (1 / len(sides)) * scale
        most = _MOST_DEFAULT if scale == 1 else math.inf
        density = min(density, most / float(sides.max()))
        count = tuple(max(1, round(float(side) * density)) for side in sides)
    return [a + (np.arange(n) + 0.5) * (b - a) / n for a, b, n in zip(low, high, count, strict=True)]


def _parse_window(text: str, placement: Placement) -> tuple[np.ndarray, np.ndarray]:
    try:
        ranges = [tuple(float(end) for end in part.split(":")) for part in text.split(",")]
    except ValueError:
        ranges = []
    good = len(ranges) == len(placement.names) and all(
        len(pair) == 2 and all(map(math.isfinite, pair)) and pair[0] < pair[1] for pair in ranges
    )
    if not good:
        names = ", ".join(placement.names)
        halves = ((low, low + 0.5 / f) for low, f in zip(placement.origin, placement.factor, strict=True))
        example = ",".join(f"{low:.4g}:{high:.4g}" for low, high in halves)
        raise SettingsError(f"--window {text}: give START:END of {names}, in their own units, for example {example}")
    low, high = zip(*ranges, strict=True)
    return np.array(low), np.array(high)


def _mesh(axes: list[np.ndarray]) -> np.ndarray:
    return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(axes))
