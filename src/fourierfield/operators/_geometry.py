"""The geometry of a CT scan: where its rays run."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..errors import SettingsError
from ..grids._domain import Domain


@dataclass(frozen=True)
class Geometry:
    """The rays of a scan in a plane, by angle and detector bin; lengths are in ``unit``.

    ``angles`` (A,) are in radians, ``bins`` is the number of bins, and ``spacing`` is the distance between their
    centres. ``centre`` is the bin that the axis of rotation projects to, by default the middle (bins − 1)/2.

    In a parallel beam, with x to the right and y upwards from the axis, the ray of bin b at angle θ is
    x·cos θ + y·sin θ = (b − centre)·spacing (as in scikit-image's ``radon``).

    In a fan beam ``source`` is the distance from the source to the axis, and ``detector`` the distance from the source
    to the flat detector. At angle 0 the source is at (0, −source) and the detector is parallel to x; both turn
    counter-clockwise, so that the middle ray is the same as in the parallel beam.

    Raises ``SettingsError`` if angles, bins or distances are not valid.

    >>> Geometry(np.linspace(0, np.pi, 4, endpoint=False), 5).offsets
    array([-2., -1.,  0.,  1.,  2.])
    """

    angles: np.ndarray
    bins: int
    centre: float | None = None
    spacing: float = 1.0
    unit: str = "px"
    source: float | None = None
    detector: float | None = None

    def __post_init__(self) -> None:
        angles = np.asarray(self.angles, dtype=np.float64)
        object.__setattr__(self, "angles", angles)
        if self.centre is None:
            object.__setattr__(self, "centre", (self.bins - 1) / 2)
        if angles.ndim != 1 or not len(angles) or not np.isfinite(angles).all():
            raise SettingsError("the angles of a scan must be one finite number for each projection")
        if self.bins < 2 or not 0 < self.spacing < np.inf:
            raise SettingsError(
                f"a detector needs 2 bins or more, a positive distance apart, not {self.bins} at {self.spacing:g}"
            )
        if not 0 <= self.axis <= self.bins - 1:
            raise SettingsError(
                f"the axis of rotation projects to bin {self.axis:g}, outside the detector of {self.bins} bins; "
                "give --centre in bins, counted from 0"
            )
        if (self.source is None) != (self.detector is None):
            raise SettingsError("a fan beam needs two distances: from source to axis, and from source to detector")
        if self.source is not None and not 0 < self.source < np.inf:
            raise SettingsError(
                f"the source of a fan beam must be a positive distance from the axis, not {self.source:g}"
            )
        if self.detector is not None and not 0 < self.detector < np.inf:
            raise SettingsError(f"the detector must be a positive distance from the source, not {self.detector:g}")

    @property
    def axis(self) -> float:
        """The bin that the axis of rotation projects to."""
        assert self.centre is not None
        return float(self.centre)

    @property
    def fan(self) -> bool:
        """Whether the rays come from one point."""
        return self.source is not None

    @property
    def shape(self) -> tuple[int, int]:
        """The numbers of angles and bins."""
        return len(self.angles), self.bins

    @property
    def offsets(self) -> np.ndarray:
        """The distances (B,) of the bins from the projected axis, along the detector."""
        return (np.arange(self.bins) - self.axis) * self.spacing

    @property
    def side(self) -> float:
        """The side of the square around the axis that the field lives on: the detector's width, seen at the axis."""
        return self.bins * self.pixel

    @property
    def pixel(self) -> float:
        """The distance between neighbouring rays of one angle at the axis: a pixel of the reconstruction."""
        if self.source is None or self.detector is None:
            return self.spacing
        return self.spacing * self.source / self.detector

    @property
    def domain(self) -> Domain:
        """The square, its rows from top to bottom and columns from left to right, centred on the axis of rotation."""
        return Domain((self.side, self.side), (self.unit, self.unit))

    def at(self, chosen: np.ndarray) -> Geometry:
        """Return the geometry of the projections ``chosen``, given by numbers or by a mask."""
        return replace(self, angles=self.angles[chosen])

    def rays(self) -> tuple[np.ndarray, np.ndarray]:
        """Return each ray's point nearest to the axis and its unit direction, (A, B, 2) each: (x, y), y upwards."""
        cos, sin = np.cos(self.angles)[:, None], np.sin(self.angles)[:, None]
        along = np.broadcast_to(self.offsets, self.shape)
        if self.source is None or self.detector is None:
            directions = np.broadcast_to(np.stack([-sin, cos], axis=-1), (*self.shape, 2))
            return np.stack([along * cos, along * sin], axis=-1), np.ascontiguousarray(directions)
        start = self.source * np.stack([sin, -cos], axis=-1)
        towards = self.detector * np.stack([-sin, cos], axis=-1) + along[..., None] * np.stack([cos, sin], axis=-1)
        directions = towards / np.linalg.norm(towards, axis=-1, keepdims=True)
        nearest = start - (start * directions).sum(axis=-1, keepdims=True) * directions
        return nearest, directions
