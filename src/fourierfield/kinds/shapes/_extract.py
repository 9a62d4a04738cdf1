"""Surfaces of functions: marching cubes at any resolution, on the blocks of a grid that the level passes through."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from ...grids._domain import Grid
from ...grids._memory import require_memory

BLOCK = 8  # samples along each side of a block
STRIDE = 4  # distance, in samples, of the samples of the first, coarse pass
_POINTS = 1 << 16  # points that are evaluated at once: bounds memory
_BYTES_PER_BLOCK = 3 * 4 * BLOCK**3  # the float32 values of a block, and twice as much for what is made of them
_BYTES_PER_COARSE = 48  # an estimate of the bytes that each coarse sample needs: its index, coordinates and mask

Values = Callable[[np.ndarray], np.ndarray]
Report = Callable[[float], None]


class Blocks:
    """Values minus the level on the blocks near the surface, and one sign for each other block."""

    def __init__(self, values_at: Values, grid: Grid, level: float, report: Report) -> None:
        self._values_at, self._grid, self._level, self._report = values_at, grid, level, report
        self._shape = tuple(-(-n // BLOCK) for n in grid.shape)
        self._values: dict[tuple[int, ...], np.ndarray] = {}
        self._check_memory(int(np.prod([-(-n // STRIDE) for n in grid.shape])) * _BYTES_PER_COARSE)
        self._high = np.zeros(self._shape, dtype=bool)

    def evaluate(self) -> None:
        """Evaluate all blocks that the surface may pass through."""
        any_high, any_low = self._coarse()
        self._high = any_high & ~any_low
        wanted = [tuple(index) for index in np.argwhere(any_high & any_low).tolist()]
        while wanted:
            self._check_memory((len(self._values) + len(wanted)) * _BYTES_PER_BLOCK)
            per_round = max(1, _POINTS // BLOCK**3)
            for start in range(0, len(wanted), per_round):
                self._evaluate(wanted[start : start + per_round])
                left = len(wanted) - start - per_round
                self._report(len(self._values) / (len(self._values) + max(0, left)))
            wanted = sorted(self._neighbours_crossed(wanted))

    def slabs(self) -> Iterator[tuple[int, np.ndarray]]:
        """Yield each row of blocks as the number of its first layer, and its layers.

        The layers are preceded by the last layer of the previous row and surrounded by low values.
        """
        before = self._low_layer()
        for row in range(self._shape[0]):
            layers = self._row(row)
            yield row * BLOCK, np.concatenate([before[None], layers])
            before = layers[-1]
        yield self._grid.shape[0], np.stack([before, self._low_layer()])

    def _low_layer(self) -> np.ndarray:
        return np.full([n + 2 for n in self._grid.shape[1:]], -self._far, dtype=np.float32)

    @property
    def _far(self) -> float:
        """The size of the values that stand for blocks away from the level: the mean size of values near it."""
        some = list(self._values.values())[:64]
        return float(np.mean([np.abs(values).mean() for values in some])) if some else 1.0

    def _row(self, row: int) -> np.ndarray:
        """Return the layers of a row of blocks, padded with low values."""
        far = np.float32(self._far)
        sizes = np.where(self._high[row], far, -far).astype(np.float32)
        plane = np.repeat(np.repeat(sizes, BLOCK, axis=0), BLOCK, axis=1)
        layers = np.repeat(plane[None], BLOCK, axis=0)
        for j, k in np.ndindex(*self._shape[1:]):
            if (values := self._values.get((row, j, k))) is not None:
                layers[:, j * BLOCK : (j + 1) * BLOCK, k * BLOCK : (k + 1) * BLOCK] = values
        depth = min(BLOCK, self._grid.shape[0] - row * BLOCK)
        inside = layers[:depth, : self._grid.shape[1], : self._grid.shape[2]]
        padded = np.full([depth, *(n + 2 for n in self._grid.shape[1:])], -far, dtype=np.float32)
        padded[:, 1:-1, 1:-1] = inside
        return padded

    def _coarse(self) -> tuple[np.ndarray, np.ndarray]:
        """Evaluate every fourth sample along each axis; return which blocks have high or low ones in or near them."""
        axes = [np.minimum(np.arange(STRIDE // 2, n + STRIDE // 2, STRIDE), n - 1) for n in self._grid.shape]
        shape = tuple(len(axis) for axis in axes)
        high = np.empty(shape, dtype=bool)
        total = high.size
        for start in range(0, total, _POINTS):
            flat = np.arange(start, min(start + _POINTS, total))
            index = np.stack([axis[i] for axis, i in zip(axes, np.unravel_index(flat, shape), strict=True)], axis=-1)
            high.reshape(-1)[flat] = self._at(index) > 0
            self._report(0.0)
        return _high_and_low(high, self._shape)

    def _evaluate(self, wanted: list[tuple[int, ...]]) -> None:
        inner = np.stack(np.meshgrid(*(np.arange(BLOCK),) * 3, indexing="ij"), axis=-1).reshape(-1, 3)
        index = np.minimum(np.array(wanted)[:, None] * BLOCK + inner, np.array(self._grid.shape) - 1)
        values = self._at(index.reshape(-1, 3)).reshape(len(wanted), BLOCK, BLOCK, BLOCK)
        self._values.update(zip(wanted, values, strict=True))

    def _at(self, index: np.ndarray) -> np.ndarray:
        """Evaluate the function minus the level, (n,) float32, at samples of ``index`` (n, 3)."""
        points = np.asarray(self._grid.origin) + index * np.asarray(self._grid.spacing)
        values = np.asarray(self._values_at(points), dtype=np.float64).reshape(-1) - self._level
        return values.astype(np.float32)

    def _neighbours_crossed(self, done: list[tuple[int, ...]]) -> set[tuple[int, ...]]:
        """Return blocks left out so far that are next to samples on the other side of the level."""
        found = set()
        for block in done:
            values = self._values[block] > 0
            for axis in range(3):
                for step, layer in ((-1, 0), (1, BLOCK - 1)):
                    other = (*block[:axis], block[axis] + step, *block[axis + 1 :])
                    if not 0 <= other[axis] < self._shape[axis] or other in self._values:
                        continue
                    if (values.take(layer, axis) != self._high[other]).any():
                        found.add(other)
        return found

    def _check_memory(self, needed: int) -> None:
        size = "×".join(map(str, self._grid.shape))
        require_memory(needed, f"a surface on {size} samples", "lower --size", share=0.6)


def _high_and_low(high: np.ndarray, blocks: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return for each block whether any coarse sample in it or next to it is high, and whether any is low."""
    from scipy.ndimage import maximum_filter

    per_block = BLOCK // STRIDE

    def any_of(mask: np.ndarray) -> np.ndarray:
        widened = maximum_filter(mask, 3, mode="nearest")
        padding = [(0, b * per_block - n) for b, n in zip(blocks, mask.shape, strict=True)]
        folded = np.pad(widened, padding).reshape([size for b in blocks for size in (b, per_block)])
        return np.asarray(folded.any(axis=(1, 3, 5)))

    return any_of(high), any_of(~high)


