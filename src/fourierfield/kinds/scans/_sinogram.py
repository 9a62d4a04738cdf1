"""CT measurements: line integrals by angle, slice and bin."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...errors import SignalError
from ...grids._domain import Domain
from ...grids._sample_format import SampleFormat, VolumeFormat
from ...grids._signal import GridSignal, SignalDescription
from ...operators._geometry import Geometry

_REAL = SampleFormat("float32", squeeze=True, volume=VolumeFormat("npy"))


@dataclass(frozen=True)
class SinogramSignal:
    """Line integrals of absorption, with the geometry of their rays.

    ``projections`` (A, S, B) are float32 by angle, slice and detector bin, NaN where not measured; ``geometry`` is that
    of their rays, and slices are ``thickness`` apart in its unit.

    The field is the absorption per ``unit`` of length, on the geometry's square or, with several slices, on a box with
    axes (slice, y, x). ``truth`` is what the measurements were simulated from, on the field's own grid.
    ``sample_format`` is the format that the field is written in.
    """

    projections: np.ndarray
    geometry: Geometry
    thickness: float = 1.0
    truth: GridSignal | None = None
    sample_format: SampleFormat = _REAL
    name: str = "array"
    file_bytes: int | None = None
    notes: tuple[str, ...] = ()
    kind, channels = "ct", 1  # the field has one value at a point, the absorption

    def __post_init__(self) -> None:
        shape = self.projections.shape
        if len(shape) != 3 or (shape[0], shape[2]) != self.geometry.shape:
            angles, bins = self.geometry.shape
            raise SignalError(
                f"{self.name}: projections of shape {shape} do not match {angles} angles and {bins} bins; "
                "give one angle for each projection"
            )
        if 0 in shape:
            raise SignalError(f"{self.name} holds no projections (shape {shape}); give a file with data")
        if np.isinf(self.projections).any():
            raise SignalError(f"{self.name} holds infinite values; mark what was not measured as NaN")
        if np.isnan(self.projections).all():
            raise SignalError(f"{self.name} holds nothing but missing values (NaN); at least one must be measured")

    @property
    def missing(self) -> int:
        """The number of line integrals that are missing (NaN)."""
        return int(np.isnan(self.projections).sum())

    @property
    def shape(self) -> tuple[int, ...]:
        """The numbers of angles, slices and bins."""
        return tuple(self.projections.shape)

    @property
    def slices(self) -> int:
        """The number of slices."""
        return int(self.projections.shape[1])

    @property
    def domain(self) -> Domain:
        """The domain of the field."""
        plane = self.geometry.domain
        if self.slices == 1:
            return plane
        unit = self.geometry.unit
        return Domain((self.slices * self.thickness, *plane.extent), (unit, *plane.units))

    @property
    def image_shape(self) -> tuple[int, ...]:
        """Samples along each axis of the field's domain.

        A pixel is as wide as a bin, seen at the axis; for simulated measurements, the samples are those of the truth.
        """
        if self.truth is not None:
            return self.truth.shape
        plane = (self.geometry.bins, self.geometry.bins)
        return plane if self.slices == 1 else (self.slices, *plane)

    @property
    def description(self) -> SignalDescription:
        """What a field stores of its source: the image or volume that it is written as."""
        if self.truth is not None:
            return self.truth.description
        return SignalDescription("volume", self.image_shape, 1, self.sample_format)

    def at_angles(self, chosen: np.ndarray) -> SinogramSignal:
        """Return the projections ``chosen``, which are numbers or a mask."""
        return replace(self, projections=self.projections[chosen], geometry=self.geometry.at(chosen))
