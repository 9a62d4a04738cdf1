"""CT measurements: line integrals by angle, slice and bin."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from ...errors import SignalError
from ..domain import Domain
from ..sample_format import SampleFormat, VolumeFormat
from ..signal import GridSignal, SignalDescription
from .geometry import Geometry

__all__ = ["SinogramSignal"]


_REAL = SampleFormat("float32", squeeze=True, volume=VolumeFormat("npy"))


@dataclass(frozen=True)
class SinogramSignal:
    """Line integrals of absorption, ``projections`` (A, S, B) float32 by angle, slice and detector bin, NaN where none
    was measured, with the ``geometry`` of their rays; slices are ``thickness`` apart, in the geometry's unit.

    The field is the absorption per ``unit`` of length, on the geometry's square, or with several slices on a box of
    axes (slice, y, x). ``truth`` is what measurements were simulated from, on the field's own grid. ``source_format``
    is that of what the field is written as.
    """

    projections: np.ndarray
    geometry: Geometry
    thickness: float = 1.0
    truth: GridSignal | None = None
    sample_format: SampleFormat = field(
        default_factory=lambda: SampleFormat("float32", True, volume=VolumeFormat("npy"))
    )
    name: str = "array"
    file_bytes: int | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        shape = self.projections.shape
        if len(shape) != 3 or (shape[0], shape[2]) != self.geometry.shape:
            angles, bins = self.geometry.shape
            raise SignalError(
                f"{self.name}: projections of shape {shape} do not go with {angles} angles and {bins} bins; "
                "give one angle for each projection"
            )
        if 0 in shape:
            raise SignalError(f"{self.name} holds no projections (shape {shape}); give a file with data")
        if np.isinf(self.projections).any():
            raise SignalError(f"{self.name} holds infinite values; mark what was not measured by NaN")
        if np.isnan(self.projections).all():
            raise SignalError(f"{self.name} holds nothing but missing values (NaN); at least one has to be measured")

    @property
    def kind(self) -> str:
        """ "ct"."""
        return "ct"

    @property
    def shape(self) -> tuple[int, ...]:
        """Angles, slices and bins."""
        return tuple(self.projections.shape)

    @property
    def slices(self) -> int:
        """Number of slices."""
        return int(self.projections.shape[1])

    @property
    def channels(self) -> int:
        """Values of the field at a point: one, the absorption."""
        return 1

    @property
    def domain(self) -> Domain:
        """Of the field."""
        plane = self.geometry.domain
        if self.slices == 1:
            return plane
        unit = self.geometry.unit
        return Domain((self.slices * self.thickness, *plane.extent), (unit, *plane.units))

    @property
    def image_shape(self) -> tuple[int, ...]:
        """Samples along each axis of the field's domain: a pixel as wide as a bin, seen at the axis; of simulated
        measurements, those of the truth."""
        if self.truth is not None:
            return self.truth.shape
        plane = (self.geometry.bins, self.geometry.bins)
        return plane if self.slices == 1 else (self.slices, *plane)

    @property
    def description(self) -> SignalDescription:
        """What a field remembers: the image or volume that it is written as."""
        if self.truth is not None:
            return self.truth.description
        return SignalDescription("volume", self.image_shape, 1, self.sample_format)

    def at_angles(self, chosen: np.ndarray) -> SinogramSignal:
        """The projections ``chosen``, numbers or a mask."""
        return replace(self, projections=self.projections[chosen], geometry=self.geometry.at(chosen))
