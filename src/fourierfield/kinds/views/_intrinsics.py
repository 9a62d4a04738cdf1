"""The numbers of lenses in camera files: focal lengths, principal points and OpenCV's distortion, in pixels."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ...errors import SignalError

COEFFICIENTS = ("k1", "k2", "p1", "p2", "k3")
_LENSES = (None, "PINHOLE", "SIMPLE_PINHOLE", "OPENCV", "SIMPLE_RADIAL", "RADIAL", "PERSPECTIVE")
_OTHER_LENSES = ("is_fisheye", "k4", "k5", "k6", "s1", "s2", "s3", "s4", "ftheta_p0", "latlong", "equirectangular")
FOCAL = ("fl_x", "fl_y", "camera_angle_x", "camera_angle_y")
HONOURED = frozenset((*COEFFICIENTS, *_OTHER_LENSES, *FOCAL, "cx", "cy", "w", "h", "camera_model"))


def merged(shared: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers of one frame: its own go before those of the file, its angle before the file's focal length.

    >>> merged({"fl_x": 50.0, "cx": 20.0}, {"camera_angle_x": 0.5})
    {'cx': 20.0, 'camera_angle_x': 0.5}
    """
    angled = own.get("camera_angle_x") is not None or own.get("camera_angle_y") is not None
    replaced = FOCAL if angled else ()
    return {**{name: value for name, value in shared.items() if name not in replaced}, **own}


def check_lens(numbers: Mapping[str, Any], where: str) -> None:
    """Raise ``SignalError`` if a frame was taken by another lens than OpenCV's with k1, k2, k3, p1, p2."""
    model = numbers.get("camera_model")
    other = next((name for name in _OTHER_LENSES if numbers.get(name)), None)
    if (model.upper() if isinstance(model, str) else model) not in _LENSES or other:
        raise SignalError(f"{where}: the lens {model or other} is not supported; undistort the pictures to PINHOLE")


def intrinsics(numbers: Mapping[str, Any], size: tuple[int, int], where: str) -> tuple[float, ...]:
    """Return fl_x, fl_y, cx, cy, k1, k2, p1, p2, k3 for pictures of ``size``, scaled from those of ``w`` and ``h``."""
    height, width = size
    wide, high = _number(numbers, "w", width, where), _number(numbers, "h", height, where)
    if min(wide, high) <= 0 or abs(wide / high - width / height) > 0.02 * width / height:
        raise SignalError(f"{where} has {width}×{height} pixels, its camera {wide:g}×{high:g}; correct w and h")
    fl_x = _focal(numbers, "fl_x", "camera_angle_x", wide, where)
    fl_y = _focal(numbers, "fl_y", "camera_angle_y", high, where)
    if fl_x is None and fl_y is None:
        raise SignalError(f"no focal length for {where}; give fl_x or camera_angle_x")
    fl_x, fl_y = fl_x if fl_x is not None else fl_y, fl_y if fl_y is not None else fl_x
    assert fl_x is not None
    assert fl_y is not None
    centre = _number(numbers, "cx", wide / 2, where), _number(numbers, "cy", high / 2, where)
    sized = numbers.get("w") is not None and numbers.get("h") is not None
    if not sized and not (0 <= centre[0] <= wide and 0 <= centre[1] <= high):
        raise SignalError(
            f"the principal point ({centre[0]:g}, {centre[1]:g}) lies outside of the {wide:g}×{high:g} pixels "
            f"of {where}; give the size that it belongs to as w and h"
        )
    across, down = width / wide, height / high
    lens = (_number(numbers, name, 0.0, where) for name in COEFFICIENTS)
    return (fl_x * across, fl_y * down, centre[0] * across, centre[1] * down, *lens)


def _focal(numbers: Mapping[str, Any], name: str, angle: str, pixels: float, where: str) -> float | None:
    if numbers.get(name) is not None:
        return _number(numbers, name, 0.0, where)
    if numbers.get(angle) is None:
        return None
    radians = _number(numbers, angle, 0.0, where)
    if not 0 < radians < math.pi:
        raise SignalError(f"{angle} must lie between 0 and π radians, not {radians:g}")
    return pixels / 2 / math.tan(radians / 2)


def _number(numbers: Mapping[str, Any], name: str, default: float, where: str) -> float:
    value = numbers.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < math.inf:
        raise SignalError(f"{name} of {where} must be a finite number, not {str(value)[:40]}")
    try:
        return float(value)
    except OverflowError:
        raise SignalError(f"{name} of {where} is too large; correct it") from None
