"""Line integrals of transmission, and bins that measure nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile

import fourierfield
from fourierfield.errors import SignalError
from fourierfield.kinds.scans._transmission import absorption, looks_like_transmission, without_stuck_bins

from .conftest import BlobScan

ANGLES = np.pi * np.arange(40) / 40
NEUTRONS = Path(__file__).parents[4] / "shared" / "data" / "ct" / "sinogram_360_neutron_image.tif"


@pytest.fixture
def integrals(blob_scan: BlobScan) -> np.ndarray:
    return blob_scan(ANGLES, 120, 60.0)[:, None] / 20


@pytest.mark.parametrize("beam", [1.0, 2500.0, 6e4])
def test_transmission_is_told_from_line_integrals(integrals: np.ndarray, beam: float) -> None:
    through = beam * np.exp(-integrals)
    found, notes = absorption(through, None, "a.npy")
    np.testing.assert_allclose(found, integrals, atol=2e-3)
    assert f"open beam of {beam:.3g}"[:14] in notes[0]
    assert absorption(integrals, None, "a.npy")[1] == ()
    np.testing.assert_array_equal(absorption(through, False, "a.npy")[0], through)


@pytest.mark.parametrize("photons", [30, 300, 30000])
def test_noise_of_photons_does_not_hide_what_they_are(integrals: np.ndarray, photons: int) -> None:
    counts = np.random.default_rng(0).poisson(photons * np.exp(-integrals))
    assert looks_like_transmission(counts)
    noisy = integrals + 0.3 * np.random.default_rng(0).normal(size=integrals.shape)
    assert not looks_like_transmission(noisy)
    assert not looks_like_transmission(np.maximum(noisy, 0))


def test_measurements_without_light_are_missing(integrals: np.ndarray) -> None:
    counts = np.rint(1000 * np.exp(-integrals)).astype(np.uint16)
    counts[3, 0, 55:58] = 0
    found, notes = absorption(counts, None, "a.npy")
    np.testing.assert_array_equal(np.argwhere(np.isnan(found))[:, 2], [55, 56, 57])
    assert notes[1] == "3 measurements without any light are missing"


def test_behind_dark_edges_the_brightest_values_are_the_beam(integrals: np.ndarray) -> None:
    through = 1000 * np.exp(-integrals)
    through[..., :5] = through[..., -5:] = 20  # behind a holder
    assert not looks_like_transmission(through)
    found, notes = absorption(through, True, "a.npy")
    assert "no edge is empty" in notes[0]
    np.testing.assert_allclose(found[..., 5:-5], integrals[..., 5:-5], atol=1e-3)
    with pytest.raises(SignalError, match="no light beside the object"):
        absorption(np.zeros((3, 1, 9)), True, "a.npy")


@pytest.mark.parametrize("value", [0.0, 0.7, 5.0])
def test_bins_that_see_the_same_everywhere_are_missing(integrals: np.ndarray, value: float) -> None:
    held, notes = without_stuck_bins(integrals)
    assert held is integrals
    assert notes == ()
    stuck = integrals.copy()
    stuck[:, :, [58, 70]] = value
    held, notes = without_stuck_bins(stuck)
    np.testing.assert_array_equal(np.isnan(held).all(axis=(0, 1)).nonzero()[0], [58, 70])
    assert "2 detector bins" in notes[0]
    assert "(58, 70)" in notes[0]


@pytest.mark.skipif(not NEUTRONS.exists(), reason="shared/ is absent")
def test_a_real_sinogram_of_neutrons_is_transmission() -> None:
    stored = tifffile.imread(NEUTRONS).astype(np.float64)
    signal = fourierfield.read(NEUTRONS, kind="ct", angles="0:360")
    beam = np.median(np.stack([stored[:, :10], stored[:, -10:]]), axis=(1, 2)).max()
    known = stored > 0
    np.testing.assert_allclose(signal.projections[:, 0][known], -np.log(stored[known] / beam), rtol=1e-4, atol=1e-4)
    assert np.isnan(signal.projections[:, 0][~known]).all()
    np.testing.assert_allclose(np.degrees(signal.geometry.angles[-1]), 360)  # its last row is its first again
