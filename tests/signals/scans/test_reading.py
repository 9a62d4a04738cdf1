"""Which files are scans, and what is said of others."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from scipy.io import savemat

from fourierfield.errors import FourierFieldError, SignalError
from fourierfield.signals import KSpaceSignal, ScanOptions, SinogramSignal, read_any, read_signal
from fourierfield.signals.recognise import KIND_OF, recognise


def exchange(path: Path) -> Path:
    with h5py.File(path, "w") as file:
        file["exchange/data"] = np.random.default_rng(0).random((6, 2, 9))
    return path


def test_scans_are_told_by_their_content(tmp_path: Path) -> None:
    path = tmp_path / "anything.bin"
    assert recognise(exchange(path)) == "exchange"
    with h5py.File(path, "w") as file:
        file["kspace"] = np.ones((2, 4, 4), complex)
    assert recognise(path) == "fastmri"
    with h5py.File(path, "w") as file:
        file["dataset/data"] = np.zeros(2, dtype=[("head", "i4"), ("data", "f4")])
    assert recognise(path) == "ismrmrd"
    savemat(tmp_path / "a.mat", {"a": np.ones((3, 3))})
    assert recognise((tmp_path / "a.mat").rename(path)) == "mat"
    assert KIND_OF["exchange"] == "ct"
    assert KIND_OF["fastmri"] == "mri"


def test_other_hdf5_is_refused_with_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        for i in range(8):
            file[f"group/set{i}"] = np.ones(3)
    with pytest.raises(SignalError, match=r"HDF5 with group/set0, .* and 2 more; scans are read from") as caught:
        read_any(path)
    assert "\n" not in str(caught.value)
    with h5py.File(path, "w"):
        pass
    with pytest.raises(SignalError, match="HDF5 with no datasets"):
        read_any(path)
    path.write_bytes(exchange(path).read_bytes()[:200])
    with pytest.raises(SignalError, match="cannot be decoded as HDF5"):
        read_any(path)


def test_hdf5_among_frames_is_passed_over(tmp_path: Path, photo_file: Path) -> None:
    folder = tmp_path / "frames"
    folder.mkdir()
    for i in range(2):
        (folder / f"{i}.png").write_bytes(photo_file.read_bytes())
    with h5py.File(folder / "notes.h5", "w") as file:
        file["a"] = np.ones(3)
    assert recognise(folder) == "frames"


def test_a_file_is_simulated_where_that_is_asked_for(photo_file: Path) -> None:
    scan = read_any(photo_file, scan=ScanOptions("ct:5"))
    assert isinstance(scan, SinogramSignal)
    assert (scan.kind, scan.name, scan.file_bytes) == ("ct", str(photo_file), photo_file.stat().st_size)
    assert isinstance(read_any(photo_file, "mri", scan=ScanOptions("mri:0.5")), KSpaceSignal)
    assert isinstance(read_any(photo_file, "image", scan=ScanOptions("mri:0.5")), KSpaceSignal)


def test_what_does_not_go_together_is_refused(tmp_path: Path, photo_file: Path) -> None:
    scan = exchange(tmp_path / "a.h5")
    np.save(tmp_path / "a.npy", np.ones((4, 9)))
    (tmp_path / "t.csv").write_text("x,y\n1,2\n3,4\n")
    said = ScanOptions(angles="0:180")
    for path, kind, options, reason in [
        (photo_file, None, said, "--angles is for CT scans; leave it out"),
        (tmp_path / "a.npy", None, said, "--angles is for CT scans; leave it out"),
        (tmp_path / "t.csv", None, ScanOptions(slice=1), "--slice is for scans; leave it out"),
        (photo_file, "ct", None, "holds no CT scan"),
        (scan, "mri", None, "holds no MRI scan"),
        (scan, "image", None, "is exchange, which holds ct; leave --as image out"),
        (scan, "mesh", None, "holds no mesh"),
        (scan, None, ScanOptions("ct:5"), "no samples on a grid"),
        (photo_file, "mri", ScanOptions("ct:5"), "does not go with --simulate ct:5"),
        (tmp_path / "absent.h5", "ct", None, "does not exist"),
    ]:
        with pytest.raises(FourierFieldError, match=reason) as caught:
            read_any(path, kind, scan=options)
        assert "\n" not in str(caught.value)


def test_commands_that_need_a_grid_say_so(tmp_path: Path) -> None:
    with pytest.raises(SignalError, match="no samples on a grid"):
        read_signal(exchange(tmp_path / "a.h5"))
    savemat(tmp_path / "a.mat", {"a": np.ones((3, 3))})
    with pytest.raises(SignalError, match="no samples on a grid"):
        read_signal(tmp_path / "a.mat")


def test_a_picture_is_no_scan_whatever_is_said_of_its_angles(photo_file: Path) -> None:
    with pytest.raises(SignalError, match="holds no CT scan"):
        read_any(photo_file, "ct", scan=ScanOptions(angles="0:180"))
