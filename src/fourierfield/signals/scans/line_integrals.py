"""Ray sums of a picture, apart from the operators that solve for it."""

from __future__ import annotations

import numpy as np

from .geometry import Geometry

__all__ = ["line_integrals"]

_STEP = 0.5  # of a pixel


def line_integrals(image: np.ndarray, geometry: Geometry) -> np.ndarray:
    """∫ m along each ray of ``geometry``, (A, B) float64, of the ``image`` (n, n) that fills its square.

    m is the image between pixel centres interpolated bilinearly, and zero outside; the integral is a sum at every half
    pixel. The length of a step is in the geometry's unit.

    >>> geometry = Geometry(np.zeros(1), 4, spacing=0.5)
    >>> line_integrals(np.ones((4, 4)), geometry).round(6)
    array([[2., 2., 2., 2.]])
    """
    from scipy.ndimage import map_coordinates

    n = len(image)
    pixel = geometry.side / n
    reach = int(np.ceil((n / np.sqrt(2) + 1) / _STEP))
    along = (np.arange(-reach, reach) + 0.5) * _STEP  # from the point nearest to the axis, in pixels
    sums = np.empty(geometry.shape)
    points, directions = geometry.rays()
    for i, (near, direction) in enumerate(zip(points / pixel, directions, strict=True)):
        x, y = (near[:, axis, None] + along * direction[:, axis, None] for axis in (0, 1))
        places = np.stack([n / 2 - 0.5 - y, n / 2 - 0.5 + x])
        sums[i] = map_coordinates(image, places, order=1, mode="grid-constant").sum(axis=1)
    return sums * (_STEP * pixel)
