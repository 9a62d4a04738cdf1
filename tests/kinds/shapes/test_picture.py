"""Pictures of shapes."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh

from fourierfield.errors import SettingsError, TooLargeError
from fourierfield.kinds.shapes._picture import Pose, draw_mesh

SPHERE = trimesh.creation.icosphere(3)


def covered(picture: np.ndarray) -> np.ndarray:
    return np.abs(picture.astype(int) - picture[0, 0]).sum(axis=-1) > 12


def test_a_sphere_is_a_disc_lit_from_above() -> None:
    picture = draw_mesh(SPHERE.vertices, SPHERE.faces, (100, 140))
    assert picture.shape == (100, 140, 3)
    assert covered(picture).sum() == pytest.approx(np.pi * 44**2, rel=0.03)
    assert picture[25, 70].mean() > picture[75, 70].mean() + 20


def test_what_is_nearer_hides_what_is_behind() -> None:
    """Two squares, the smaller one nearer to the camera, facing it or turned to the light: drawn in either order."""
    square = np.array([[-1.0, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]])
    tilted = 0.5 * square @ Pose(0, 40).axes + [0, 0, 2]
    for first, second in ((square, tilted), (tilted, square)):
        faces = np.array([[0, 1, 2], [0, 2, 3], [4, 5, 6], [4, 6, 7]])
        picture = draw_mesh(np.concatenate([first, second]), faces, (60, 60), Pose(0, 0))
        assert not np.array_equal(picture[30, 30], picture[10, 10])
    alone = draw_mesh(square, faces[:2], (60, 60), Pose(0, 0))
    assert np.array_equal(alone[30, 30], alone[10, 10])


def test_the_camera_goes_round() -> None:
    marked = np.concatenate([SPHERE.vertices, 0.3 * SPHERE.vertices + [0, 0, 1.2]])
    faces = np.concatenate([SPHERE.faces, SPHERE.faces + len(SPHERE.vertices)])
    side = covered(draw_mesh(marked, faces, (90, 90), Pose(90, 0)))
    front = covered(draw_mesh(marked, faces, (90, 90), Pose(0, 0)))
    from_front, from_side = ((mask[:, :45].sum(), mask[:, 45:].sum()) for mask in (front, side))
    assert abs(int(from_front[0]) - int(from_front[1])) < 60
    assert from_side[1] > from_side[0] + 200


def test_blocks_of_triangles_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = draw_mesh(SPHERE.vertices, SPHERE.faces, (64, 64))
    monkeypatch.setattr("fourierfield.kinds.shapes._picture._FRAGMENTS", 500)
    np.testing.assert_array_equal(draw_mesh(SPHERE.vertices, SPHERE.faces, (64, 64)), whole)


def test_what_cannot_be() -> None:
    with pytest.raises(TooLargeError, match="lower --size"):
        draw_mesh(SPHERE.vertices, SPHERE.faces, (10**6, 10**6))
    with pytest.raises(SettingsError, match="--pose"):
        Pose(0, 91)
