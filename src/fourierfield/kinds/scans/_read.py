"""Read the scan in a file of a known container, and distinguish the kinds of scans that are kept in HDF5."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import SignalError
from ...grids._files import check_size, decoding, load_npy
from ...grids._hdf5 import opened_hdf5
from ...grids._tiff import opened_tiff
from ...grids._tiff_checks import refuse_incomplete
from ...tasks._scan_options import ScanOptions
from ._cfl import read_cfl_array
from ._exchange import read_exchange
from ._fastmri import read_fastmri
from ._ismrmrd import read_ismrmrd
from ._kspace import KSpaceSignal
from ._matlab import read_mat
from ._matlab_trajectory import coils_first
from ._projections import as_sinogram
from ._samples import Measured, as_kspace, refuse_slice
from ._side_files import read_trajectory
from ._sinogram import SinogramSignal

_NAMED = 6  # datasets that the message on an unknown file lists; keeps it to one line


def hdf5_container(path: Path) -> str:
    """Return "exchange", "fastmri" or "ismrmrd", by the names of the datasets in an HDF5 file."""
    with decoding(path, "HDF5"):
        import h5py

        with opened_hdf5(path) as file:
            if isinstance(file.get("exchange/data"), h5py.Dataset):
                return "exchange"
            if isinstance(file.get("kspace"), h5py.Dataset):
                return "fastmri"
            acquisitions = file.get("dataset/data")
            if isinstance(acquisitions, h5py.Dataset) and "head" in (acquisitions.dtype.names or ()):
                return "ismrmrd"
            names = _datasets(file)
    found = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
    raise SignalError(
        f"{path} is HDF5 with {found or 'no datasets'}; scans are read from exchange/data (Data Exchange), kspace "
        "(fastMRI) or dataset/data (ISMRMRD); save others as .npy"
    )


def _datasets(file: Any) -> list[str]:
    import h5py

    names: list[str] = []
    file.visititems(lambda name, held: names.append(name) if isinstance(held, h5py.Dataset) else None)
    return names


def read_ct(path: Path, container: str, options: ScanOptions) -> SinogramSignal:
    """Read the CT scan in an "exchange", "npy", "tiff" or "mat" file."""
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
    """Read the MRI scan in a "fastmri", "ismrmrd", "cfl", "npy", "tiff" or "mat" file."""
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
    """Read the MRI scan in a MATLAB file.

    A trajectory among ``options`` takes precedence over one in the file; its places match the samples in MATLAB's
    order.
    """
    held = read_mat(path, "mri" if options.trajectory is None else "samples")
    values, size = held.values, os.path.getsize(path)
    if held.places is not None:
        refuse_slice(options, str(path))
        measured = Measured(values, held.places, name=str(path), file_bytes=size, notes=held.notes)
        return measured.signal(options)
    if options.trajectory is not None:
        values = coils_first(values, len(read_trajectory(Path(options.trajectory))))
    kspace = as_kspace(values, options, name=str(path), file_bytes=size)
    return replace(kspace, notes=(*held.notes, *kspace.notes))


def _array(path: Path, container: str) -> np.ndarray:
    """Return the numbers of a ``.npy`` or TIFF file as they are, pages first."""
    if container == "npy":
        return load_npy(path)
    if container != "tiff":
        raise SignalError(f"{path} is {container}, which holds no scan; save its numbers as .npy")
    with decoding(path, "tiff"), opened_tiff(path) as file:
        check_size(path, file.series[0].shape, 1)
        refuse_incomplete(file, path, file.series)
        return np.asarray(file.asarray())
