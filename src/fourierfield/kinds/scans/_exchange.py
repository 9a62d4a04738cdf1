"""Read Data Exchange: HDF5 of X-ray projections with flat and dark fields, as synchrotrons write it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import SignalError
from ...grids._files import check_size, decoding
from ...grids._hdf5 import opened_hdf5
from ...tasks._scan_options import ScanOptions
from ._angles import in_radians
from ._projections import Projections, chosen_slice
from ._sinogram import SinogramSignal
from ._transmission import absorption


def read_exchange(path: Path, options: ScanOptions) -> SinogramSignal:
    """Read the CT scan in ``exchange/data`` (angles, slices, bins) as −log((data − dark) / (white − dark)).

    ``data_white`` and ``data_dark`` are averaged over their frames. A missing dark field is taken to be 0; without a
    white field, the open beam is that of the empty edge, unless the values are line integrals already. ``theta`` is in
    degrees unless its ``units`` or its span say radians. Bins whose white field does not exceed the dark field are
    missing (NaN), and so are measurements that do not exceed it.
    """
    with decoding(path, "Data Exchange"), opened_hdf5(path) as file:
        data, fields = file["exchange/data"], file["exchange"]
        _check(data, path)
        slices = 1 if data.ndim == 2 else data.shape[1]
        chosen, picked = chosen_slice(options.slice, slices, str(path))
        kept = len(range(slices)[chosen])
        check_size(path, (data.shape[0], kept, data.shape[-1]), 2)
        counts = _rows(data, chosen)
        white, dark = (_mean(fields, name, chosen, counts.shape[1:], path) for name in ("data_white", "data_dark"))
        angles, told = _theta(fields, path)
    values, notes = _absorption(counts, (white, dark), options.transmission, path)
    notes = (*notes, *told)
    return Projections(values, angles, str(path), os.path.getsize(path), (*picked, *notes)).signal(options)


def _check(data: Any, path: Path) -> None:
    if data.dtype.kind not in "uif":
        real = "complex where real is needed" if data.dtype.kind == "c" else "no numbers"
        raise SignalError(f"{path}: exchange/data holds {data.dtype} values, {real}; give photon counts")
    if data.ndim not in (2, 3) or 0 in data.shape:
        raise SignalError(f"{path}: exchange/data has shape {data.shape}; a CT scan is angles × slices × bins")


def _rows(held: Any, chosen: slice) -> np.ndarray:
    """Return the slices ``chosen`` as (frames, slices, bins) float64."""
    rows = held[...] if held.ndim == 2 else held[:, chosen]
    return np.asarray(rows, dtype=np.float64).reshape(len(rows), -1, rows.shape[-1])


def _mean(fields: Any, name: str, chosen: slice, shape: tuple[int, ...], path: Path) -> np.ndarray | None:
    """Return a field averaged over its frames, (slices, bins), or None if the file does not have it."""
    if name not in fields:
        return None
    held = fields[name]
    check_size(path, held[:0].shape[1:] if 0 in held.shape else (held.shape[0], *shape), 2)
    single = held.ndim == 2 and len(shape) == 2 and fields["data"].ndim == 3  # one frame, saved without its axis
    mean = np.asarray(held[chosen], dtype=np.float64) if single else _rows(held, chosen).mean(axis=0)
    if mean.shape != shape or not np.isfinite(mean).all():
        raise SignalError(
            f"{path}: exchange/{name} of shape {held.shape} does not match exchange/data of slices × bins {shape}; "
            "give finite frames of the same detector"
        )
    return mean


def _theta(fields: Any, path: Path) -> tuple[np.ndarray | None, tuple[str, ...]]:
    if "theta" not in fields:
        return None, ()
    theta = np.asarray(fields["theta"], dtype=np.float64).reshape(-1)
    units = fields["theta"].attrs.get("units", "")
    words = (units.decode() if isinstance(units, bytes) else str(units)).strip().lower()
    if words.startswith("rad"):
        return theta, ()
    return (np.radians(theta), ()) if words.startswith("deg") else in_radians(theta, f"exchange/theta of {path.name}")


def _absorption(
    counts: np.ndarray,
    fields: tuple[np.ndarray | None, np.ndarray | None],
    transmission: bool | None,
    path: Path,
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return line integrals (A, S, B) by the white and dark ``fields``, and notes on what could not be measured."""
    white, dark = fields
    if white is None or transmission is False:
        return _without_white(counts, dark, transmission, path)
    if counts.min() < 0 or white.min() < 0:
        raise SignalError(
            f"{path}: photon counts are never negative, but the least here is {min(counts.min(), white.min()):g}; "
            "give the counts of the detector unchanged"
        )
    zero = np.zeros_like(white) if dark is None else dark
    flat = white - zero
    dead = flat <= 0
    if dead.all():
        raise SignalError(f"{path}: its white field is nowhere brighter than its dark field; give one of the open beam")
    through = (counts - zero) / np.where(dead, np.nan, flat)
    low = through <= 0
    notes = []
    if dead.any():
        notes.append(f"{int(dead.sum()):,} bins are as dark in the white field as in the dark one: missing")
    if low.any():
        notes.append(f"{int(low.sum()):,} measurements are as dark as the dark field, or darker: missing")
    return -np.log(np.where(low, np.nan, through)), tuple(notes)


def _without_white(
    counts: np.ndarray, dark: np.ndarray | None, transmission: bool | None, path: Path
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return line integrals of a file without a white field: by its empty edge, or its values as they are."""
    if transmission is None and (dark is not None or (counts == np.rint(counts)).all()):
        raise SignalError(
            f"{path} holds photon counts but no exchange/data_white to divide them by; add the field of the open beam, "
            "or --transmission to take the light beside the object for it"
        )
    values, notes = absorption(counts if dark is None else counts - dark, transmission, str(path))
    return values, notes or ("there is no white field: its values are taken for line integrals, as they are",)
