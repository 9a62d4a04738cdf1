"""A sinogram as scikit-image takes it: parallel rays, a bin as wide as a pixel, the axis in the middle bin."""

from __future__ import annotations

import numpy as np

from ...signals.scans import Geometry, SinogramSignal

__all__ = ["as_skimage_sinogram"]

_FULL_TURN = 1.9 * np.pi
_BEYOND = 4  # projections of another turn, for interpolation between the last and the first
_NOWHERE = -10.0  # the place of a ray that nobody saw


def as_skimage_sinogram(scan: SinogramSignal, index: int) -> tuple[np.ndarray, np.ndarray]:
    """Projections (n, A) of one slice and their angles (A,) in degrees, for ``skimage.transform.iradon`` to give the
    image on the field's own grid.

    There pixel n//2 lies on the axis and bin n//2 sees it; here the axis is in the middle of the grid, and projects to
    the geometry's centre. So each projection is moved, by cubic interpolation; what lies beside the detector is empty.
    Fan beams are sorted into parallel ones first.
    """
    count = scan.image_shape[-1]
    values = _filled(scan.projections[:, index])
    geometry = scan.geometry
    angles = geometry.angles
    if geometry.fan:
        known, values = _within_a_turn(angles, values)
        angles = np.linspace(0, np.pi, len(angles), endpoint=False)
    middle = count // 2 - (count - 1) / 2
    pixel = geometry.side / count
    moved = middle * (np.cos(angles) - np.sin(angles))
    offsets = pixel * (np.arange(count)[None] - count // 2 + moved[:, None])  # distance of each ray from the axis
    rays = _fan_places(geometry, known, angles, offsets) if geometry.fan else _parallel_places(geometry, offsets)
    return _interpolated(values, rays).T / pixel, np.degrees(angles)


def _filled(values: np.ndarray) -> np.ndarray:
    """Missing rays between their neighbours in the same projection."""
    filled = values.astype(np.float64)
    for row in filled:
        missing = np.isnan(row)
        if missing.any() and not missing.all():
            row[missing] = np.interp(np.flatnonzero(missing), np.flatnonzero(~missing), row[~missing])
    return np.nan_to_num(filled)


def _parallel_places(geometry: Geometry, offsets: np.ndarray) -> np.ndarray:
    rows = np.broadcast_to(np.arange(len(offsets), dtype=np.float64)[:, None], offsets.shape)
    return np.stack([rows, offsets / geometry.spacing + geometry.axis])


def _within_a_turn(angles: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Angles from the lowest on in the order of a turn, in whatever order they were measured, and their projections; of
    a whole turn with some of the next and of the one before."""
    turned = np.mod(angles - angles.min(), 2 * np.pi)
    order = np.argsort(turned, kind="stable")
    turned, values = turned[order], values[order]
    if turned[-1] * len(turned) / max(1, len(turned) - 1) > _FULL_TURN:
        turned = np.concatenate([turned[-_BEYOND:] - 2 * np.pi, turned, turned[:_BEYOND] + 2 * np.pi])
        values = np.concatenate([values[-_BEYOND:], values, values[:_BEYOND]])
    return turned + angles.min(), values


def _fan_places(geometry: Geometry, known: np.ndarray, angles: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Index among the ``known`` angles, and of the bin, that saw each parallel ray: sin γ = s/source, β = θ + γ (Kak &
    Slaney 1988, Section 3.4.3), or the same ray from its other end."""
    assert geometry.source is not None
    assert geometry.detector is not None
    first, numbers = geometry.angles.min(), np.arange(len(known), dtype=np.float64)
    rays = np.arcsin(np.clip(offsets / geometry.source, -1, 1))
    found = np.full((2, *offsets.shape), _NOWHERE)
    for side in (1, -1):  # from the other end: θ + π, −s
        start = angles[:, None] + side * rays + (np.pi if side < 0 else 0.0)
        turned = first + np.mod(start - first, 2 * np.pi)
        place = np.interp(turned, known, numbers, left=_NOWHERE, right=_NOWHERE)
        bins = geometry.detector * np.tan(side * rays) / geometry.spacing + geometry.axis
        use = (place >= 0) & (found[0] < 0)
        found[0][use], found[1][use] = place[use], bins[use]
    return found


def _interpolated(values: np.ndarray, places: np.ndarray) -> np.ndarray:
    from scipy.ndimage import map_coordinates

    return np.asarray(map_coordinates(values, places, order=3, mode="constant"))
