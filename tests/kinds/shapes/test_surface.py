"""The surface of a field that is known exactly, and its scores."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fourierfield.kinds.shapes._mesh import MeshSignal
from fourierfield.kinds.shapes._surface import Effort, box_grid, insideness, shape_facts, shape_scores
from fourierfield.networks._field import Field


class Sphere:
    """A sphere in a mesh's coordinates, as occupancy with a soft edge or as the distance in the mesh's units."""

    def __init__(self, mesh: MeshSignal, radius: float, target: Any) -> None:
        self.record = shape_facts(mesh, target)
        self.domain, self.placement = mesh.domain, mesh.placement
        self._radius, self._target = radius, target

    def __call__(self, points: np.ndarray) -> np.ndarray:
        distance = np.linalg.norm(np.asarray(points) - 0.5, axis=-1, keepdims=True) - self._radius
        if self._target == "distance":
            return distance / self.placement.factor[0]
        return 1 / (1 + np.exp((50 * distance).clip(-300, 300)))


def sphere(mesh: MeshSignal, radius: float = 0.5, target: str = "occupancy") -> Field:
    field: Any = Sphere(mesh, radius, target)
    return field


@pytest.mark.parametrize("target", ["occupancy", "distance"])
def test_inside_is_inside_whatever_was_fitted(ball: MeshSignal, target: str) -> None:
    points = np.random.default_rng(0).random((500, 3))
    within = np.linalg.norm(points - 0.5, axis=1) < 0.3
    field = sphere(ball, 0.3, target)
    np.testing.assert_array_equal(insideness(field)(points) > 0, within)
    assert np.isfinite(insideness(field)(np.array([[0.5, 0.5, 0.5], [90.0, 0.0, 0.0]]))).all()


def test_a_grid_covers_the_box_with_one_distance_along_all_axes(ball: MeshSignal) -> None:
    squashed = MeshSignal(ball.vertices * [1, 0.5, 0.3], ball.faces)
    low, high = map(np.array, squashed.box)
    grid = box_grid(sphere(squashed), 20)
    assert grid.spacing == pytest.approx((grid.spacing[0],) * 3)
    assert grid.shape[0] == 20
    assert (np.array(grid.lower) <= low + 1e-12).all()
    assert (np.array(grid.upper) >= high - 1e-12).all()
    assert box_grid(sphere(squashed), (3, 4, 5)).shape == (3, 4, 5)


def test_scores_of_the_right_and_of_a_smaller_sphere(ball: MeshSignal) -> None:
    """Spheres of radius 1 and 0.8 share 0.8³ of the volume, and lie 0.2 apart."""
    effort = Effort(points=1 << 12, samples=24, surface_points=2000)
    right = shape_scores(ball, sphere(ball), effort)
    assert right["iou_uniform"] == pytest.approx(1, abs=0.01)
    small = shape_scores(ball, sphere(ball, 0.4), effort)
    assert small["iou_uniform"] == pytest.approx(0.8**3, abs=0.03)
    assert small["chamfer"] == pytest.approx(0.2, abs=0.03)
    assert (small["normal_consistency"] or 0) > 0.95
    none = shape_scores(ball, sphere(ball, 0.0), effort)
    assert (none["chamfer"], none["normal_consistency"]) == (None, None)
