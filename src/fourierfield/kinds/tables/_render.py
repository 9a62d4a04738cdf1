"""Rendering of fields of tables on a regular grid of their columns, as GeoTIFF, NetCDF or CSV."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

import numpy as np

from ...errors import SettingsError
from ...grids._column_names import geographic_axes
from ...grids._endings import TABLE_ENDINGS
from ...grids._files import atomic_file
from ...grids._memory import require_memory
from ...grids._points import Placement
from ...networks._field import Field
from .._at import channel_names
from .._grid_render import parse_size
from .._kind import Say
from .._render_options import RenderOptions
from ._geotiff import encode_geotiff
from ._netcdf import encode_netcdf

_ROWS_AT_ONCE = 1 << 17  # rows of CSV made at a time; bounds memory
_MOST_DEFAULT = 512  # cells along an axis without --size and --scale: bounds the time and the size of the file
_BYTES = 40  # bytes of a grid point and band at the peak of memory


def write_table_grid(field: Field, out: str, options: RenderOptions, say: Say) -> None:
    """Write a field on a grid of its table's columns; windows are in their units, by default the points' box."""
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


def write_grid(
    path: Path | str,
    axes: Sequence[np.ndarray],
    names: Sequence[str],
    bands: Mapping[str, np.ndarray],
    geographic: bool,
) -> None:
    """Write bands on a grid as the file that the ending of ``path`` names, all of it or nothing.

    ``axes`` are the grid's values per column (n₁,), (n₂,), …, in the columns' units, rising or falling, in the order of
    ``names``; each band is (n₁, n₂, …). ``geographic`` says that two of the columns are longitude and latitude.

    ``.tif`` and ``.tiff`` are GeoTIFF: two evenly spaced axes, float32 bands, north (or y) up. ``.nc`` is NetCDF-3 with
    CF names, any axes. ``.csv`` has a row per point: coordinates, then bands; NaN is an empty cell. Raises
    ``SettingsError`` for other endings, and for grids that a format cannot hold.
    """
    path = Path(path)
    axes = [np.asarray(axis, dtype=np.float64) for axis in axes]
    bands = {name: np.asarray(band) for name, band in bands.items()}
    ending = path.suffix.lower()
    if ending not in TABLE_ENDINGS:
        known = ", ".join(TABLE_ENDINGS)
        raise SettingsError(f"{path}: the ending {ending or '(none)'} names no format for grids; use one of {known}")
    _check(axes, names, bands, geographic)
    write = {".nc": encode_netcdf, ".csv": _encode_csv}.get(ending, encode_geotiff)
    with atomic_file(path) as file:
        write(file, axes, names, bands, geographic)


def _check(axes: Sequence[np.ndarray], names: Sequence[str], bands: Mapping[str, np.ndarray], geographic: bool) -> None:
    if len(axes) != len(names) or not axes:
        raise SettingsError(f"a grid needs a name per axis, not {len(names)} for {len(axes)}")
    if not bands:
        raise SettingsError("a grid needs at least one band of values")
    for axis, name in zip(axes, names, strict=True):
        steps = np.diff(axis) if axis.ndim == 1 and len(axis) else np.array([np.nan])
        if not (np.isfinite(axis).all() and ((steps > 0).all() or (steps < 0).all())):
            raise SettingsError(f"the values of {name} along the grid must rise or fall throughout")
    shape = tuple(map(len, axes))
    for name, band in bands.items():
        if band.shape != shape or band.dtype.kind not in "buif":
            raise SettingsError(
                f"{name} holds {band.dtype} of shape {band.shape} on a grid of {shape}; give real numbers of its shape"
            )
    if len({*names, *bands}) != len(names) + len(bands):
        raise SettingsError("axes and bands of a grid must have different names")
    if geographic and geographic_axes(names) is None:
        raise SettingsError(f"none of {', '.join(names)} are longitude and latitude by their names")


def _encode_csv(
    file: IO[bytes], axes: Sequence[np.ndarray], names: Sequence[str], bands: Mapping[str, np.ndarray], geographic: bool
) -> None:
    import pandas

    shape = tuple(map(len, axes))
    size = int(np.prod(shape, dtype=np.int64))
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    for start in range(0, size, _ROWS_AT_ONCE):
        flat = np.arange(start, min(size, start + _ROWS_AT_ONCE))
        places = np.unravel_index(flat, shape)
        columns = {name: axis[place] for name, axis, place in zip(names, axes, places, strict=True)}
        columns |= {name: band[places] for name, band in bands.items()}
        pandas.DataFrame(columns).to_csv(text, header=start == 0, index=False, lineterminator="\n")
    text.detach()  # otherwise it would close the file
