"""Define signals at scattered points, and how the columns of a table become their coordinates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ..errors import SignalError
from ._column_names import geographic_axes
from ._domain import Domain
from ._sample_format import SampleFormat
from ._signal import SignalDescription

_ROUNDING = 1e-9  # degrees: a longitude exactly half a turn from the middle stays on its side despite rounding


@dataclass(frozen=True)
class Placement:
    """How columns of a table become coordinates: coordinate = (column − origin)·factor, per axis.

    ``names`` are the columns in the order of the field's axes, ``origin`` is in the columns' own units, ``factor`` in
    coordinate units per unit of the column. If ``geographic``, two of the columns are longitude and latitude in
    degrees, recognised by their names.

    >>> place = Placement(("lon", "lat"), (170.0, -10.0), (0.05, 0.05), geographic=True)
    >>> place.to_coordinates(np.array([[180.0, 0.0], [-175.0, 0.0]]))
    array([[0.5 , 0.5 ],
           [0.75, 0.5 ]])
    """

    names: tuple[str, ...]
    origin: tuple[float, ...]
    factor: tuple[float, ...]
    geographic: bool = False

    def __post_init__(self) -> None:
        if not len(self.names) == len(self.origin) == len(self.factor):
            raise SignalError("a placement needs one name, one origin and one factor per axis")
        if not all(np.isfinite(factor) and factor > 0 for factor in self.factor):
            raise SignalError(f"the factors of a placement must be positive, not {self.factor}")
        if self.geographic and geographic_axes(self.names) is None:
            raise SignalError(f"no two of {', '.join(self.names)} are named as longitude and latitude")

    @classmethod
    def from_json(cls, mapping: Mapping[str, Any]) -> Placement:
        """Rebuild a placement from what ``to_json`` gave."""
        lists = {key: tuple(mapping[key]) for key in ("names", "origin", "factor")}
        return cls(**lists, geographic=bool(mapping.get("geographic", False)))

    def to_json(self) -> dict[str, Any]:
        """Convert the placement to plain lists and values."""
        return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}

    def to_coordinates(self, columns: np.ndarray) -> np.ndarray:
        """Convert columns (N, d) in their own units to coordinates (N, d), float64.

        Longitudes are moved to the side of the date line where the box of the points lies, within half a turn of its
        middle: for points from 170 on, −175 becomes 185.
        """
        offset = np.asarray(columns, dtype=np.float64) - np.asarray(self.origin)
        axes = geographic_axes(self.names) if self.geographic else None
        if axes:
            offset[..., axes[0]] = _near(offset[..., axes[0]], self._middle_of_longitudes(axes[0]))
        return offset * np.asarray(self.factor)

    def to_columns(self, coordinates: np.ndarray) -> np.ndarray:
        """Convert coordinates (N, d) to columns (N, d); longitudes continue beyond ±180 across the date line."""
        return np.asarray(coordinates, dtype=np.float64) / np.asarray(self.factor) + np.asarray(self.origin)

    def _middle_of_longitudes(self, axis: int) -> float:
        """Return the degrees from the origin to the middle of the unit box, which holds all points; at most 180."""
        return min(0.5 / self.factor[axis], 180.0)


def _near(degrees: np.ndarray, middle: float) -> np.ndarray:
    """Move angles to within half a turn of ``middle``; those that already are keep every bit."""
    turned = (degrees - (middle - 180.0)) % 360.0 + (middle - 180.0)
    return np.where(np.abs(degrees - middle) <= 180.0 + _ROUNDING, degrees, turned)


@dataclass(frozen=True)
class PointSignal:
    """Values at scattered points.

    ``points`` is (N, d) float64 in coordinate units: their box starts at 0 along each axis and its longest side spans
    [0, 1]. ``values`` is (N, C) float64, finite. ``domain`` has the extent of the box and its unit per axis ("" for
    none), ``placement`` converts the table's columns to coordinates, ``outputs`` names the channels. ``notes`` are
    lines to print that state what was left out, merged or assumed.
    """

    points: np.ndarray
    values: np.ndarray
    domain: Domain
    placement: Placement
    outputs: tuple[str, ...]
    name: str
    file_bytes: int | None = None
    notes: tuple[str, ...] = ()
    kind = "table"

    def __post_init__(self) -> None:
        if self.points.ndim != 2 or self.points.shape[1] != self.domain.dimensions:
            raise SignalError(
                f"{self.name}: points of shape {self.points.shape} on a domain of {self.domain.dimensions} dimensions"
            )
        if self.values.shape != (len(self.points), len(self.outputs)) or not self.outputs:
            raise SignalError(f"{self.name}: values of shape {self.values.shape} for {len(self.points)} points")
        if not (np.isfinite(self.points).all() and np.isfinite(self.values).all()):
            raise SignalError(f"{self.name} holds infinite or missing values at its points; leave those rows out")

    @property
    def shape(self) -> tuple[int, ...]:
        """The number of points."""
        return (len(self.points),)

    @property
    def channels(self) -> int:
        """The number of values per point."""
        return len(self.outputs)

    @property
    def description(self) -> SignalDescription:
        """The description of this signal that a field keeps."""
        return SignalDescription(self.kind, self.shape, self.channels, SampleFormat("float64"))
