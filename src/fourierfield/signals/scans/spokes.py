"""What the places of a trajectory tell of themselves: whether they are one, and what they are counted in."""

from __future__ import annotations

import numpy as np

from ...errors import SignalError

__all__ = ["cycles_per_field", "is_trajectory"]

_SPREAD = 0.05  # of the largest |k|: half of a trajectory lies farther out, and of k-space's values hardly any
_PER_PIXEL = 0.51  # cycles: half of one, and rounding
_RADIANS = 3.5  # π per pixel: fields of view of 7 pixels there are none
_STRAIGHT = 0.95  # of the way along a spoke is the way from end to end
_MIDDLE = 0.1  # of the largest |k|, where spokes from the middle begin


def is_trajectory(places: np.ndarray) -> bool:
    """Whether places (…, d) lie on all sides of the middle, and spread out.

    >>> is_trajectory(np.mgrid[-4:4, -4:4].T), is_trajectory(np.mgrid[:8, :8].T)
    (True, False)
    """
    flat = places.reshape(-1, places.shape[-1])
    if len(flat) < 2 or not np.isfinite(flat).all() or not ((flat.min(axis=0) < 0) & (flat.max(axis=0) > 0)).all():
        return False
    away = np.linalg.norm(flat, axis=1)
    return bool(np.median(away) >= _SPREAD * away.max())


def cycles_per_field(places: np.ndarray, what: str) -> tuple[np.ndarray, str]:
    """The same in cycles per field of view, and the unit they were in: that, or cycles per pixel if none is beyond half
    of one, with as many pixels as a readout has samples, or twice as many where readouts begin in the middle.

    Only spokes tell so: raises ``SignalError`` for others, and for units between the two.
    """
    reach = float(np.abs(places).max())
    if reach >= _RADIANS:
        return places, "cycles per field of view"
    if reach > _PER_PIXEL:
        raise SignalError(
            f"{what} reaches {reach:.3g}, neither cycles per pixel (0.5 at most) nor per field of view; divide radians "
            "by 2π"
        )
    pixels = _pixels(places)
    if pixels is None:
        raise SignalError(
            f"{what} is in cycles per pixel, and no spokes, whose samples would tell of how many; multiply it by the "
            "number of pixels"
        )
    told = "×".join(map(str, pixels)) if len(set(pixels)) > 1 else str(pixels[0])
    return places * pixels, f"cycles per pixel (of {told})"


def _pixels(places: np.ndarray) -> tuple[int, ...] | None:
    """Pixels along each axis, by the first axis of readouts whose places lie on straight lines; along z the number of
    heights, where no readout leaves its own."""
    away = np.linalg.norm(places, axis=-1)
    for axis in (axis for axis in range(places.ndim - 1) if places.shape[axis] > 2):
        along = _steps(places, axis).sum(axis)
        across = np.linalg.norm(places.take(-1, axis) - places.take(0, axis), axis=-1)
        if np.median(across) < _STRAIGHT * np.median(along):
            continue
        begins = min(np.median(away.take(end, axis)) for end in (0, -1))
        count = places.shape[axis] * (2 if begins < _MIDDLE * away.max() else 1)
        heights = places[..., 0]
        stacked = places.shape[-1] == 3 and np.ptp(heights, axis=axis).max() < 1e-6
        return (len(np.unique(heights.round(6))) if stacked else count, *[count] * (places.shape[-1] - 1))
    return None


def _steps(places: np.ndarray, axis: int) -> np.ndarray:
    return np.asarray(np.linalg.norm(np.diff(places, axis=axis), axis=-1))
