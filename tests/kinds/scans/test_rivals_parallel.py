"""Sinograms as scikit-image takes them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fourierfield.kinds.scans._problem import ScanProblem
from fourierfield.kinds.scans._rivals import as_skimage_sinogram, filtered_back_projection
from fourierfield.kinds.scans._sinogram import SinogramSignal

from .conftest import Disc, DiscScan

HALF, TURN = np.linspace(0, np.pi, 40, endpoint=False), np.linspace(0, 2 * np.pi, 72, endpoint=False)
FAN: dict[str, Any] = {"source": 66.0, "detector": 99.0, "spacing": 1.5}
MORE_THAN_HALF = np.linspace(0, np.pi + 2 * np.arctan(17 * 1.5 / 99), 72)
GEOMETRIES: dict[str, tuple[np.ndarray, dict[str, Any]]] = {
    "parallel": (HALF, {}),
    "parallel, axis beside the middle": (HALF, {"centre": 18.3}),
    "parallel, whole turn": (TURN, {}),
    "parallel, the other way": (HALF[::-1], {}),
    "fan": (TURN, FAN),
    "fan, axis beside the middle": (TURN, FAN | {"centre": 17.8}),
    "fan, from elsewhere on": (TURN + 1.0, FAN),
    "fan, the other way": (-TURN, FAN),
    "fan, half a turn and its angle": (MORE_THAN_HALF, FAN),
    "fan, half a turn the other way": (1 - MORE_THAN_HALF, FAN),
    "fan, uneven": (TURN[np.delete(np.arange(72), [3, 4, 17, 30, 31, 50, 66])], FAN),
    "fan, out of order": (np.random.default_rng(0).permutation(TURN), FAN),
}


def back_projected(scan: SinogramSignal) -> np.ndarray:
    return np.asarray(filtered_back_projection(ScanProblem(scan, None)).numpy()).reshape(scan.image_shape)


def middle(image: np.ndarray) -> np.ndarray:
    """Row and column of what is bright."""
    weights = image * (image > 0.3 * image.max())
    return np.array([(np.indices(image.shape)[axis] * weights).sum() / weights.sum() for axis in (0, 1)])


@pytest.mark.parametrize("n", [32, 33])
@pytest.mark.parametrize("name", GEOMETRIES)
def test_back_projection_gives_back_the_disc_where_it_is(disc: Disc, disc_scan: DiscScan, name: str, n: int) -> None:
    angles, geometry = GEOMETRIES[name]
    found, truth = back_projected(disc_scan(n, angles, **geometry)), disc(n)
    assert np.abs(middle(found) - middle(truth)).max() < 0.1
    assert np.sqrt(((found - truth) ** 2).mean()) < 0.025
    assert found.max() == pytest.approx(1.0, abs=0.06)


def test_lengths_are_in_the_scans_unit(disc_scan: DiscScan) -> None:
    """The same absorption per pixel is ten times as much per unit if pixels are a tenth of it."""
    coarse, fine = (disc_scan(32, HALF, spacing=spacing) for spacing in (1.0, 0.1))
    assert np.allclose(10 * fine.projections, coarse.projections, rtol=1e-5)
    assert np.allclose(back_projected(coarse), back_projected(fine), atol=1e-6)


def test_a_parallel_scan_of_the_usual_kind_is_moved_by_half_a_pixel_at_most(disc_scan: DiscScan) -> None:
    """Of odd size the axes agree, and nothing is interpolated."""
    scan = disc_scan(33, HALF)
    projections, degrees = as_skimage_sinogram(scan, 0)
    assert np.allclose(projections, scan.projections[:, 0].T, atol=1e-5)
    assert np.allclose(degrees, np.degrees(HALF))


def test_missing_rays_lie_between_their_neighbours(disc: Disc, disc_scan: DiscScan) -> None:
    scan = disc_scan(32, HALF)
    gaps = scan.projections.copy()
    gaps[::3, :, 10] = np.nan
    gaps[1::3, :, 20] = np.nan
    found = back_projected(SinogramSignal(gaps, scan.geometry))
    assert np.sqrt(((found - disc(32)) ** 2).mean()) < 0.03
    gaps[5] = np.nan  # a projection that was not measured at all is empty
    assert np.isfinite(back_projected(SinogramSignal(gaps, scan.geometry))).all()
