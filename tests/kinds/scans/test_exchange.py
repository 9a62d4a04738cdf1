"""Data Exchange: from photon counts to line integrals."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from fourierfield.errors import SignalError
from fourierfield.kinds._read import read as read_file
from fourierfield.kinds.scans._sinogram import SinogramSignal
from fourierfield.tasks._settings import ReadOptions

from .conftest import BlobScan

ANGLES = np.pi * np.arange(30) / 30
Arrays = dict[str, np.ndarray]


@pytest.fixture
def arrays(blob_scan: BlobScan) -> Arrays:
    """Counts of a scan of two slices, with an open beam that differs from bin to bin."""
    integrals = np.stack([blob_scan(ANGLES, 80, 37.7), 0.5 * blob_scan(ANGLES, 80, 37.7)], axis=1) / 20
    white = 1000 + 200 * np.sin(np.arange(80) / 9)
    return {
        "data": 50 + white * np.exp(-integrals),
        "data_white": np.broadcast_to(50 + white, (7, 2, 80)),
        "data_dark": np.full((3, 2, 80), 50.0),
        "theta": np.degrees(ANGLES),
    }


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., SinogramSignal]:
    def save_and_read(arrays: Arrays, units: object = None, **options: object) -> SinogramSignal:
        path = tmp_path / "scan.bin"
        with h5py.File(path, "w") as file:
            for name, values in arrays.items():
                file[f"exchange/{name}"] = values
            if units is not None:
                file["exchange/theta"].attrs["units"] = units
        signal = read_file(path, options=ReadOptions(**options))
        assert isinstance(signal, SinogramSignal)
        return signal

    return save_and_read


Read = Callable[..., SinogramSignal]


def test_counts_become_line_integrals(arrays: Arrays, read: Read, blob_scan: BlobScan) -> None:
    signal = read(arrays, "deg")
    np.testing.assert_allclose(signal.projections[:, 0], blob_scan(ANGLES, 80, 37.7) / 20, atol=1e-5)
    np.testing.assert_allclose(signal.geometry.angles, ANGLES)
    assert signal.geometry.axis == pytest.approx(37.7, abs=0.1)
    one = read(arrays, slice=1)
    np.testing.assert_array_equal(one.projections, signal.projections[:, 1:])


@pytest.mark.parametrize("units", ["rad", b"radians"])
def test_angles_may_be_in_radians(arrays: Arrays, read: Read, units: object) -> None:
    np.testing.assert_allclose(read(arrays | {"theta": ANGLES}, units).geometry.angles, ANGLES)


def test_angles_whose_span_is_half_a_turn_of_radians_are_in_radians(arrays: Arrays, read: Read) -> None:
    signal = read(arrays | {"theta": ANGLES})
    np.testing.assert_allclose(signal.geometry.angles, ANGLES)
    assert any("taken for radians" in note for note in signal.notes)
    np.testing.assert_allclose(read(arrays | {"theta": ANGLES}, "deg").geometry.angles, np.radians(ANGLES))


def test_the_open_beam_is_that_of_the_edge_if_asked_for(arrays: Arrays, read: Read) -> None:
    even = np.exp(-np.stack([read(arrays).projections[:, 0]] * 2, axis=1).astype(np.float64))
    counts = {"data": np.rint(50 + 1e6 * even), "data_dark": np.full((3, 2, 80), 50.0), "theta": np.degrees(ANGLES)}
    signal = read(counts, transmission=True)
    np.testing.assert_allclose(signal.projections, -np.log(even), atol=2e-4)
    assert any("an open beam of " in note for note in signal.notes)


def test_what_may_lack(arrays: Arrays, read: Read) -> None:
    del arrays["theta"]
    signal = read(arrays)
    np.testing.assert_allclose(signal.geometry.angles, ANGLES)
    assert any("30 are assumed" in note for note in signal.notes)
    no_dark = {"data": arrays["data"] - 50, "data_white": arrays["data_white"][0] - 50}  # of one frame, and no axis
    np.testing.assert_allclose(read(no_dark).projections, signal.projections, atol=1e-5)
    integrals = read({"data": signal.projections})
    np.testing.assert_array_equal(integrals.projections, signal.projections)
    assert any("no white field" in note for note in integrals.notes)
    flat = read({"data": arrays["data"][:, 0], "data_white": arrays["data_white"][:, 0]})
    assert flat.shape == (30, 1, 80)


def test_dark_and_dead_bins_are_told(arrays: Arrays, read: Read) -> None:
    white, data = np.array(arrays["data_white"]), arrays["data"].copy()
    white[:, :, 11] = 50
    data[4, 0, 20:23] = [50, 40, 0]
    signal = read(arrays | {"data_white": white, "data": data})
    assert np.isnan(signal.projections[:, :, 11]).all()
    assert np.isnan(signal.projections).sum() == 63
    assert np.isnan(signal.projections[4, 0, 20:23]).all()
    assert any(note.startswith("2 bins are as dark") for note in signal.notes)
    assert any(note.startswith("3 measurements are as dark") for note in signal.notes)


BROKEN: dict[str, tuple[Callable[[Arrays], Arrays], str]] = {
    "no light": (lambda a: a | {"data_white": a["data_dark"]}, "nowhere brighter"),
    "other detector": (lambda a: a | {"data_white": np.ones((2, 2, 79))}, "does not match"),
    "other angles": (lambda a: a | {"theta": a["theta"][:-1]}, "29 angles, but .* 30 projections"),
    "negative": (lambda a: a | {"data": a["data"] - 900}, "never negative"),
    "complex": (lambda a: a | {"data": a["data"] + 0j}, "complex where real"),
    "four axes": (lambda a: a | {"data": a["data"][None]}, "angles × slices × bins"),
    "counts alone": (lambda a: {"data": a["data"].astype(np.uint16)}, "no exchange/data_white"),
    "dark alone": (lambda a: {"data": a["data"], "data_dark": a["data_dark"]}, "no exchange/data_white"),
    "white not finite": (lambda a: a | {"data_white": np.full((2, 2, 80), np.nan)}, "finite frames"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_scans_are_refused_in_one_line(arrays: Arrays, read: Read, tmp_path: Path, case: str) -> None:
    change, reason = BROKEN[case]
    with pytest.raises(SignalError, match=reason) as caught:
        read(change(arrays))
    assert str(tmp_path) in str(caught.value)
    assert "\n" not in str(caught.value)
