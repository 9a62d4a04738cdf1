"""Write NetCDF-3 (64-bit offsets) with the names of the CF conventions, as climate and ocean tools read it."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any

import numpy as np

from ...errors import SettingsError
from ...grids._column_names import geographic_axes, map_axes, unit_in_brackets

_MOST_BYTES = 2**31 - 4  # of a variable, whose size NetCDF-3 stores as a signed number of 32 bits


def encode_netcdf(
    file: IO[bytes], axes: Sequence[np.ndarray], names: Sequence[str], bands: Mapping[str, np.ndarray], geographic: bool
) -> None:
    """Write bands (n₁, …, n_d), float32 or float64 as they are, on dimensions in the order …, latitude, longitude."""
    from scipy.io import netcdf_file

    order = _drawing_order(names)
    keys = _identifiers([*names, *bands])
    kinds = {name: band.dtype if band.dtype.kind == "f" else np.dtype(np.float64) for name, band in bands.items()}
    _check_sizes(bands, kinds)
    # netcdf_file closes what it writes to, so it gets a handle of its own
    with os.fdopen(os.dup(file.fileno()), "r+b") as handle, netcdf_file(handle, "w", version=2) as dataset:
        dataset.Conventions = b"CF-1.8"
        for axis in order:
            dataset.createDimension(keys[names[axis]], len(axes[axis]))
        for axis in order:
            key = keys[names[axis]]
            _fill(dataset.createVariable(key, "d", (key,)), axes[axis], names[axis])
        if geographic:
            _mark_map(dataset, names, keys)
        for name, band in bands.items():
            kind = "f" if kinds[name].itemsize == 4 else "d"
            variable = dataset.createVariable(keys[name], kind, tuple(keys[names[axis]] for axis in order))
            _fill(variable, band.transpose(order), name)


def _drawing_order(names: Sequence[str]) -> list[int]:
    """Return the axes in the order that CF recommends: any others, then the upward one, then the one across."""
    if len(names) == 1:
        return [0]
    across, up = map_axes(names)
    return [axis for axis in range(len(names)) if axis not in (across, up)] + [up, across]


def _check_sizes(bands: Mapping[str, np.ndarray], kinds: Mapping[str, np.dtype]) -> None:
    for name, band in bands.items():
        size = band.size * kinds[name].itemsize
        if size > _MOST_BYTES:
            raise SettingsError(
                f"NetCDF-3 holds 2 GB per variable, but {name} has {size / 1e9:.1f} GB; write .tif or .csv"
            )


def _fill(variable: Any, values: np.ndarray, name: str) -> None:
    variable[:] = values
    variable.long_name = name.encode()
    unit = unit_in_brackets(name)
    if unit:
        variable.units = unit.encode()


def _mark_map(dataset: Any, names: Sequence[str], keys: Mapping[str, str]) -> None:
    for axis, kind, unit, letter in zip(
        geographic_axes(names) or (),
        (b"longitude", b"latitude"),
        (b"degrees_east", b"degrees_north"),
        (b"X", b"Y"),
        strict=True,
    ):
        variable = dataset.variables[keys[names[axis]]]
        variable.standard_name, variable.units, variable.axis = kind, unit, letter


def _identifiers(names: Iterable[str]) -> dict[str, str]:
    """Return a distinct variable name for each column: ASCII letters, digits and _, without the unit.

    >>> _identifiers(["depth (m)", "depth (ft)", "2 m température"])
    {'depth (m)': 'depth', 'depth (ft)': 'depth_2', '2 m température': '_2_m_temperature'}
    """
    keys: dict[str, str] = {}
    for name in names:
        unit = unit_in_brackets(name)
        plain = name[: name.rindex(unit) - 1] if unit else name
        letters = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
        key = re.sub(r"\W+", "_", letters).strip("_") or "variable"
        key = f"_{key}" if key[0].isdigit() else key
        count = 1
        while (unique := key if count == 1 else f"{key}_{count}") in keys.values():
            count += 1
        keys[name] = unique
    return keys
