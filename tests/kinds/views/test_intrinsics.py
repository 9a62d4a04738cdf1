"""The numbers of lenses: which go before which, what they are in pixels, and which are refused."""

from __future__ import annotations

import math

import pytest

from fourierfield.errors import SignalError
from fourierfield.kinds.views._intrinsics import check_lens, intrinsics, merged

SIZE = (30, 40)


def test_an_angle_spans_the_width() -> None:
    focal = 20 / math.tan(0.4)  # half the width over the tangent of half the angle
    found = intrinsics({"camera_angle_x": 0.8}, SIZE, "a.png")
    assert found == pytest.approx((focal, focal, 20, 15, 0, 0, 0, 0, 0))


def test_numbers_of_a_larger_picture_are_scaled() -> None:
    larger = {"fl_x": 90.0, "fl_y": 88.0, "cx": 82.0, "cy": 58.0, "w": 80, "h": 60, "k1": 0.1, "k3": 0.2}
    assert intrinsics(larger, SIZE, "a.png") == pytest.approx((45, 44, 41, 29, 0.1, 0, 0, 0, 0.2))


@pytest.mark.parametrize(
    ("own", "right"),
    [
        ({}, {"fl_x": 50, "fl_y": 51, "camera_angle_x": 0.5}),
        ({"fl_x": 60}, {"fl_x": 60, "fl_y": 51, "camera_angle_x": 0.5}),
        ({"camera_angle_x": 0.6}, {"camera_angle_x": 0.6}),
        ({"camera_angle_x": 0.6, "fl_x": 60}, {"camera_angle_x": 0.6, "fl_x": 60}),
    ],
)
def test_a_frames_own_numbers_go_first(own: dict[str, float], right: dict[str, float]) -> None:
    assert merged({"fl_x": 50, "fl_y": 51, "camera_angle_x": 0.5}, own) == right


@pytest.mark.parametrize("lens", [{}, {"camera_model": "OPENCV", "k4": 0}, {"camera_model": "pinhole"}])
def test_lenses_that_are_known(lens: dict[str, object]) -> None:
    check_lens(lens, "a.json")


@pytest.mark.parametrize("lens", [{"is_fisheye": True}, {"k4": 0.1}, {"camera_model": "EQUIRECTANGULAR"}, {"s1": 1.0}])
def test_lenses_that_are_not(lens: dict[str, object]) -> None:
    with pytest.raises(SignalError, match=r"a\.json: the lens .* is not supported"):
        check_lens(lens, "a.json")


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ({}, "no focal length for a.png"),
        ({"fl_x": "40"}, "fl_x of a.png must be a finite number, not 40"),
        ({"fl_x": True}, "must be a finite number"),
        ({"fl_x": 40, "k1": math.inf}, "k1 of a.png must be a finite number"),
        ({"camera_angle_x": 4.0}, "between 0 and π"),
        ({"fl_x": 40, "cx": 41}, "principal point"),
        ({"fl_x": 40, "w": 40, "h": 40}, "40×30 pixels, its camera 40×40"),
        ({"fl_x": 40, "w": -40}, "correct w and h"),
    ],
)
def test_numbers_that_are_wrong(numbers: dict[str, object], words: str) -> None:
    with pytest.raises(SignalError, match=words):
        intrinsics(numbers, SIZE, "a.png")
