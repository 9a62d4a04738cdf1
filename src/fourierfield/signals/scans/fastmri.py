"""fastMRI's HDF5 files of k-space."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import SettingsError, SignalError
from ..decoding import decoding
from ..limits import check_size
from .ismrmrd_header import read_header
from .kspace import KSpaceSignal
from .options import ScanOptions
from .samples import Measured, complex_values

__all__ = ["middle_slice", "read_fastmri"]


def read_fastmri(path: Path, options: ScanOptions) -> KSpaceSignal:
    """One slice of ``kspace`` (slices, coils, y, x), or (slices, y, x) of one coil; ``mask`` (x,) if there is one.

    Pixels are as large as ``ismrmrd_header`` says, if it is there. Raises ``SignalError`` and ``SettingsError``.
    """
    with decoding(path, "fastMRI"):
        import h5py

        with h5py.File(path, "r") as file:
            kspace = file["kspace"]
            if kspace.ndim not in (3, 4) or 0 in kspace.shape:
                raise SignalError(f"{path}: kspace is {kspace.shape}; give (slices, coils, y, x) or (slices, y, x)")
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
    """The slice to read, the middle one if none is asked for, with a note. Raises ``SettingsError``.

    >>> middle_slice(None, 5, "scan.h5")
    (2, ('slice 2 of 5, the middle one (--slice)',))
    """
    if asked is not None and asked >= count:
        raise SettingsError(f"--slice {asked}: {name} has {count} slices; give 0 to {count - 1}")
    if asked is not None:
        return asked, (f"slice {asked} of {count}",) if count > 1 else ()
    return count // 2, (f"slice {count // 2} of {count}, the middle one (--slice)",) if count > 1 else ()


def _mask(file: Any, shape: tuple[int, ...], path: Path) -> np.ndarray | None:
    """(y, x) bool: columns that were measured."""
    if "mask" not in file:
        return None
    mask = np.asarray(file["mask"]).reshape(-1) != 0
    if len(mask) != shape[1]:
        raise SignalError(
            f"{path}: a mask of {len(mask)} columns does not go with k-space of {shape[1]}; give one of each"
        )
    return np.array(np.broadcast_to(mask, shape))


def _spacing(file: Any, shape: tuple[int, ...], path: Path) -> tuple[float, ...] | None:
    """Millimetres along y, which is the header's readout x, and x; None where it tells of another matrix."""
    if "ismrmrd_header" not in file:
        return None
    encoded = read_header(file["ismrmrd_header"][()], str(path)).encoded
    if (encoded.shape[2], encoded.shape[1]) != tuple(shape):
        return None
    return encoded.spacing[2], encoded.spacing[1]
