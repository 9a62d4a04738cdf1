"""Write values on a grid of a table's columns for maps and spreadsheets: GeoTIFF, NetCDF and CSV."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

import numpy as np

from ...errors import SettingsError
from ...grids._column_names import geographic_axes
from ...grids._endings import TABLE_ENDINGS
from ...grids._files import atomic_file
from ._geotiff import encode_geotiff
from ._netcdf import encode_netcdf

_ROWS_AT_ONCE = 1 << 17  # rows of CSV made at a time; bounds memory


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
    file: IO[bytes],
    axes: Sequence[np.ndarray],
    names: Sequence[str],
    bands: Mapping[str, np.ndarray],
    geographic: bool,
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
