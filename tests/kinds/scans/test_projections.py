"""Sinograms from plain arrays."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile

from fourierfield.errors import FourierFieldError, SettingsError, SignalError
from fourierfield.kinds._read import read as read_file
from fourierfield.kinds.scans._projections import as_sinogram
from fourierfield.kinds.scans._sinogram import SinogramSignal
from fourierfield.tasks._scan_options import ScanOptions
from fourierfield.tasks._settings import ReadOptions

from .conftest import BlobScan

ANGLES = np.pi * np.arange(30) / 30


def read(path: Path, **options: object) -> SinogramSignal:
    signal = read_file(path, "ct", options=ReadOptions(**options))
    assert isinstance(signal, SinogramSignal)
    return signal


def test_arrays_are_angles_slices_and_bins(blob_scan: BlobScan) -> None:
    scan = blob_scan(ANGLES, 80, 36.2)
    flat = as_sinogram(scan)
    assert flat.shape == (30, 1, 80)
    np.testing.assert_allclose(flat.geometry.angles, ANGLES)
    assert flat.geometry.axis == pytest.approx(36.2, abs=0.1)
    assert any("assumed" in note for note in flat.notes)
    deep = as_sinogram(np.stack([scan, 2 * scan], axis=1), ScanOptions(slice=1, angles="0:180", spacing=0.25))
    np.testing.assert_allclose(deep.projections[:, 0], 2 * scan, rtol=1e-6)
    assert (deep.geometry.unit, deep.thickness, deep.domain.extent) == ("mm", 0.25, (20.0, 20.0))
    assert not any("assumed" in note for note in deep.notes)


def test_what_the_user_says_goes_before_what_is_assumed(tmp_path: Path) -> None:
    (tmp_path / "angles.txt").write_text("0\n45\n90\n")
    np.save(tmp_path / "angles.npy", np.array([0.0, 45, 90]))
    for name in ("angles.txt", "angles.npy"):
        signal = as_sinogram(np.ones((3, 9)), ScanOptions(angles=str(tmp_path / name), centre=3.5))
        np.testing.assert_allclose(np.degrees(signal.geometry.angles), [0, 45, 90])
    assert signal.geometry.axis == 3.5
    assert signal.notes == ()
    fan = as_sinogram(np.ones((4, 9)), ScanOptions(fan="50,100"))
    assert (fan.geometry.source, fan.geometry.detector, fan.geometry.axis) == (50, 100, 4)
    np.testing.assert_allclose(np.degrees(fan.geometry.angles), [0, 90, 180, 270])


def test_missing_values_stay_missing_and_the_axis_falls_back_to_the_middle() -> None:
    values = np.ones((6, 9))
    values[2, 3] = np.nan
    signal = as_sinogram(values)
    assert np.isnan(signal.projections).sum() == 1
    assert signal.geometry.axis == 4
    assert any("middle, bin 4 (--centre)" in note for note in signal.notes)


def test_npy_and_tiff_hold_the_numbers_themselves(tmp_path: Path, blob_scan: BlobScan) -> None:
    scan = blob_scan(ANGLES, 80, 39.5)
    np.save(tmp_path / "a.npy", scan)
    tifffile.imwrite(tmp_path / "a.tif", np.stack([scan] * 3, axis=1).astype(np.float32))
    tifffile.imwrite(tmp_path / "b.tif", np.rint(scan).astype(np.uint16))
    for name, slices in (("a.npy", 1), ("a.tif", 3), ("b.tif", 1)):
        signal = read(tmp_path / name)
        assert signal.shape == (30, slices, 80)
        np.testing.assert_allclose(signal.projections[:, 0], scan, atol=0.51 if name == "b.tif" else 1e-4)
        assert signal.file_bytes == (tmp_path / name).stat().st_size
        assert any("whole numbers" in note for note in signal.notes) == (name == "b.tif")


REFUSED = {
    "complex": (np.ones((4, 9), dtype=complex), {}, "complex where real is needed"),
    "words": (np.full((4, 9), "a"), {}, "integers or floats"),
    "one axis": (np.ones(9), {}, "angles × bins"),
    "empty": (np.ones((0, 9)), {}, "angles × bins"),
    "one bin": (np.ones((4, 1)), {}, "give angles × slices × bins"),
    "infinite": (np.full((4, 9), np.inf), {}, "infinite"),
    "beyond float32": (np.full((4, 9), 1e300), {}, "infinite"),
    "all missing": (np.full((4, 9), np.nan), {}, "missing"),
    "no such slice": (np.ones((4, 3, 9)), {"slice": 3}, "--slice 3.* 3 slices"),
    "axis beside": (np.ones((4, 9)), {"centre": 12}, "--centre"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_sinogram_is_refused_in_one_line(case: str) -> None:
    array, options, reason = REFUSED[case]
    with pytest.raises(FourierFieldError, match=reason) as caught:
        as_sinogram(array, ScanOptions(**options))
    assert "\n" not in str(caught.value)


def test_options_of_mri_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.ones((4, 9)))
    with pytest.raises(SettingsError, match="--mask is for MRI scans, not for CT scans"):
        read(tmp_path / "a.npy", slice=0, mask=__file__)


def test_angles_that_do_not_match_are_refused_with_both_numbers(tmp_path: Path) -> None:
    (tmp_path / "angles.txt").write_text("0, 45, 90")
    with pytest.raises(SignalError, match=r"has 3 angles, but .* 4 projections"):
        as_sinogram(np.ones((4, 9)), ScanOptions(angles=str(tmp_path / "angles.txt")))
    for text in ("0, x", "", "0 nan"):
        (tmp_path / "angles.txt").write_text(text)
        with pytest.raises(SettingsError, match=r"--angles .* list of"):
            as_sinogram(np.ones((4, 9)), ScanOptions(angles=str(tmp_path / "angles.txt")))


def test_tiff_stacks_that_are_cut_off_are_refused(tmp_path: Path, blob_scan: BlobScan) -> None:
    scan = np.stack([blob_scan(ANGLES, 80, 36.2)] * 3, axis=1).astype(np.float32)
    with tifffile.TiffWriter(tmp_path / "a.tif") as file:
        for page in scan:  # a directory before each page, so that a cut leaves whole pages
            file.write(page, photometric="minisblack", metadata=None)
    content = (tmp_path / "a.tif").read_bytes()
    assert read(tmp_path / "a.tif").shape == (30, 3, 80)
    with tifffile.TiffFile(tmp_path / "a.tif") as file:
        begins = file.pages[15].offset
    (tmp_path / "b.tif").write_bytes(content[:begins])  # fifteen whole pages, which tifffile reads
    with pytest.raises(SignalError, match="cut off"):
        read(tmp_path / "b.tif")
