"""Define the box that a signal lives on, and regular grids in it.

Coordinates are floats in array order (y before x). The longest axis of a domain spans [0, 1) and the other
axes use the same unit, so that a frequency in cycles per unit means the same in every direction. Of axes in another
unit (the time of a film), the longest spans [0, 1) too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import SettingsError


@dataclass(frozen=True)
class Domain:
    """A box with a physical size along each axis.

    One coordinate unit along an axis is the longest extent in the axis's physical unit.

    Args:
        extent: The physical length of each axis, in array order; positive.
        units: The unit of each axis ("px", "s", "mm", "" for none).

    Raises:
        SettingsError: There is not one positive extent and one unit per axis.

    >>> Domain.of_samples((240, 320)).sides
    (0.75, 1.0)
    >>> Domain((2.5, 240.0, 320.0), ("s", "px", "px")).sides
    (1.0, 0.75, 1.0)
    """

    extent: tuple[float, ...]
    units: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.extent or len(self.extent) != len(self.units):
            raise SettingsError("a domain needs one extent and one unit per axis")
        if not all(np.isfinite(length) and length > 0 for length in self.extent):
            raise SettingsError(f"the extents of a domain must be positive, not {self.extent}")

    @classmethod
    def of_samples(
        cls, shape: tuple[int, ...], spacing: tuple[float, ...] | None = None, units: tuple[str, ...] | None = None
    ) -> Domain:
        """Make the domain of ``shape`` samples whose centres are ``spacing`` apart, in ``units`` (1 px by default)."""
        spacing = spacing or (1.0,) * len(shape)
        extent = tuple(float(count * step) for count, step in zip(shape, spacing, strict=True))
        return cls(extent, units or ("px",) * len(shape))

    @property
    def dimensions(self) -> int:
        """The number of axes."""
        return len(self.extent)

    @property
    def scale(self) -> float:
        """The physical length of one coordinate unit along the axes in the unit of the last one: all but time."""
        return self.scale_of(self.units[-1])

    def scale_of(self, unit: str) -> float:
        """Return the physical length of one coordinate unit along the axes in ``unit``: their longest extent."""
        return max(length for length, own in zip(self.extent, self.units, strict=True) if own == unit)

    @property
    def scales(self) -> tuple[float, ...]:
        """The physical length of one coordinate unit along each axis."""
        return tuple(self.scale_of(unit) for unit in self.units)

    @property
    def in_time(self) -> bool:
        """Whether the only axis is time in seconds, so that frequencies are in Hz."""
        return self.units == ("s",)

    @property
    def frequency_unit(self) -> str:
        """The unit of ``physical_frequency``, as in "0.02 per px" and "440 Hz"."""
        return "Hz" if self.in_time else f"per {self.units[-1] or 'unit'}"

    def physical_frequency(self, frequency: float) -> float:
        """Convert a frequency from cycles per coordinate unit to cycles per physical unit (``frequency_unit``).

        >>> Domain((2.0,), ("s",)).physical_frequency(880.0)
        440.0
        """
        return frequency / self.scale

    @property
    def sides(self) -> tuple[float, ...]:
        """The length of each axis in coordinate units; the longest in each physical unit is 1."""
        return tuple(length / scale for length, scale in zip(self.extent, self.scales, strict=True))

    def grid(self, shape: tuple[int, ...]) -> Grid:
        """Make a regular grid of ``shape`` cells that fills the domain, sampled at the centres of the cells."""
        return Grid((0.0,) * self.dimensions, self.sides, tuple(shape))


@dataclass(frozen=True)
class Grid:
    """The centres of the cells into which a box is divided.

    Sample i of n along an axis sits at lower + (i + ½)·(upper − lower)/n.

    Args:
        lower: The lower corner of the box, in coordinate units.
        upper: The upper corner, in coordinate units.
        shape: The number of cells along each axis.

    Raises:
        SettingsError: The box is empty, or an axis has no cell.

    >>> Domain.of_samples((2, 4)).grid((2, 4)).axis(1)
    array([0.125, 0.375, 0.625, 0.875])
    """

    lower: tuple[float, ...]
    upper: tuple[float, ...]
    shape: tuple[int, ...]

    def __post_init__(self) -> None:
        if any(count < 1 for count in self.shape):
            raise SettingsError(f"a grid needs at least one sample along each axis, not {self.shape}")
        if any(high <= low for low, high in zip(self.lower, self.upper, strict=True)):
            raise SettingsError(f"an empty window, {self.lower} to {self.upper}: each start must be below its end")

    @property
    def size(self) -> int:
        """The number of samples."""
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def spacing(self) -> tuple[float, ...]:
        """The distance between neighbouring samples along each axis, in coordinate units."""
        return tuple((high - low) / n for low, high, n in zip(self.lower, self.upper, self.shape, strict=True))

    @property
    def origin(self) -> tuple[float, ...]:
        """The coordinates of the first sample."""
        return tuple(low + 0.5 * step for low, step in zip(self.lower, self.spacing, strict=True))

    @classmethod
    def from_origin(cls, origin: tuple[float, ...], spacing: tuple[float, ...], shape: tuple[int, ...]) -> Grid:
        """Make the grid of ``shape`` samples ``spacing`` apart with the first at ``origin``, in coordinate units."""
        lower = tuple(first - 0.5 * step for first, step in zip(origin, spacing, strict=True))
        upper = tuple(low + n * step for low, n, step in zip(lower, shape, spacing, strict=True))
        return cls(lower, upper, tuple(shape))

    def steps_like(self, other: Grid) -> bool:
        """Return whether two grids have the same spacing, up to rounding."""
        return len(self.shape) == len(other.shape) and bool(
            np.allclose(self.spacing, other.spacing, rtol=1e-12, atol=0)
        )

    def axis(self, index: int) -> np.ndarray:
        """Return the coordinates of the samples along one axis, (n,) float64."""
        step = self.spacing[index]
        return self.lower[index] + (np.arange(self.shape[index]) + 0.5) * step

    def coordinates(self, flat: np.ndarray) -> np.ndarray:
        """Return the coordinates (N, d), float64, of the samples at the flat (C-order) indices ``flat`` (N,)."""
        along = np.stack(np.unravel_index(flat, self.shape), axis=-1)
        return np.asarray(self.lower) + (along + 0.5) * np.asarray(self.spacing)
