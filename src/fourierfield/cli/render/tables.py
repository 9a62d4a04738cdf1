"""Fields of tables on a grid of their columns: GeoTIFF, NetCDF or CSV."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ...errors import SettingsError, TooLargeError
from ..progress import say

if TYPE_CHECKING:
    import numpy as np

    from ...networks import Field
    from ...signals import Placement

__all__ = ["channel_names", "deviations_of", "write_table_grid"]

_MOST_DEFAULT = 512  # cells along an axis, where nothing else is asked for
_BYTES = 40  # of a grid point and band, at the peak


def write_table_grid(
    field: Field, out: str, window: str | None, count: tuple[int, ...] | None, scale: float, uncertainty: bool
) -> None:
    """Write a field of a table on a regular grid of its input columns, with the standard deviations if they are wanted.

    ``window`` is in the columns' own units, the box of the points by default.
    """
    from ...signals import write_grid

    placement = field.placement
    assert placement is not None
    axes = _axes(field, window, count, scale)
    shape = tuple(len(axis) for axis in axes)
    _check_memory(out, math.prod(shape) * field.source.channels * (2 if uncertainty else 1))
    coordinates = placement.to_coordinates(_mesh(axes))
    names = channel_names(field)
    bands = dict(zip(names, field(coordinates).T.reshape(-1, *shape), strict=True))
    if uncertainty:
        found = deviations_of(field, coordinates).T.reshape(-1, *shape)
        bands |= {f"{name}_sd": band for name, band in zip(names, found, strict=True)}
    write_grid(out, axes, list(placement.names), bands, placement.geographic)
    say(f"{out}: {'×'.join(str(n) for n in shape)}, {', '.join(bands)}")


def channel_names(field: Field) -> list[str]:
    """Names of the output columns; value0, value1, … where there are none."""
    names = field.record.get("columns", {}).get("outputs")
    return list(names) if names else [f"value{c}" for c in range(field.source.channels)]


def deviations_of(field: Field, coordinates: np.ndarray) -> np.ndarray:
    """Standard deviations (N, C) at coordinates (N, d). Raises ``SettingsError`` for a field that has none."""
    from ...regression import KernelField

    if not isinstance(field, KernelField):
        raise SettingsError("--uncertainty: a network does not know it; fit with --method kernel")
    return field.deviation(coordinates)  # type: ignore[return-value]


def _axes(field: Field, window: str | None, count: tuple[int, ...] | None, scale: float) -> list[np.ndarray]:
    """Cell centres along each axis, in the columns' units."""
    import numpy as np

    placement = field.placement
    assert placement is not None
    low = np.array(placement.origin)
    high = placement.to_columns(np.array(field.domain.sides)[None])[0]
    if window:
        low, high = _parse_window(window, placement)
    if count is None:
        sides = (high - low) * np.array(placement.factor)
        density = (field.source.shape[0] / math.prod(field.domain.sides)) ** (1 / len(sides)) * scale
        most = _MOST_DEFAULT if scale == 1 else math.inf
        density = min(density, most / float(sides.max()))
        count = tuple(max(1, round(float(side) * density)) for side in sides)
    return [a + (np.arange(n) + 0.5) * (b - a) / n for a, b, n in zip(low, high, count, strict=True)]


def _parse_window(text: str, placement: Placement) -> tuple[np.ndarray, np.ndarray]:
    import numpy as np

    try:
        ranges = [tuple(float(end) for end in part.split(":")) for part in text.split(",")]
    except ValueError:
        ranges = []
    good = len(ranges) == len(placement.names) and all(
        len(pair) == 2 and all(map(math.isfinite, pair)) and pair[0] < pair[1] for pair in ranges
    )
    if not good:
        names = ", ".join(placement.names)
        halves = ((low, low + 0.5 / f) for low, f in zip(placement.origin, placement.factor, strict=True))
        example = ",".join(f"{low:.4g}:{high:.4g}" for low, high in halves)
        raise SettingsError(f"--window {text}: give START:END of {names}, in their own units, for example {example}")
    low, high = zip(*ranges, strict=True)
    return np.array(low), np.array(high)


def _mesh(axes: list[np.ndarray]) -> np.ndarray:
    import numpy as np

    return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(axes))


def _check_memory(out: str, values: int) -> None:
    import psutil

    needed, free = values * _BYTES, psutil.virtual_memory().available
    if needed > 0.8 * free:
        raise TooLargeError(
            f"{out} would take {needed / 1e9:.1f} GB to write and {free / 1e9:.1f} GB are free; lower --size or --scale"
        )
