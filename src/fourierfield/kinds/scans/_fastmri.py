"""Read fastMRI's HDF5 files of k-space."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import SettingsError, SignalError
from ...grids._files import check_size, decoding
from ...grids._hdf5 import opened_hdf5
from ...tasks._scan_options import ScanOptions
from ._ismrmrd_header import read_header
from ._kspace import KSpaceSignal
from ._samples import Measured, complex_values


def read_fastmri(path: Path, options: ScanOptions) -> KSpaceSignal:
    """Read one slice of ``kspace`` (slices, coils, y, x), or (slices, y, x) for one coil.

    ``mask`` (x,) is used if the file has one, and the size of pixels is taken from ``ismrmrd_header`` if it is there.
    """
    with decoding(path, "fastMRI"), opened_hdf5(path) as file:
        kspace = file["kspace"]
        if kspace.ndim not in (3, 4) or 0 in kspace.shape:
            raise SignalError(f"{path}: kspace has shape {kspace.shape}; give (slices, coils, y, x) or (slices, y, x)")
        chosen, notes = middle_slice(options.slice, len(kspace), str(path))
        check_size(path, kspace.shape[1:], 2)
        values = complex_values(np.asarray(kspace[chosen]), str(path))
        mask = _mask(file, values.shape[-2:], path)
        spacing = _spacing(file, values.shape[-2:], path)
    values = values if values.ndim == 3 else values[None]
    return Measured(
        values, mask=mask, spacing=spacing, name=str(path), file_bytes=os.path.getsize(path), notes=notes
    ).signal(options)


def middle_slice(asked: int | None, count: int, name: str) -> tuple[int, tuple[str, ...]]:
    """Return the number of the slice to read, by default the middle one, with a note.

    Raises ``SettingsError`` if there is no such slice.

    >>> middle_slice(None, 5, "scan.h5")
    (2, ('slice 2 of 5, the middle one (--slice)',))
    """
    if asked is not None and asked >= count:
        raise SettingsError(f"--slice {asked}: {name} has {count} slices; give 0 to {count - 1}")
    if asked is not None:
        return asked, (f"slice {asked} of {count}",) if count > 1 else ()
    return count // 2, (f"slice {count // 2} of {count}, the middle one (--slice)",) if count > 1 else ()


def _mask(file: Any, shape: tuple[int, ...], path: Path) -> np.ndarray | None:
    """Return which places were measured, (y, x) bool, from a mask of columns; None without one."""
    if "mask" not in file:
        return None
    mask = np.asarray(file["mask"]).reshape(-1) != 0
    if len(mask) != shape[1]:
        raise SignalError(
            f"{path}: a mask of {len(mask)} columns does not match k-space of {shape[1]}; give a value for each"
        )
    return np.array(np.broadcast_to(mask, shape))


def _spacing(file: Any, shape: tuple[int, ...], path: Path) -> tuple[float, ...] | None:
    """Return millimetres per pixel along y and x, or None if the header describes another matrix.

    y is the readout axis, which the header calls x.
    """
    if "ismrmrd_header" not in file:
        return None
    encoded = read_header(file["ismrmrd_header"][()], str(path)).encoded
    if (encoded.shape[2], encoded.shape[1]) != tuple(shape):
        return None
    return encoded.spacing[2], encoded.spacing[1]
