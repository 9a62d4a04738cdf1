"""A signal at scattered points: values, where they lie, and how a table's columns became coordinates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ..errors import SignalError
from .column_names import geographic_axes
from .domain import Domain
from .sample_format import SampleFormat
from .signal import SignalDescription

__all__ = ["Placement", "PointSignal"]

_ROUNDING = 1e-9  # degrees: a meridian on the very cut stays on its side


@dataclass(frozen=True)
class Placement:
    """How columns of a table become coordinates: coordinate = (column − origin)·factor, per axis.

    ``names`` are the columns in the order of the field's axes, ``origin`` is in the columns' own units, ``factor`` in
    coordinate units per unit of the column. With ``geographic``, two of the columns are longitude and latitude in
    degrees, told by their names.

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
            raise SignalError("a placement has one name, one origin and one factor per axis")
        if not all(np.isfinite(factor) and factor > 0 for factor in self.factor):
            raise SignalError(f"the factors of a placement are positive, not {self.factor}")
        if self.geographic and geographic_axes(self.names) is None:
            raise SignalError(f"none of {', '.join(self.names)} are longitude and latitude by their names")

    @classmethod
    def from_json(cls, mapping: Mapping[str, Any]) -> Placement:
        """The inverse of ``to_json``."""
        lists = {key: tuple(mapping[key]) for key in ("names", "origin", "factor")}
        return cls(**lists, geographic=bool(mapping.get("geographic", False)))

    def to_json(self) -> dict[str, Any]:
        """Plain lists and values."""
        return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}

    def to_coordinates(self, columns: np.ndarray) -> np.ndarray:
        """Coordinates (N, d) float64 of columns (N, d) in their own units.

        Longitudes are taken to the side of the date line where the box of the points lies: to within half a turn of
        its middle, −175 being 185 for points from 170 on.
        """
        offset = np.asarray(columns, dtype=np.float64) - np.asarray(self.origin)
        axes = geographic_axes(self.names) if self.geographic else None
        if axes:
            offset[..., axes[0]] = _near(offset[..., axes[0]], self._middle_of_longitudes(axes[0]))
        return offset * np.asarray(self.factor)

    def to_columns(self, coordinates: np.ndarray) -> np.ndarray:
        """Columns (N, d) of coordinates (N, d); longitudes go on beyond ±180 where the table crosses the date line."""
        return np.asarray(coordinates, dtype=np.float64) / np.asarray(self.factor) + np.asarray(self.origin)

    def _middle_of_longitudes(self, axis: int) -> float:
        """Degrees from the origin to the middle of the unit box, which holds all points: half a turn at most."""
        return min(0.5 / self.factor[axis], 180.0)


def _near(degrees: np.ndarray, middle: float) -> np.ndarray:
    """Angles within half a turn of ``middle``; those that are already are left to the bit."""
    turned = (degrees - (middle - 180.0)) % 360.0 + (middle - 180.0)
    return np.where(np.abs(degrees - middle) <= 180.0 + _ROUNDING, degrees, turned)


@dataclass(frozen=True)
class PointSignal:
    """Values at scattered points.

    ``points`` is (N, d) float64 in coordinate units: their box starts at 0 along each axis and its longest side spans
    [0, 1]. ``values`` is (N, C) float64, finite. ``domain`` has the extent of the box and its unit per axis ("" for
    none), ``placement`` leads from the table's columns to coordinates, ``outputs`` names the channels. ``notes`` say
    what was left out, merged or assumed, ready to print.
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
                f"{self.name}: points of shape {self.points.shape} in {self.domain.dimensions} dimensions"
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
        """Values per point."""
        return len(self.outputs)

    @property
    def description(self) -> SignalDescription:
        """What a field remembers of this signal."""
        return SignalDescription(self.kind, self.shape, self.channels, SampleFormat("float64"))
