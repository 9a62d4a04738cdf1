"""The axis of rotation is found from the projections, or it is said that it is not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fourierfield.kinds._read import read
from fourierfield.kinds.scans._centre import centre_of_rotation

from .conftest import BlobScan

HALF = np.pi * np.arange(60) / 60
ANGLES = {
    "half a turn": HALF,
    "both ends": np.linspace(0, np.pi, 61),
    "a turn": 2 * HALF,
    "an odd turn": 2 * np.pi * np.arange(61) / 61,
    "backwards": np.pi / 3 - HALF,
    "golden": np.pi * (np.sqrt(5) - 1) * np.arange(90),
    "few": np.pi * np.arange(20) / 20,
}


@pytest.mark.parametrize("angles", ANGLES)
@pytest.mark.parametrize("centre", [47.5, 39.3, 60.77])
def test_offset_axes_are_found(blob_scan: BlobScan, angles: str, centre: float) -> None:
    found = centre_of_rotation(blob_scan(ANGLES[angles], 96, centre), ANGLES[angles])
    assert found == pytest.approx(centre, abs=0.1)


@pytest.mark.parametrize("angles", ["half a turn", "a turn"])
@pytest.mark.parametrize("seed", range(3))
def test_noise_and_rings_do_not_mislead(blob_scan: BlobScan, angles: str, seed: int) -> None:
    generator = np.random.default_rng(seed)
    scan = blob_scan(ANGLES[angles], 96, 44.3)
    size = np.sqrt((scan**2).mean())
    noisy = scan + 0.05 * size * generator.normal(size=scan.shape) + 0.05 * size * generator.normal(size=96)
    assert centre_of_rotation(noisy, ANGLES[angles]) == pytest.approx(44.3, abs=0.2)


@pytest.mark.parametrize(("first", "last"), [(10, 60), (22, 72)])
def test_truncated_projections_are_compared_where_they_overlap(blob_scan: BlobScan, first: int, last: int) -> None:
    scan = blob_scan(HALF, 96, 43.6)[:, first:last]
    assert centre_of_rotation(scan, HALF) == pytest.approx(43.6 - first, abs=0.2)


def test_slices_and_missing_bins_are_used_together(blob_scan: BlobScan) -> None:
    scan = np.stack([blob_scan(HALF, 96, 50.2)] * 3, axis=1)
    scan[:, 1] *= 2
    scan[:, :, [20, 47]] = np.nan
    assert centre_of_rotation(scan, HALF) == pytest.approx(50.2, abs=0.1)


def test_where_it_cannot_be_told_it_is_not(blob_scan: BlobScan) -> None:
    noise = np.random.default_rng(0).normal(size=(60, 96))
    assert centre_of_rotation(noise, HALF) is None
    assert centre_of_rotation(np.zeros((60, 96)), HALF) is None
    assert centre_of_rotation(blob_scan(HALF / 2, 96, 40.0), HALF / 2) is None
    assert centre_of_rotation(blob_scan(HALF[:2], 96, 40.0), HALF[:2]) is None


def test_a_large_detector_is_searched_coarsely_first(blob_scan: BlobScan) -> None:
    wide = np.repeat(blob_scan(HALF, 260, 110.0), 4, axis=1)
    assert centre_of_rotation(wide, HALF) == pytest.approx(4 * 110.0 + 1.5, abs=0.3)


def test_a_tooth_turns_about_the_known_axis(shared_data: Path) -> None:
    signal = read(shared_data / "ct" / "tooth.h5")
    assert signal.shape == (181, 2, 640)
    assert signal.geometry.axis == pytest.approx(296, abs=0.4)
    assert any("projects to bin 295" in note or "projects to bin 296" in note for note in signal.notes)
