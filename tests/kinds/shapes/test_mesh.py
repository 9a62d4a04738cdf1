"""Where a mesh lies, in its own units and in coordinates."""

from __future__ import annotations

import numpy as np
import pytest

from fourierfield.errors import SignalError
from fourierfield.kinds.shapes._mesh import MeshSignal


def test_the_cube_is_that_of_the_paper(ball: MeshSignal) -> None:
    centre = ball.vertices.mean(axis=0)
    radius = np.abs(ball.vertices - centre).max()
    np.testing.assert_allclose(ball.placed, ((ball.vertices - centre) / radius + 1) / 2, atol=1e-12)
    np.testing.assert_allclose(ball.placement.to_columns(ball.placed), ball.vertices, atol=1e-12)
    assert ball.domain.sides == pytest.approx((1, 1, 1))
    low, high = np.array(ball.box)
    np.testing.assert_allclose(ball.placed.min(axis=0) - low, 1e-3)
    np.testing.assert_allclose(high - ball.placed.max(axis=0), 1e-3)


def test_a_sphere_has_the_volume_of_one(ball: MeshSignal) -> None:
    assert ball.volume == pytest.approx(4 / 3 * np.pi, rel=0.01)
    assert ball.watertight
    assert ball.boundary_edges == 0


@pytest.mark.parametrize(
    ("vertices", "faces", "reason"),
    [
        (np.eye(3), np.empty((0, 3), dtype=int), "no faces"),
        (np.eye(3), np.array([[0, 1, 3]]), "does not hold"),
        (np.eye(3), np.array([[0, 1, -1]]), "does not hold"),
        (np.array([[0, 0, np.nan], [1, 0, 0], [0, 1, 0]]), np.array([[0, 1, 2]]), "1 vertices that are not finite"),
        (np.eye(2), np.array([[0, 1, 1]]), "has vertices"),
        (np.zeros((3, 3)), np.array([[0, 1, 2]]), "no extent"),
    ],
)
def test_what_is_no_mesh(vertices: np.ndarray, faces: np.ndarray, reason: str) -> None:
    with pytest.raises(SignalError, match=reason):
        MeshSignal(vertices, faces)


@pytest.mark.parametrize("scale", [1e-200, 1e-60, 1e60, 1e200])
def test_sizes_that_overflow_are_refused(scale: float) -> None:
    corners = scale * np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
    with pytest.raises(SignalError, match="too large or small to compute with"):
        MeshSignal(corners, np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2]]))
