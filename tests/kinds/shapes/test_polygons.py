"""Polygons to triangles: areas that are known, and every corner kept."""

from __future__ import annotations

import numpy as np
import pytest

from fourierfield.kinds.shapes._polygons import concave, triangulate

FLAT = {
    "an L": ([(0, 0), (4, 0), (4, 1), (1, 1), (1, 4), (0, 4)], 7.0),
    "an L with corners on its sides": ([(0, 0), (2, 0), (4, 0), (4, 1), (1, 1), (1, 2), (1, 4), (0, 4)], 7.0),
    "a dart": ([(0, 0), (2, 2), (0, 1), (-2, 2)], 2.0),
    "a frame with a bridge": (
        [(0, 0), (4, 0), (4, 4), (0, 4), (0, 0), (1, 1), (1, 3), (3, 3), (3, 1), (1, 1)],
        12.0,
    ),
    "a repeated corner": ([(0, 0), (4, 0), (4, 0), (4, 1), (1, 1), (1, 4), (0, 4)], 7.0),
}
TILTED = np.linalg.qr(np.array([[2.0, 1, 0], [0, 3, 1], [1, 0, 1]]))[0]


def area(vertices: np.ndarray, faces: np.ndarray) -> tuple[float, float]:
    """The sum of the areas, and the size of the sum of the area vectors: equal if no triangle is turned over."""
    a, b, c = np.moveaxis(vertices[faces], 1, 0)
    normals = np.cross(b - a, c - a) / 2
    return float(np.linalg.norm(normals, axis=1).sum()), float(np.linalg.norm(normals.sum(axis=0)))


@pytest.mark.parametrize("case", FLAT)
@pytest.mark.parametrize("reverse", [False, True])
def test_concave_polygons_have_their_area(case: str, reverse: bool) -> None:
    outline, right = FLAT[case]
    vertices = np.c_[np.array(outline, dtype=float), np.zeros(len(outline))] @ TILTED.T
    polygon = list(range(len(outline)))[:: -1 if reverse else 1]
    faces = triangulate(vertices, [polygon])
    assert concave(vertices, [polygon]) == [0]
    assert len(faces) == len(outline) - 2
    assert area(vertices, faces) == pytest.approx((right, right))


def test_convex_polygons_stay_fans_in_the_order_of_trimesh() -> None:
    angles = 2 * np.pi * np.arange(5) / 5
    vertices = np.stack([np.cos(angles), np.sin(angles), 0.01 * np.cos(2 * angles)], axis=1)
    found = triangulate(vertices, [[0, 1, 2, 3, 4], [0, 1, 2, 3], [2, 3, 4], [0, 1]])
    assert found.tolist() == [[2, 3, 4], [0, 1, 2], [2, 3, 0], [0, 1, 2], [0, 2, 3], [0, 3, 4]]


def test_corners_on_one_line_are_a_fan_without_area() -> None:
    vertices = np.array([[0.0, 0, 0], [1, 0, 0], [2, 0, 0], [3, 0, 0]])
    assert triangulate(vertices, [[0, 1, 2, 3]]).shape == (2, 3)
    assert triangulate(vertices, []).shape == (0, 3)
