"""Cameras and their lenses."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourierfield.errors import SignalError
from fourierfield.kinds.views._cameras import Cameras, distort, look_at, undistort

HERE = look_at((3.0, -1.0, 2.0), (0.0, 0.5, 0.0))


@given(
    st.tuples(*[st.floats(-0.3, 0.3)] * 2),
    st.tuples(st.floats(-0.1, 0.3), st.floats(-0.05, 0.1), *[st.floats(-0.01, 0.01)] * 2, st.floats(-0.02, 0.02)),
)
def test_undistortion_is_the_inverse_of_distortion(point: tuple[float, float], lens: tuple[float, ...]) -> None:
    ideal = np.array(point)
    there = undistort(distort(ideal, np.array(lens)), np.array(lens))
    assert np.allclose(there, ideal, atol=1e-12)
    back = distort(undistort(ideal, np.array(lens)), np.array(lens))
    assert np.allclose(back, ideal, atol=1e-12)


def test_distortion_is_that_of_opencv() -> None:
    x, y = 0.3, -0.2
    k1, k2, p1, p2, k3 = 0.1, -0.03, 0.002, -0.004, 0.01
    r2 = x * x + y * y
    radial = 1 + k1 * r2 + k2 * r2**2 + k3 * r2**3
    wanted = [
        x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x),
        y * radial + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y,
    ]
    assert np.allclose(distort(np.array([x, y]), np.array([k1, k2, p1, p2, k3])), wanted, atol=1e-15)


def test_what_is_looked_at_is_in_the_middle_and_right_is_right() -> None:
    camera = Cameras.pinhole(HERE[None], 50.0, (40, 60))
    pixels, depth = camera.project(np.array([[0.0, 0.5, 0.0], HERE[:3, 0] + [0.0, 0.5, 0.0]]))
    assert np.allclose(pixels[0], [30, 20])
    assert pixels[1, 0] > 30
    assert np.allclose(depth[0], np.sqrt(9 + 2.25 + 4))
    above, _ = camera.project(np.array([[0.0, 0.5, 1.0]]))
    assert above[0, 1] < 20


def test_resizing_shows_the_same_at_the_same_share_of_the_picture() -> None:
    camera = Cameras.pinhole(HERE[None], 50.0, (40, 60))
    point = np.array([[0.3, 0.1, -0.2]])
    assert np.allclose(camera.resized((80, 120)).project(point)[0], 2 * camera.project(point)[0])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda pose: pose * np.nan, "NaN"),
        (lambda pose: np.diag([2.0, 2.0, 2.0, 1.0]) @ pose, "not a rigid motion"),
        (lambda pose: np.diag([-1.0, 1.0, 1.0, 1.0]) @ pose, "not a rigid motion"),
        (lambda pose: pose.T, "not a rigid motion"),
    ],
)
def test_poses_that_are_none_are_refused(change, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(SignalError, match=words):
        Cameras.pinhole(change(HERE)[None], 50.0, (40, 60))


@pytest.mark.parametrize("focal", [0.0, -3.0, np.nan])
def test_focal_lengths_are_positive(focal: float) -> None:
    with pytest.raises(SignalError, match="focal length"):
        Cameras.pinhole(HERE[None], focal, (40, 60))