def extract_surface(
    values_at: Values, grid: Grid, level: float = 0.0, report: Report = lambda share: None
) -> tuple[np.ndarray, np.ndarray]:
    """Extract the surface {v : f(v) = level} of a function in three dimensions, closed around {f > level}.

    ``values_at`` maps coordinates (n, 3) to f (n,). Returns vertices (V, 3) float64 in coordinates and triangles
    (F, 3), anticlockwise seen from where f is low; both are empty if f never exceeds the level on the grid. Outside the
    grid f counts as low, so the surface is closed everywhere. Marching cubes by scikit-image (Lewiner et al. 2003) run
    on one slab of blocks at a time: vertices on the planes between slabs have the same bits on both sides and are
    merged.

    Memory and time grow with the area of the surface, n² for n samples along a side: a block of 8³ samples is left out
    if every fourth sample in and around it lies on one side of the level, and taken in again as soon as a neighbour's
    samples next to it lie on the other side. So every sheet that is met anywhere is followed to its end, and only a
    whole part, or a hole, that lies between coarse samples can be missed. ``report`` is called with the share of the
    blocks that are done. Raises ``TooLargeError`` if memory would not suffice.

    >>> ball = lambda v: 0.3 - np.linalg.norm(v - 0.5, axis=-1)
    >>> vertices, faces = extract_surface(ball, Grid((0.0,) * 3, (1.0,) * 3, (24,) * 3))
    >>> bool(np.allclose(np.linalg.norm(vertices - 0.5, axis=1), 0.3, atol=2e-3)), len(vertices) - len(faces) // 2
    (True, 2)
    """
    blocks = Blocks(values_at, grid, level, report)
    blocks.evaluate()
    vertices, faces, planes = [np.empty((0, 3))], [np.empty((0, 3), dtype=np.int64)], _Seam()
    for first, slab in blocks.slabs():
        found, triangles = _march(slab)
        if len(triangles):
            found[:, 0] += first - 1  # the slab starts with the last layer of the previous one
            numbers, new = planes.number(found)
            vertices.append(found[new])
            faces.append(numbers[triangles])
    places = np.concatenate(vertices)
    return np.asarray(grid.origin) + places * np.asarray(grid.spacing), _without_slivers(np.concatenate(faces))


def _march(slab: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the vertices (V, 3), in samples, and the triangles (F, 3) of a slab's zero level."""
    from skimage.measure import marching_cubes

    if not slab.min() <= 0 < slab.max():
        return np.empty((0, 3)), np.empty((0, 3), dtype=np.int64)
    vertices, faces, _, _ = marching_cubes(slab, 0.0, gradient_direction="ascent")
    vertices = vertices.astype(np.float64)
    vertices[:, 1:] -= 1
    return vertices, faces.astype(np.int64)


def _without_slivers(faces: np.ndarray) -> np.ndarray:
    """Return the triangles whose three corners are different vertices."""
    return faces[(faces != np.roll(faces, 1, axis=1)).all(axis=1)]


@dataclass
class _Seam:
    """A numbering of vertices from slab to slab; vertices of two slabs coincide only on the plane between them."""

    count: int = 0
    last: dict[bytes, int] = field(default_factory=dict)

    def number(self, vertices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the number of each vertex of a slab in the whole surface, and which of the vertices are new."""
        places, first, inverse = np.unique(vertices, axis=0, return_index=True, return_inverse=True)
        keys = [place.tobytes() for place in places] if self.last else []
        known = np.array([self.last.get(key, -1) for key in keys]) if keys else np.full(len(places), -1)
        fresh = known < 0
        numbers = known.copy()
        numbers[fresh] = self.count + np.arange(fresh.sum())
        self.count += int(fresh.sum())
        on_plane = np.flatnonzero(places[:, 0] == places[:, 0].max())
        self.last = {places[row].tobytes(): int(numbers[row]) for row in on_plane}
        return numbers[inverse.reshape(-1)], first[fresh]
