"""Windows of the training samples that stand for a large signal: where they lie, and their values."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np

from ..grids._domain import Grid
from ..problems._grams import as_array
from ..problems._grid import GridProblem
from ._detail import detail_of

Box = tuple[slice, ...]
_FULL = 0.2  # share of the fullest window's samples below which a window says too little to be used
_TRIED = 16  # boxes around random samples among which the fullest is sought; bounds the work
_SPARSE = 0.25  # share of known samples below which windows grow no further: their cost is that of their box
_CENTRE = 0.5  # value at which networks start, about which rotated channels are rotated


def window_boxes(known: np.ndarray, windows: int, most: int) -> list[Box]:
    """Return up to ``windows`` boxes of about ``most`` known samples, spread evenly over the grid of ``known`` (n₁, …).

    A grid of up to half as many samples again is one box; if known samples lie elsewhere, one box is amid them.
    """
    shape = known.shape
    most = round(most / max(_SPARSE, float(known.mean())))
    if math.prod(shape) <= 1.5 * most:
        return [tuple(slice(0, n) for n in shape)]
    sides = shrunk(shape, most)
    corners = itertools.product(*map(_firsts, shape, sides, _counts(shape, sides, windows)))
    boxes = [_box(corner, sides) for corner in corners]
    amid = _amid(known, sides)
    filled = [int(known[box].sum()) for box in boxes]
    if max(filled) < _FULL * known[amid].sum():
        return [amid]
    return [box for box, full in zip(boxes, filled, strict=True) if full >= _FULL * max(filled)]


def _firsts(n: int, side: int, count: int) -> list[int]:
    return [round((i + 0.5) * (n - side) / count) for i in range(count)]


def _box(corner: tuple[int, ...], sides: tuple[int, ...]) -> Box:
    return tuple(slice(first, first + side) for first, side in zip(corner, sides, strict=True))


def _amid(known: np.ndarray, sides: tuple[int, ...]) -> Box:
    """Return the fullest of some boxes around known samples."""
    flat = np.flatnonzero(known)
    centres = np.unravel_index(np.random.default_rng(0).choice(flat, _TRIED), known.shape)
    corners = np.stack(
        [np.clip(along - side // 2, 0, n - side) for along, side, n in zip(centres, sides, known.shape, strict=True)],
        axis=-1,
    )
    return max((_box(tuple(corner), sides) for corner in corners.tolist()), key=lambda box: int(known[box].sum()))


def shrunk(shape: tuple[int, ...], most: int) -> tuple[int, ...]:
    """Return the shape of the largest box of at most ``most`` samples in a grid, as near to a cube as short axes allow.

    >>> shrunk((3, 1000, 1000), 30_000)
    (3, 100, 100)
    """
    sides, left = list(shape), most
    for done, axis in enumerate(sorted(range(len(shape)), key=lambda a: shape[a])):
        sides[axis] = min(shape[axis], max(1, math.floor(left ** (1 / (len(shape) - done)) + 1e-9)))
        left //= sides[axis]
    return tuple(sides)


def _counts(shape: tuple[int, ...], sides: tuple[int, ...], windows: int) -> list[int]:
    """Return the number of windows along each axis: one is added where they lie farthest apart, as long as possible."""
    counts = [1] * len(shape)
    while True:
        gaps = [n / (side * count) for n, side, count in zip(shape, sides, counts, strict=True)]
        axis = int(np.argmax(gaps))
        more = [count + (a == axis) for a, count in enumerate(counts)]
        if math.prod(more) > windows or gaps[axis] <= 1:
            return counts
        counts = more


@dataclass(frozen=True)
class Cut:
    """Windows of the training samples: ``boxes`` of the array of all ``values``, and ``parts``, their rotated values.

    ``detail`` is the mean square difference to neighbours and ``channels`` the number of channels, both of the signal.
    """

    grid: Grid
    values: np.ndarray
    boxes: list[Box]
    parts: list[np.ndarray]
    detail: float
    channels: int

    @classmethod
    def of(cls, problem: GridProblem, windows: int, most: int) -> Cut:
        """Cut at most ``windows`` windows of about ``most`` training samples each."""
        grid, found = as_array(problem.training)
        values = found.numpy()
        detail, axes = detail_of(values)
        boxes = window_boxes(~np.isnan(values).all(-1), windows, most)
        return cls(grid, values, boxes, [_rotated(values[box], axes) for box in boxes], detail, problem.channels)

    @property
    def side_by_side(self) -> np.ndarray:
        """The windows' channels in one array."""
        return np.concatenate(self.parts, axis=-1)

    @property
    def own_grid(self) -> Grid:
        """The grid to which all windows are moved."""
        return Grid.from_origin((0.0,) * len(self.grid.shape), self.grid.spacing, self.parts[0].shape[:-1])


def _rotated(values: np.ndarray, axes: np.ndarray | None) -> np.ndarray:
    return values if axes is None else (_CENTRE + (values - _CENTRE) @ axes).astype(np.float32)
