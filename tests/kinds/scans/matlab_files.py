"""MATLAB files of either version."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
from scipy.io import savemat


def write_mat(path: Path, variables: dict[str, object], version: str) -> Path:
    """Of version "5" or "7.3"."""
    if version == "5":
        savemat(path, variables)
        return path
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, values in variables.items():
            _write(file, name, np.asarray(values))
    with open(path, "r+b") as opened:
        opened.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x02IM")
    return path


def _write(file: h5py.File, name: str, values: np.ndarray) -> None:
    values = np.atleast_2d(values).T
    if values.dtype.kind == "c":
        pairs = np.empty(values.shape, dtype=[("real", "f8"), ("imag", "f8")])
        pairs["real"], pairs["imag"] = values.real, values.imag
        values = pairs
    file[name] = values
    file[name].attrs["MATLAB_class"] = np.bytes_("double")
