"""A sinogram as scikit-image takes it: parallel rays, a bin as wide as a pixel, the axis in the middle bin."""

from __future__ import annotations

import numpy as np

from ...signals.scans import Geometry, SinogramSignal

__all__ = ["as_skimage_sinogram"]

_FULL_TURN = 1.9 * np.pi


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
        angles = np.linspace(0, np.pi, len(angles), endpoint=False)
    middle = count // 2 - (count - 1) / 2
    pixel = geometry.side / count
    moved = middle * (np.cos(angles) - np.sin(angles))
    offsets = pixel * (np.arange(count)[None] - count // 2 + moved[:, None])  # distance of each ray from the axis
    rays = _fan_places(geometry, angles, offsets) if geometry.fan else _parallel_places(geometry, offsets)
    return _interpolated(values, rays, wraps=geometry.fan).T / pixel, np.degrees(angles)


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


def _fan_places(geometry: Geometry, angles: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Index of the angle and of the bin that saw each parallel ray: sin γ = s/source, β = θ + γ (Kak & Slaney 1988,
    Section 3.4.3), or the same ray from its other end."""
    assert geometry.source is not None
    assert geometry.detector is not None
    first, step = geometry.angles[0], np.median(np.diff(geometry.angles))
    turn = abs(step) * len(geometry.angles)
    rays = np.arcsin(np.clip(offsets / geometry.source, -1, 1))
    found = np.full((2, *offsets.shape), -10.0)
    for side in (1, -1):  # from the other end: θ + π, −s
        start = angles[:, None] + side * rays + (np.pi if side < 0 else 0.0)
        place = np.mod(start - first, 2 * np.pi) / step if step > 0 else -np.mod(first - start, 2 * np.pi) / -step
        bins = geometry.detector * np.tan(side * rays) / geometry.spacing + geometry.axis
        seen = (place <= len(geometry.angles) - 1) | (turn > _FULL_TURN)
        use = seen & (found[0] < 0)
        found[0][use], found[1][use] = place[use], bins[use]
    return found


def _interpolated(values: np.ndarray, places: np.ndarray, *, wraps: bool) -> np.ndarray:
    from scipy.ndimage import map_coordinates

    if wraps:  # a turn further on is the beginning again
        values = np.concatenate([values, values[:4]])
    return np.asarray(map_coordinates(values, places, order=3, mode="constant"))
