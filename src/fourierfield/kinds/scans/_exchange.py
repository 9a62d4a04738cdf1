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
from ._projections import Projections, chosen_slice
from ._sinogram import SinogramSignal

_LEAST = 1e-6  # transmission: lower values are raised to it, so that the logarithm is finite


def read_exchange(path: Path, options: ScanOptions) -> SinogramSignal:
    """Read the CT scan in ``exchange/data`` (angles, slices, bins) as −log((data − dark) / (white − dark)).

    ``data_white`` and ``data_dark`` are averaged over their frames. A missing dark field is taken to be 0; without a
    white field, floats are taken to be line integrals already. ``theta`` is in degrees unless its ``units`` say
    radians. Bins whose white field does not exceed the dark field are missing (NaN).
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
        angles = _theta(fields)
    values, notes = _absorption(counts, white, dark, path)
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


def _theta(fields: Any) -> np.ndarray | None:
    if "theta" not in fields:
        return None
    theta = np.asarray(fields["theta"], dtype=np.float64).reshape(-1)
    units = fields["theta"].attrs.get("units", "degrees")
    words = units.decode() if isinstance(units, bytes) else str(units)
    return theta if words.strip().lower().startswith("rad") else np.radians(theta)


def _absorption(
    counts: np.ndarray, white: np.ndarray | None, dark: np.ndarray | None, path: Path
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return line integrals (A, S, B), and notes on what could not be measured."""
    if white is None:
        return _as_they_are(counts, dark, path)
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
    transmission = (counts - zero) / np.where(dead, np.nan, flat)
    low = int((transmission < _LEAST).sum())
    notes = []
    if dead.any():
        notes.append(f"{int(dead.sum()):,} bins are as dark in the white field as in the dark one: missing")
    if low:
        notes.append(
            f"{low:,} measurements are as dark as the dark field, or darker: {_LEAST:g} of the beam is assumed"
        )
    return -np.log(np.maximum(transmission, _LEAST)), tuple(notes)


def _as_they_are(counts: np.ndarray, dark: np.ndarray | None, path: Path) -> tuple[np.ndarray, tuple[str, ...]]:
    if dark is not None or (counts == np.rint(counts)).all():
        raise SignalError(
            f"{path} holds photon counts but no exchange/data_white to divide them by; add the field of the open beam"
        )
    return counts, ("there is no white field: its values are taken for line integrals, as they are",)
