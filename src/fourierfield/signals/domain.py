"""The box that a signal lives on, and regular grids in it.

Coordinates are floats in array order (y before x). The longest axis of a domain spans [0, 1) and the other
axes use the same unit, so that a frequency in cycles per unit means the same in every direction. Axes that are measured
in something else (the time of a film) have a longest axis of their own that spans [0, 1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import SettingsError

__all__ = ["Domain", "Grid"]


@dataclass(frozen=True)
class Domain:
    """A box with a physical size per axis.

    ``extent`` is the physical length of each axis, in array order; ``units`` names the unit of each
    ("px", "s", "mm"). One coordinate unit is the longest extent in the same unit.

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
            raise SettingsError(f"the extents of a domain are positive, not {self.extent}")

    @classmethod
    def of_samples(
        cls, shape: tuple[int, ...], spacing: tuple[float, ...] | None = None, units: tuple[str, ...] | None = None
    ) -> Domain:
        """The domain of ``shape`` samples whose centres are ``spacing`` apart (1 px by default)."""
        spacing = spacing or (1.0,) * len(shape)
        extent = tuple(float(count * step) for count, step in zip(shape, spacing, strict=True))
        return cls(extent, units or ("px",) * len(shape))

    @property
    def dimensions(self) -> int:
        """Number of axes."""
        return len(self.extent)

    @property
    def scale(self) -> float:
        """Physical length of one coordinate unit of the axes that share a unit with the last one: of all but time."""
        return self.scale_of(self.units[-1])

    def scale_of(self, unit: str) -> float:
        """Physical length of one coordinate unit along the axes in ``unit``: their longest extent."""
        return max(length for length, own in zip(self.extent, self.units, strict=True) if own == unit)

    @property
    def scales(self) -> tuple[float, ...]:
        """Physical length of one coordinate unit along each axis."""
        return tuple(self.scale_of(unit) for unit in self.units)

    @property
    def in_time(self) -> bool:
        """Whether the one axis is time in seconds, so that frequencies are in Hz."""
        return self.units == ("s",)

    @property
    def frequency_unit(self) -> str:
        """What ``physical_frequency`` counts, as in "0.02 per px" and "440 Hz"."""
        return "Hz" if self.in_time else f"per {self.units[-1] or 'unit'}"

    def physical_frequency(self, frequency: float) -> float:
        """Cycles per physical unit (``frequency_unit``) of a frequency in cycles per coordinate unit.

        >>> Domain((2.0,), ("s",)).physical_frequency(880.0)
        440.0
        """
        return frequency / self.scale

    @property
    def sides(self) -> tuple[float, ...]:
        """Length of each axis in coordinate units; the longest, of each physical unit, is 1."""
        return tuple(length / scale for length, scale in zip(self.extent, self.scales, strict=True))

    def grid(self, shape: tuple[int, ...]) -> Grid:
        """A regular grid of ``shape`` cells that fills the domain, sampled at the cells' centres."""
        return Grid((0.0,) * self.dimensions, self.sides, tuple(shape))


@dataclass(frozen=True)
class Grid:
    """Cell centres of a box ``lower`` to ``upper`` (coordinate units) cut into ``shape`` cells.

    Sample i of n along an axis sits at lower + (i + ½)·(upper − lower)/n.

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
            raise SettingsError(f"an empty window: {self.lower} to {self.upper}")

    @property
    def size(self) -> int:
        """Number of samples."""
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def spacing(self) -> tuple[float, ...]:
        """Distance between neighbouring samples along each axis, in coordinate units."""
        return tuple((high - low) / n for low, high, n in zip(self.lower, self.upper, self.shape, strict=True))

    @property
    def origin(self) -> tuple[float, ...]:
        """Coordinates of the first sample."""
        return tuple(low + 0.5 * step for low, step in zip(self.lower, self.spacing, strict=True))

    @classmethod
    def from_origin(cls, origin: tuple[float, ...], spacing: tuple[float, ...], shape: tuple[int, ...]) -> Grid:
        """The grid of ``shape`` samples ``spacing`` apart whose first one sits at ``origin``."""
        lower = tuple(first - 0.5 * step for first, step in zip(origin, spacing, strict=True))
        upper = tuple(low + n * step for low, n, step in zip(lower, shape, spacing, strict=True))
        return cls(lower, upper, tuple(shape))

    def steps_like(self, other: Grid) -> bool:
        """Whether two grids have the same spacing, to rounding."""
        return len(self.shape) == len(other.shape) and bool(
            np.allclose(self.spacing, other.spacing, rtol=1e-12, atol=0)
        )

    def axis(self, index: int) -> np.ndarray:
        """Coordinates of the samples along one axis, (n,) float64."""
        step = self.spacing[index]
        return self.lower[index] + (np.arange(self.shape[index]) + 0.5) * step

    def coordinates(self, flat: np.ndarray) -> np.ndarray:
        """Coordinates (N, d), float64, of the samples at flat (C order) indices ``flat`` (N,), in memory for N."""
        along = np.stack(np.unravel_index(flat, self.shape), axis=-1)
        return np.asarray(self.lower) + (along + 0.5) * np.asarray(self.spacing)
