"""Angles of projections as users and files state them."""

from __future__ import annotations

import numpy as np
import pytest

from fourierfield.errors import SettingsError, SignalError
from fourierfield.kinds.scans._angles import in_radians, scan_angles
from fourierfield.tasks._scan_options import ScanOptions

from .conftest import BlobScan


@pytest.mark.parametrize(("text", "last"), [("0:180:3", 180), ("0:177:3", 177), ("180:0:3", 0), ("-90:90:-3", 90)])
def test_a_step_counts_the_end(text: str, last: float) -> None:
    count = 1 + round(abs(last - float(text.split(":")[0])) / 3)
    angles, notes = scan_angles(ScanOptions(angles=text), np.zeros((count, 4)))
    assert not notes
    np.testing.assert_allclose(np.degrees(angles[-1]), last, atol=1e-9)
    np.testing.assert_allclose(np.abs(np.diff(np.degrees(angles))), 3)
    with pytest.raises(SignalError, match=f"has {count} angles, but a.npy has {count + 1} projections"):
        scan_angles(ScanOptions(angles=text), np.zeros((count + 1, 4)), name="a.npy")


def test_a_range_says_that_its_end_is_not_counted_and_how_it_would_be() -> None:
    _, notes = scan_angles(ScanOptions(angles="0:180"), np.zeros((61, 4)))
    assert notes == (
        "61 angles from 0° to below 180°, 2.951° apart; if 180° is the last of them, write --angles 0:180:3",
    )
    _, notes = scan_angles(ScanOptions(angles="0:180"), np.zeros((60, 4)))
    assert notes == ("60 angles from 0° to below 180°, 3° apart",)
    with pytest.raises(SettingsError, match="STEP must not be 0"):
        _ = ScanOptions(angles="0:180:0").angle_range


@pytest.mark.parametrize("noise", [0.0, 0.3])
@pytest.mark.parametrize("ended", [False, True])
def test_projections_tell_whether_a_whole_turn_counts_its_end(blob_scan: BlobScan, noise: float, ended: bool) -> None:
    truth = np.linspace(0, 2 * np.pi, 90, endpoint=ended)
    scan = blob_scan(truth, 80, 40.3)
    scan = scan + noise * np.abs(np.diff(scan, axis=0)).mean() * np.random.default_rng(0).normal(size=scan.shape)
    angles, notes = scan_angles(ScanOptions(angles="0:360"), scan)
    np.testing.assert_allclose(angles, truth)
    assert ("the last projection repeats the first" in notes[0]) is ended


def test_noise_alone_does_not_decide() -> None:
    angles, _ = scan_angles(ScanOptions(angles="0:360"), np.random.default_rng(0).normal(size=(90, 40)))
    np.testing.assert_allclose(angles, 2 * np.pi * np.arange(90) / 90)


@pytest.mark.parametrize("turn", [np.pi, 2 * np.pi])
def test_only_spans_of_half_a_turn_or_a_whole_one_are_radians(turn: float) -> None:
    for numbers in (np.linspace(0, turn, 60), turn * np.arange(60) / 60, 1 + np.linspace(0, turn, 60)):
        assert in_radians(numbers, "a.txt")[0] is numbers
    for numbers in (np.linspace(0, 5, 60), np.arange(3.0), np.linspace(0, 180, 60)):
        np.testing.assert_allclose(in_radians(numbers, "a.txt")[0], np.radians(numbers))
