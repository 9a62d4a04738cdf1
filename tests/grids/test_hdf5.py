"""Nothing outside an HDF5 file is read through it."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from fourierfield import read
from fourierfield.errors import FourierFieldError, SignalError
from fourierfield.grids._hdf5 import opened_hdf5

SECRET = np.arange(48, dtype=np.float32)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    (tmp_path / "secret").write_bytes(SECRET.tobytes())
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["x"] = SECRET.reshape(6, 8)
    return tmp_path / "secret"


@pytest.mark.parametrize("way", ["storage", "link", "group", "virtual"])
def test_parts_in_other_files_are_refused(tmp_path: Path, secret: Path, way: str) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["exchange/theta"] = np.linspace(0, 150, 6)
        if way == "storage":
            whole = [(str(secret), 0, h5py.h5f.UNLIMITED)]
            file.create_dataset("exchange/data", (6, 8), "f4", external=whole)
        elif way == "link":
            file["exchange/data"] = h5py.ExternalLink("other.h5", "/x")
        elif way == "group":
            file["exchange/data"] = np.ones((6, 8), np.float32)
            file["more/of/it"] = h5py.ExternalLink("other.h5", "/")
        else:
            layout = h5py.VirtualLayout((6, 8), "f4")
            layout[:] = h5py.VirtualSource(str(tmp_path / "other.h5"), "x", (6, 8))
            file.create_virtual_dataset("exchange/data", layout)
    with pytest.raises(SignalError, match="lies in another file, which is not read"):
        read(tmp_path / "a.h5")


def test_links_within_the_file_and_circles_are_followed(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["group/x"] = SECRET
        file["again"] = h5py.SoftLink("/group/x")
        file["group/circle"] = file["/"]
    with opened_hdf5(tmp_path / "a.h5") as file:
        np.testing.assert_array_equal(file["again"], SECRET)


def test_fields_that_claim_more_than_memory_are_refused_unread(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["exchange/data"] = np.ones((6, 2, 8), np.float32)
        file.create_dataset("exchange/data_white", (10**9, 2, 8), "f4", chunks=(1000, 2, 8))
    with pytest.raises(FourierFieldError, match="GB"):
        read(tmp_path / "a.h5")
