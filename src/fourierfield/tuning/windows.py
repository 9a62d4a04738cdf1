"""Where to look at a large signal: a few boxes of its samples."""

from __future__ import annotations

import itertools
import math

import numpy as np

__all__ = ["Box", "window_boxes"]

Box = tuple[slice, ...]
_FULL = 0.2  # a window with fewer than this share of the fullest one's samples says little
_TRIED = 16
_SPARSE = 0.25  # where fewer samples are measured, windows grow no further: their cost is that of their box


def window_boxes(known: np.ndarray, windows: int, most: int) -> list[Box]:
    """At most ``windows`` boxes of about ``most`` known samples each, spread evenly over the grid of ``known`` (n₁, …).

    All of a small grid in one box, up to half as many again. If what is known lies elsewhere, a box in the midst of it.
    """
    shape = known.shape
    most = round(most / max(_SPARSE, float(known.mean())))
    if math.prod(shape) <= 1.5 * most:
        return [tuple(slice(0, n) for n in shape)]
    sides = _sides(shape, most)
    corners = itertools.product(*map(_firsts, shape, sides, _counts(shape, sides, windows)))
    boxes = [_box(corner, sides) for corner in corners]
    amid = _amid(known, sides)
    filled = [int(known[box].sum()) for box in boxes]
    if max(filled) < _FULL * known[amid].sum():
        return [amid]
    return [box for box, full in zip(boxes, filled, strict=True) if full >= _FULL * max(filled)]


def _firsts(n: int, side: int, count: int) -> list[int]:
    return [round((i + 0.5) * (n - side) / count) for i in range(count)]


def _box(corner: tuple[int, ...], sides: list[int]) -> Box:
    return tuple(slice(first, first + side) for first, side in zip(corner, sides, strict=True))


def _amid(known: np.ndarray, sides: list[int]) -> Box:
    """The fullest of some boxes around known samples."""
    flat = np.flatnonzero(known)
    centres = np.unravel_index(np.random.default_rng(0).choice(flat, _TRIED), known.shape)
    corners = np.stack(
        [np.clip(along - side // 2, 0, n - side) for along, side, n in zip(centres, sides, known.shape, strict=True)],
        axis=-1,
    )
    return max((_box(tuple(corner), sides) for corner in corners.tolist()), key=lambda box: int(known[box].sum()))


def _sides(shape: tuple[int, ...], most: int) -> list[int]:
    """A box of at most ``most`` samples, as near a cube as short axes allow."""
    sides, left = list(shape), most
    for done, axis in enumerate(sorted(range(len(shape)), key=lambda a: shape[a])):
        sides[axis] = min(shape[axis], max(1, math.floor(left ** (1 / (len(shape) - done)) + 1e-9)))
        left //= sides[axis]
    return sides


def _counts(shape: tuple[int, ...], sides: list[int], windows: int) -> list[int]:
    """How many windows lie along each axis: one more where they lie farthest apart, while there are enough."""
    counts = [1] * len(shape)
    while True:
        gaps = [n / (side * count) for n, side, count in zip(shape, sides, counts, strict=True)]
        axis = int(np.argmax(gaps))
        more = [count + (a == axis) for a, count in enumerate(counts)]
        if math.prod(more) > windows or gaps[axis] <= 1:
            return counts
        counts = more
