"""Line integrals of images."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fourierfield.operators._geometry import Geometry
from fourierfield.operators._projection import ParallelProjection, projection, ray_sums

BLOBS = ((1.0, 9.0, 10.3, -14.2), (0.5, 5.0, -20.0, 24.2))  # height, width, x, y


def middles(geometry: Geometry, count: int) -> tuple[np.ndarray, np.ndarray]:
    axis = (np.arange(count) - (count - 1) / 2) * geometry.side / count
    return axis[None], -axis[:, None]


def blobs(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.sum([h * np.exp(-((x - a) ** 2 + (y - b) ** 2) / (2 * w**2)) for h, w, a, b in BLOBS], axis=0)


def integrals(geometry: Geometry) -> np.ndarray:
    """In closed form: a Gaussian's along a line at distance s is √(2π)·h·w·exp(−s²/2w²)."""
    nearest, directions = geometry.rays()
    found = np.zeros(geometry.shape)
    for h, w, a, b in BLOBS:
        off = nearest - np.array([a, b])
        off = off - (off * directions).sum(axis=-1, keepdims=True) * directions
        found += math.sqrt(2 * math.pi) * h * w * np.exp(-(off**2).sum(axis=-1) / (2 * w**2))
    return found


def seen(operator: torch.Tensor, image: np.ndarray, geometry: Geometry) -> np.ndarray:
    return np.asarray((operator @ torch.from_numpy(image.ravel())).numpy()).reshape(geometry.shape)


@settings(max_examples=12, deadline=None)
@given(st.integers(90, 131), st.floats(-6, 6), st.floats(0.5, 3.0), st.booleans())
def test_integrals_of_a_smooth_phantom(bins: int, off: float, spacing: float, fan: bool) -> None:
    scale = spacing * bins / 128
    distances = {"source": 200.0 * scale, "detector": 330.0 * scale} if fan else {}
    angles = np.linspace(0, 2 * np.pi, 13)
    geometry = Geometry(angles, bins, (bins - 1) / 2 + off, (1.65 if fan else 1) * spacing, **distances)
    x, y = (part / scale for part in middles(geometry, bins))
    truth = integrals(
        Geometry(
            angles, bins, geometry.centre, geometry.spacing / scale, **{k: v / scale for k, v in distances.items()}
        )
    )
    found = seen(projection(geometry, (bins, bins)), blobs(x, y), geometry) / scale
    assert np.linalg.norm(found - truth) < 0.01 * np.linalg.norm(truth)


@pytest.mark.parametrize("bins", [64, 65])
def test_both_routes_agree_where_the_image_is_smooth(bins: int) -> None:
    geometry = Geometry(np.linspace(0, np.pi, 7), 2 * bins, bins + 2.3)
    image = blobs(*middles(geometry, 2 * bins))
    by_waves, by_rays = (seen(make(geometry, (2 * bins,) * 2), image, geometry) for make in (projection, ray_sums))
    assert np.linalg.norm(by_waves - by_rays) < 0.005 * np.linalg.norm(by_rays)


def test_rays_run_as_in_scikit_image() -> None:
    from skimage.transform import radon

    degrees = np.arange(0, 180, 20.0)
    geometry = Geometry(np.deg2rad(degrees), 129)
    image = blobs(*middles(geometry, 129))
    theirs = radon(image, degrees, circle=False, preserve_range=True)
    cut = (theirs.shape[0] - 129) // 2
    found = seen(projection(geometry, (129, 129)), image, geometry)
    assert np.linalg.norm(found - theirs[cut : cut + 129].T) < 0.005 * np.linalg.norm(found)


@pytest.mark.parametrize("fan", [False, True])
def test_a_shifted_axis_moves_the_picture_along_the_detector(fan: bool) -> None:
    distances = {"source": 300.0, "detector": 300.0} if fan else {}
    angles = np.linspace(0, np.pi, 5)
    left, right = (Geometry(angles, 100, centre, **distances) for centre in (47.0, 50.0))
    image = blobs(*middles(left, 100))
    moved, still = (seen(projection(g, (100, 100)), image, g) for g in (right, left))
    assert np.allclose(moved[:, 3:], still[:, :-3], atol=1e-3 * np.abs(still).max())


def test_nothing_wraps_around_a_short_detector() -> None:
    geometry = Geometry(np.array([0.0, 0.7]), 16, 7.5)
    wide = Geometry(geometry.angles, 128, 63.5)
    image = np.zeros((128, 128))
    image[10:20, 100:120] = 1.0
    whole = seen(ParallelProjection(wide, (128, 128)), image, wide)
    narrow = ParallelProjection(Geometry(wide.angles, 128, 63.5), (128, 128))
    assert np.allclose(seen(narrow, image, wide), whole)
    assert np.abs(whole[0, :90]).max() < 1e-2 * np.abs(whole).max()


def test_parallel_rays_alone_go_by_waves() -> None:
    with pytest.raises(ValueError, match="fan"):
        ParallelProjection(Geometry(np.zeros(1), 8, source=9.0, detector=9.0), (8, 8))
