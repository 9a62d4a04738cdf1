"""Lens distortion: where a direction lands beside the place where a pinhole would put it, and back."""

from __future__ import annotations

import numpy as np

__all__ = ["distort", "undistort"]

_ROUNDS = 20


def distort(points: np.ndarray, coefficients: np.ndarray) -> np.ndarray:
    """Distorted image-plane points of ideal ones, (…, 2), both in units of the focal length (Brown 1966; OpenCV).

    x' = x·(1 + k1 r² + k2 r⁴ + k3 r⁶) + 2 p1 xy + p2 (r² + 2x²), and the same with x and y, p1 and p2 exchanged;
    ``coefficients`` (…, 5) are OpenCV's (k1, k2, p1, p2, k3).

    >>> distort(np.array([0.5, 0.0]), np.array([0.1, 0.0, 0.0, 0.0, 0.0]))
    array([0.5125, 0.    ])
    """
    x, y = points[..., 0], points[..., 1]
    k1, k2, p1, p2, k3 = np.moveaxis(np.asarray(coefficients), -1, 0)
    square = x * x + y * y
    radial = 1 + square * (k1 + square * (k2 + square * k3))
    return np.stack(
        [
            x * radial + 2 * p1 * x * y + p2 * (square + 2 * x * x),
            y * radial + 2 * p2 * x * y + p1 * (square + 2 * y * y),
        ],
        axis=-1,
    )


def undistort(points: np.ndarray, coefficients: np.ndarray) -> np.ndarray:
    """The inverse of ``distort`` by Newton's method, to rounding where the lens does not fold the image over.

    >>> lens = np.array([-0.2, 0.05, 0.001, -0.002, 0.0])
    >>> undistort(distort(np.array([0.4, -0.3]), lens), lens).round(12)
    array([ 0.4, -0.3])
    """
    points = np.asarray(points, dtype=np.float64)
    if not np.any(coefficients):
        return points
    found = points.copy()
    for _ in range(_ROUNDS):
        residual = distort(found, coefficients) - points
        if np.abs(residual).max(initial=0.0) < 1e-14:
            break
        found = found - np.linalg.solve(_jacobian(found, coefficients), residual[..., None])[..., 0]
    return found


def _jacobian(points: np.ndarray, coefficients: np.ndarray) -> np.ndarray:
    """∂distort/∂(x, y), (…, 2, 2)."""
    x, y = points[..., 0], points[..., 1]
    k1, k2, p1, p2, k3 = np.moveaxis(np.asarray(coefficients), -1, 0)
    square = x * x + y * y
    radial = 1 + square * (k1 + square * (k2 + square * k3))
    slope = 2 * (k1 + square * (2 * k2 + 3 * k3 * square))
    xx = radial + x * x * slope + 2 * p1 * y + 6 * p2 * x
    yy = radial + y * y * slope + 2 * p2 * x + 6 * p1 * y
    xy = x * y * slope + 2 * p1 * x + 2 * p2 * y
    return np.stack([np.stack([xx, xy], axis=-1), np.stack([xy, yy], axis=-1)], axis=-2)
