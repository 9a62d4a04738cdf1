"""From a file whose container is known to the scan in it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np

from ...errors import SignalError
from ..array_file import load_npy
from ..decoding import decoding
from ..limits import check_size
from .cfl import read_cfl_array
from .exchange import read_exchange
from .fastmri import read_fastmri
from .ismrmrd import read_ismrmrd
from .kspace import KSpaceSignal
from .matlab import read_mat
from .matlab_trajectory import by_coil
from .options import ScanOptions
from .projections import as_sinogram
from .samples import Measured, as_kspace, refuse_slice
from .side_files import read_trajectory
from .sinogram import SinogramSignal

__all__ = ["holds_complex", "read_ct", "read_mri"]


def read_ct(path: Path, container: str, options: ScanOptions) -> SinogramSignal:
    """The CT scan in an "exchange", "npy", "tiff" or "mat" file. Raises ``SignalError`` and ``SettingsError``."""
    options.refuse_others("ct")
    if container == "exchange":
        return read_exchange(path, options)
    angles: np.ndarray | None = None
    notes: tuple[str, ...] = ()
    if container == "mat":
        held = read_mat(path, "ct")
        array, angles, notes = held.values, held.angles, held.notes
    else:
        array = _array(path, container)
    sinogram = as_sinogram(array, options, angles=angles, name=str(path), file_bytes=os.path.getsize(path))
    return replace(sinogram, notes=(*notes, *sinogram.notes))


def read_mri(path: Path, container: str, options: ScanOptions) -> KSpaceSignal:
    """The MRI scan in a "fastmri", "ismrmrd", "cfl", "npy", "tiff" or "mat" file. Raises ``SignalError`` and
    ``SettingsError``."""
    options.refuse_others("mri")
    if container in ("fastmri", "ismrmrd"):
        return (read_fastmri if container == "fastmri" else read_ismrmrd)(path, options)
    if container == "mat":
        return _mri_of_mat(path, options)
    notes: tuple[str, ...] = ()
    if container == "cfl":
        pair = read_cfl_array(path)
        array, notes, path = pair.coils_first(), pair.notes, path.with_suffix(".cfl")
    else:
        array = _array(path, container)
    first = True if container == "cfl" else None
    kspace = as_kspace(array, options, coils_first=first, name=str(path), file_bytes=os.path.getsize(path))
    return replace(kspace, notes=(*notes, *kspace.notes))


def _mri_of_mat(path: Path, options: ScanOptions) -> KSpaceSignal:
    """A trajectory that is named comes before one in the file, and has a place for each sample in MATLAB's order."""
    held = read_mat(path, "mri" if options.trajectory is None else "samples")
    values, size = held.values, os.path.getsize(path)
    if held.places is not None:
        refuse_slice(options, str(path))
        measured = Measured(values, held.places, name=str(path), file_bytes=size, notes=held.notes)
        return measured.signal(options)
    if options.trajectory is not None:
        values = by_coil(values, len(read_trajectory(Path(options.trajectory))))
    kspace = as_kspace(values, options, name=str(path), file_bytes=size)
    return replace(kspace, notes=(*held.notes, *kspace.notes))


def _array(path: Path, container: str) -> np.ndarray:
    """The numbers of a ".npy" or TIFF file as they are, pages first."""
    if container == "npy":
        return load_npy(path)
    if container != "tiff":
        raise SignalError(f"{path} is {container}, which holds no scan; save its numbers as .npy")
    with decoding(path, "tiff"):
        import tifffile

        with tifffile.TiffFile(path) as file:
            check_size(path, file.series[0].shape, 1)
            return file.asarray()


def holds_complex(path: Path) -> bool:
    """Whether a ``.npy`` file holds complex numbers, by its header."""
    try:
        return bool(np.load(path, mmap_mode="r", allow_pickle=False).dtype.kind == "c")
    except (ValueError, OSError, EOFError):
        return False  # left to who reads it
