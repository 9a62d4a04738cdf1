"""Which files are scans, and what is said of others."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from scipy.io import savemat

from fourierfield.errors import FourierFieldError, SignalError
from fourierfield.kinds._read import read
from fourierfield.kinds._registry import kind_held, recognise
from fourierfield.kinds.scans._kspace import KSpaceSignal
from fourierfield.kinds.scans._sinogram import SinogramSignal
from fourierfield.tasks._settings import ReadOptions


def exchange(path: Path) -> Path:
    with h5py.File(path, "w") as file:
        file["exchange/data"] = np.random.default_rng(0).random((6, 2, 9))
    return path


def held(path: Path) -> tuple[str, str]:
    """The format of a file and the kind of signal in it."""
    found = recognise(path)
    assert found is not None
    return found.container, kind_held(path, found)


def test_scans_are_told_by_their_content(tmp_path: Path) -> None:
    path = tmp_path / "anything.bin"
    assert held(exchange(path)) == ("exchange", "ct")
    with h5py.File(path, "w") as file:
        file["kspace"] = np.ones((2, 4, 4), complex)
    assert held(path) == ("fastmri", "mri")
    with h5py.File(path, "w") as file:
        file["dataset/data"] = np.zeros(2, dtype=[("head", "i4"), ("data", "f4")])
    assert held(path) == ("ismrmrd", "mri")
    savemat(tmp_path / "a.mat", {"a": np.ones((3, 3))})
    assert held((tmp_path / "a.mat").rename(path)) == ("mat", "")


def test_other_hdf5_is_refused_with_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        for i in range(8):
            file[f"group/set{i}"] = np.ones(3)
    with pytest.raises(SignalError, match=r"HDF5 with group/set0, .* and 2 more; scans are read from") as caught:
        read(path)
    assert "\n" not in str(caught.value)
    with h5py.File(path, "w"):
        pass
    with pytest.raises(SignalError, match="HDF5 with no datasets"):
        read(path)
    path.write_bytes(exchange(path).read_bytes()[:200])
    with pytest.raises(SignalError, match="cannot be decoded as HDF5"):
        read(path)


def test_hdf5_among_frames_is_passed_over(tmp_path: Path, photo_file: Path) -> None:
    folder = tmp_path / "frames"
    folder.mkdir()
    for i in range(2):
        (folder / f"{i}.png").write_bytes(photo_file.read_bytes())
    with h5py.File(folder / "notes.h5", "w") as file:
        file["a"] = np.ones(3)
    assert held(folder) == ("frames", "video")


def test_a_file_is_simulated_where_that_is_asked_for(photo_file: Path) -> None:
    scan = read(photo_file, options=ReadOptions("ct:5"))
    assert isinstance(scan, SinogramSignal)
    assert (scan.kind, scan.name, scan.file_bytes) == ("ct", str(photo_file), photo_file.stat().st_size)
    assert isinstance(read(photo_file, "mri", options=ReadOptions("mri:0.5")), KSpaceSignal)
    assert isinstance(read(photo_file, "image", options=ReadOptions("mri:0.5")), KSpaceSignal)


def test_what_does_not_go_together_is_refused(tmp_path: Path, photo_file: Path) -> None:
    scan = exchange(tmp_path / "a.h5")
    np.save(tmp_path / "a.npy", np.ones((4, 9)))
    (tmp_path / "t.csv").write_text("x,y\n1,2\n3,4\n")
    said = ReadOptions(angles="0:180")
    for path, kind, options, reason in [
        (photo_file, None, said, "--angles is for CT scans, not for pictures; leave it out"),
        (tmp_path / "a.npy", None, said, "--angles is for CT scans, and .* is taken for a picture; add --as ct"),
        (tmp_path / "a.npy", None, ReadOptions(slice=1), "CT scans and MRI scans, .*; add --as ct or --as mri"),
        (
            tmp_path / "t.csv",
            None,
            ReadOptions(slice=1),
            "--slice is for CT scans and MRI scans, not for tables; leave it out",
        ),
        (photo_file, "ct", None, "is a picture .PNG., not a CT scan"),
        (scan, "mri", None, "is a CT scan .Data Exchange., not an MRI scan"),
        (scan, "image", None, "is a CT scan .Data Exchange., not a picture; leave --as image out"),
        (scan, "mesh", None, "not a mesh"),
        (scan, None, ReadOptions("ct:5"), "holds a CT scan; --simulate takes an image or a volume"),
        (photo_file, "mri", ReadOptions("ct:5"), "does not go with --simulate ct:5"),
        (tmp_path / "absent.h5", "ct", None, "does not exist"),
    ]:
        with pytest.raises(FourierFieldError, match=reason) as caught:
            read(path, kind, options=options)
        assert "\n" not in str(caught.value)


def test_matlab_files_need_to_be_told_apart(tmp_path: Path) -> None:
    savemat(tmp_path / "a.mat", {"a": np.ones((3, 3))})
    with pytest.raises(
        SignalError, match="is a MATLAB file, which may hold a CT or an MRI scan; add --as ct or --as mri"
    ):
        read(tmp_path / "a.mat")
    assert read(tmp_path / "a.mat", "ct").kind == "ct"


def test_a_picture_is_no_scan_whatever_is_said_of_its_angles(photo_file: Path) -> None:
    with pytest.raises(SignalError, match="not a CT scan"):
        read(photo_file, "ct", options=ReadOptions(angles="0:180"))
