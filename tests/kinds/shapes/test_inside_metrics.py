"""Scores of shapes, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh

from fourierfield.kinds.shapes._inside import (
    face_normals,
    intersection_over_union,
    points_on_surface,
    surface_scores,
)


def sphere(radius: float, subdivisions: int = 4) -> np.ndarray:
    return np.array(trimesh.creation.icosphere(subdivisions, radius).triangles)


def box(offset: float) -> np.ndarray:
    return np.array(trimesh.creation.box((1, 1, 1)).apply_translation([offset, 0, 0]).triangles)


def test_overlap_of_two_boxes() -> None:
    points = np.random.default_rng(0).uniform(-1, 1.5, (200_000, 3))
    one, other = (np.abs(points - [offset, 0, 0]).max(axis=1) < 0.5 for offset in (0.0, 0.25))
    assert intersection_over_union(one, other) == pytest.approx(0.75 / 1.25, abs=0.02)
    nothing = np.zeros(3, dtype=bool)
    assert intersection_over_union(nothing, nothing) == 1
    assert intersection_over_union(nothing, ~nothing) == 0


def test_concentric_spheres_are_their_difference_apart() -> None:
    assert surface_scores(sphere(1.0), sphere(1.1), points=20_000)["chamfer"] == pytest.approx(0.1, rel=0.05)
    assert surface_scores(sphere(1.0), sphere(1.1), points=20_000)["normal_consistency"] > 0.999


def test_a_surface_is_as_far_from_itself_as_its_points_are() -> None:
    """Points of density n on a plane: the nearest is 1/(2√n) away in the mean."""
    points = 20_000
    expected = 0.5 / np.sqrt(points / 6)
    assert surface_scores(box(0), box(0), points=points)["chamfer"] == pytest.approx(expected, rel=0.05)


def test_normals_that_stand_across() -> None:
    square = np.array([[[0.0, 0, 0], [1, 0, 0], [1, 1, 0]], [[0, 0, 0], [1, 1, 0], [0, 1, 0]]])
    across = square[..., [0, 2, 1]]
    assert surface_scores(square, square, points=2000)["normal_consistency"] == pytest.approx(1)
    assert surface_scores(square, across, points=2000)["normal_consistency"] == pytest.approx(0, abs=1e-12)


def test_points_are_uniform_on_the_surface_or_over_the_faces() -> None:
    small = np.array([[0.0, 0, 0], [0.1, 0, 0], [0, 0.1, 0]])
    corners = np.stack([small, 10 * small + [5, 0, 0]])
    rng = np.random.default_rng(0)
    points, chosen = points_on_surface(corners, 30_000, rng)
    assert (chosen == 0).mean() == pytest.approx(1 / 101, abs=0.003)
    np.testing.assert_allclose(points[chosen == 1].mean(axis=0), corners[1].mean(axis=0), atol=0.01)
    assert (points_on_surface(corners, 30_000, rng, by_area=False)[1] == 0).mean() == pytest.approx(0.5, abs=0.02)
    np.testing.assert_allclose(face_normals(corners), [[0, 0, 1], [0, 0, 1]])
