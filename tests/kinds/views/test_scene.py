"""The box that cameras look into."""

from __future__ import annotations

import numpy as np
import pytest

from fourierfield.errors import SignalError
from fourierfield.kinds.views._cameras import Cameras, look_at
from fourierfield.kinds.views._scene import Scene, box_around, scene_box


def ring(middle: tuple[float, float, float], distance: float, count: int = 6) -> Cameras:
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)
    places = [np.asarray(middle) + distance * np.array([np.cos(a), np.sin(a), 0.3]) for a in angles]
    return Cameras.pinhole(np.stack([look_at(tuple(p), middle) for p in places]), 50.0, (40, 60))


def test_synthetic_scenes_lie_within_one_and_a_half() -> None:
    placement = scene_box(ring((0.0, 0.0, 0.0), 4.0), 2.0, 6.0)
    assert np.allclose(placement.origin, -1.5)
    assert np.allclose(placement.factor, 1 / 3)


def test_others_lie_about_what_the_cameras_look_at_as_large_as_they_show() -> None:
    cameras = ring((10.0, -5.0, 2.0), 3.0)
    placement = scene_box(cameras, None, None)
    half = 0.5 / placement.factor[0]
    assert np.allclose(np.asarray(placement.origin) + half, [10.0, -5.0, 2.0])
    distance = 3.0 * np.sqrt(1.09)
    assert np.isclose(half, distance * 30 / 50)
    assert np.isclose(0.5 / scene_box(cameras, 2.0, 4.0).factor[0], 1.0)


def test_parallel_axes_meet_nowhere_and_the_box_lies_ahead() -> None:
    poses = np.stack([look_at((x, -2.0, 0.0), (x, 0.0, 0.0)) for x in (-0.1, 0.0, 0.1)])
    placement = scene_box(Cameras.pinhole(poses, 50.0, (40, 60)), 1.0, 3.0)
    middle = np.asarray(placement.origin) + 0.5 / placement.factor[0]
    assert np.allclose(middle, [0.0, 0.0, 0.0], atol=1e-9)


def test_a_camera_that_looks_elsewhere_is_named() -> None:
    cameras = ring((0.0, 0.0, 0.0), 4.0, 8)
    poses = cameras.poses.copy()
    poses[3] = look_at((4.0, 0.0, 0.0), (9.0, 0.0, 0.0))
    with pytest.raises(SignalError, match="view 3 never meets the box"):
        scene_box(Cameras.pinhole(poses, 50.0, (40, 60)), None, None)


def test_depths_are_in_order() -> None:
    cameras = ring((0.0, 0.0, 0.0), 4.0)
    with pytest.raises(SignalError, match="below far"):
        Scene(cameras, box_around(np.zeros(3), 1.0), 6.0, 2.0)


def test_pixels_per_unit_are_those_at_the_middle() -> None:
    scene = Scene(ring((0.0, 0.0, 0.0), 4.0), box_around(np.zeros(3), 1.5), 2.0, 6.0)
    assert np.isclose(scene.pixels_per_unit, 3 * 50 / (4 * np.sqrt(1.09)))
    assert scene.domain.sides == (1.0, 1.0, 1.0)
