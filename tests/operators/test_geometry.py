"""The rays of a CT scan run where their definition says."""

from __future__ import annotations

import numpy as np
import pytest

from fourierfield.errors import SettingsError
from fourierfield.operators._geometry import Geometry

ANGLES = np.linspace(0, 2 * np.pi, 7, endpoint=False)


def test_points_of_a_parallel_ray_have_its_offset() -> None:
    """x·cos θ + y·sin θ = (b − centre)·spacing, anywhere on the ray."""
    geometry = Geometry(ANGLES, 5, centre=1.5, spacing=0.7)
    points, directions = geometry.rays()
    normals = np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=-1)[:, None]
    for along in (-3.0, 0.0, 2.0):
        there = ((points + along * directions) * normals).sum(-1)
        np.testing.assert_allclose(there, np.broadcast_to((np.arange(5) - 1.5) * 0.7, there.shape), atol=1e-12)


def test_rays_of_a_fan_join_the_source_to_the_bins() -> None:
    geometry = Geometry(ANGLES, 5, spacing=2.0, source=30.0, detector=50.0)
    points, directions = geometry.rays()
    np.testing.assert_allclose(np.linalg.norm(directions, axis=-1), 1)
    np.testing.assert_allclose((points * directions).sum(-1), 0, atol=1e-12)  # the nearest point to the axis
    across = np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=-1)
    ahead = np.stack([-np.sin(ANGLES), np.cos(ANGLES)], axis=-1)
    source = -30.0 * ahead
    bins = source[:, None] + 50.0 * ahead[:, None] + geometry.offsets[:, None] * across[:, None]
    for end in (np.broadcast_to(source[:, None], bins.shape), bins):
        away = end - points
        crossed = away[..., 0] * directions[..., 1] - away[..., 1] * directions[..., 0]
        np.testing.assert_allclose(crossed, 0, atol=1e-10)


def test_a_source_far_away_is_a_parallel_beam() -> None:
    parallel, fan = Geometry(ANGLES, 6), Geometry(ANGLES, 6, source=1e9, detector=1e9)
    for near, far in zip(parallel.rays(), fan.rays(), strict=True):
        np.testing.assert_allclose(far, near, atol=1e-6)
    assert fan.pixel == parallel.pixel


@pytest.mark.parametrize(
    ("choices", "reason"),
    [
        ({"bins": 1}, "2 bins or more"),
        ({"spacing": 0.0}, "positive distance"),
        ({"centre": 9.0}, "outside the detector"),
        ({"angles": np.array([np.nan])}, "finite number"),
        ({"source": 3.0}, "two distances"),
        ({"source": 3.0, "detector": -1.0}, "from the source"),
    ],
)
def test_impossible_scanners_are_refused(choices: dict, reason: str) -> None:
    with pytest.raises(SettingsError, match=reason):
        Geometry(**{"angles": ANGLES, "bins": 5, **choices})
