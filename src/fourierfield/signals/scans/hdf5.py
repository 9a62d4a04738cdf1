"""Which of the scans that are kept in HDF5 a file is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...errors import SignalError
from ..decoding import decoding

__all__ = ["hdf5_container"]

_NAMED = 6  # datasets in the message on a file that is none of them


def hdf5_container(path: Path) -> str:
    """ "exchange", "fastmri" or "ismrmrd", by the names of the datasets. Raises ``SignalError`` for others."""
    with decoding(path, "HDF5"):
        import h5py

        with h5py.File(path, "r") as file:
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
