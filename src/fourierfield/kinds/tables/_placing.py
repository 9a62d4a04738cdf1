"""Turn the columns of a table into coordinates: decide which axes share a scale, and where longitudes are cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...errors import SignalError
from ...grids._column_names import geographic_axes, share_a_unit, unit_in_brackets
from ...grids._domain import Domain
from ...grids._points import Placement

KM_PER_DEGREE = 111.195  # of a great circle on a sphere of radius 6,371 km
_WIDE_LATITUDES = 60.0  # degrees: above it, a note says that distances are distorted
_WORTH_TURNING = 100.0  # degrees to be saved: a world map with a gap in an ocean keeps its usual edges
_SMALLEST, _LARGEST = 1e-290, 1e290  # spans whose inverses float64 still holds


@dataclass(frozen=True)
class _Box:
    """The box of the points in the columns' own units; ``axes`` are those of longitude and latitude."""

    names: tuple[str, ...]
    axes: tuple[int, int] | None
    lower: np.ndarray
    spans: np.ndarray
    turned: bool  # whether longitudes are counted across the date line

    @property
    def middle_latitude(self) -> float:
        """The middle latitude in degrees; 0 without one."""
        return float(self.lower[self.axes[1]] + 0.5 * self.spans[self.axes[1]]) if self.axes else 0.0


def place(columns: np.ndarray, names: Sequence[str], label: str) -> tuple[Placement, Domain, tuple[str, ...]]:
    """Return the placement of points given by ``columns`` (N, d), N ≥ 1, the domain of their box, and notes.

    Columns that share a unit (``share_a_unit``) keep their proportions. Longitude and latitude become kilometres at the
    middle latitude. Every other axis is scaled to the length of the longest (all of them to 1 if none has a common
    unit). Raises ``SignalError`` if all points agree along an axis, and for angles that do not exist on Earth.

    >>> place(np.array([[0.0, 0.0], [4.0, 2.0]]), ["x (m)", "y (m)"], "table")[:2]
    (Placement(names=('x (m)', 'y (m)'), origin=(0.0, 0.0), factor=(0.25, 0.25), geographic=False),
     Domain(extent=(4.0, 2.0), units=('m', 'm')))
    """
    axes = geographic_axes(names)
    if axes:
        _check_angles(columns, names, axes, label)
    box = _box(columns, tuple(names), axes)
    _refuse_flat(box, len(columns), label)
    metric = _metric(box)
    lengths = box.spans * metric
    longest = float(np.nanmax(lengths)) if np.isfinite(metric).any() else 1.0
    extent = np.where(np.isnan(metric), longest, lengths)
    factor = np.where(np.isnan(metric), 1.0 / box.spans, metric / longest)
    placement = Placement(box.names, _floats(box.lower), _floats(factor), geographic=axes is not None)
    return placement, Domain(_floats(extent), _units(box, metric)), _notes(box, metric)


def _floats(values: np.ndarray) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def _check_angles(columns: np.ndarray, names: Sequence[str], axes: tuple[int, int], label: str) -> None:
    for axis, kind, most in zip(axes, ("longitudes", "latitudes"), (360, 90), strict=True):
        worst = columns[np.argmax(np.abs(columns[:, axis])), axis]
        if abs(worst) > most:
            raise SignalError(
                f"{label}: {names[axis]} is {worst:g} somewhere, but {kind} are within ±{most} degrees; "
                f"swap the columns or convert them to degrees"
            )


def _box(columns: np.ndarray, names: tuple[str, ...], axes: tuple[int, int] | None) -> _Box:
    lower = columns.min(axis=0)
    with np.errstate(over="ignore"):  # infinite spans are refused afterwards
        spans = columns.max(axis=0) - lower
    if axes is None:
        return _Box(names, axes, lower, spans, turned=False)
    straight = spans[axes[0]]
    lower[axes[0]], spans[axes[0]] = _arc(columns[:, axes[0]])
    return _Box(names, axes, lower, spans, turned=bool(spans[axes[0]] < straight))


def _arc(longitudes: np.ndarray) -> tuple[float, float]:
    """Return where longitudes begin and how far they reach east; cut at the widest gap if that is much shorter."""
    start, reach = float(longitudes.min()), float(np.ptp(longitudes))
    circle, first = np.unique(longitudes % 360.0, return_index=True)
    gaps = np.diff(circle, append=circle[0] + 360.0)
    widest = int(np.argmax(gaps))
    if reach - (360.0 - gaps[widest]) < _WORTH_TURNING:
        return start, reach
    after = float(longitudes[first[(widest + 1) % len(circle)]])
    return after - 360.0 * np.floor((after + 180.0) / 360.0), float(360.0 - gaps[widest])


def _refuse_flat(box: _Box, count: int, label: str) -> None:
    if count == 1:
        raise SignalError(f"{label} holds a single point; a field needs at least two")
    flat = np.flatnonzero(box.spans == 0)
    if len(flat) == len(box.names):
        raise SignalError(f"{label}: all {count:,} points are the same; choose other columns as inputs")
    if len(flat):
        raise SignalError(
            f"{label}: {box.names[flat[0]]} is {box.lower[flat[0]]:g} at every point, so nothing can be learned along "
            f"it; leave it out of the inputs"
        )
    if not ((box.spans > _SMALLEST) & (box.spans < _LARGEST)).all():
        raise SignalError(
            f"{label}: the inputs span lengths too small or too large to compute with; choose another unit"
        )


def _metric(box: _Box) -> np.ndarray:
    """Return the physical length of one unit of each column, NaN if the axes have no unit in common."""
    if box.axes is None:
        return np.full(len(box.names), 1.0 if share_a_unit(box.names) else np.nan)
    metric = np.array([1.0 if unit_in_brackets(name) == "km" else np.nan for name in box.names])
    metric[list(box.axes)] = KM_PER_DEGREE * np.cos(np.radians(box.middle_latitude)), KM_PER_DEGREE
    return metric


def _units(box: _Box, metric: np.ndarray) -> tuple[str, ...]:
    units = ["km" if box.axes else unit_in_brackets(name) for name in box.names]
    return tuple("" if np.isnan(length) else unit for unit, length in zip(units, metric, strict=True))


def _notes(box: _Box, metric: np.ndarray) -> tuple[str, ...]:
    free = [name for name, length in zip(box.names, metric, strict=True) if np.isnan(length)]
    if box.axes is None:
        return (f"{_joined(free)} have no unit in common: each is scaled to the same length",) if free else ()
    notes = [f"{name} is scaled to the length of the map's longest side" for name in free]
    longitude, latitude = box.axes
    if box.turned:
        end = box.lower[longitude] + box.spans[longitude]
        notes.append(f"{box.names[longitude]} is counted through from {box.lower[longitude]:g} to {end:g} degrees")
    if box.spans[latitude] > _WIDE_LATITUDES:
        middle = f"the middle latitude ({box.middle_latitude:.1f} degrees)"
        notes.append(f"latitudes span {box.spans[latitude]:.0f} degrees: distances are right at {middle} only")
    return tuple(notes)


def _joined(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
