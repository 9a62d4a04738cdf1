"""Values of a function on the blocks of a grid that its level passes through."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import psutil

from ...errors import TooLargeError
from ..domain import Grid

__all__ = ["Blocks", "Report", "Values"]

BLOCK = 8  # samples along each side of a block
STRIDE = 4  # samples between those of the first, coarse look
_POINTS = 1 << 16  # evaluated at once
_BYTES_PER_BLOCK = 3 * 4 * BLOCK**3  # its values, and what is made of them
_BYTES_PER_COARSE = 48

Values = Callable[[np.ndarray], np.ndarray]
Report = Callable[[float], None]


class Blocks:
    """Values less the level on the blocks near the surface, and one sign for each of the others."""

    def __init__(self, values_at: Values, grid: Grid, level: float, report: Report) -> None:
        self._values_at, self._grid, self._level, self._report = values_at, grid, level, report
        self._shape = tuple(-(-n // BLOCK) for n in grid.shape)
        self._values: dict[tuple[int, ...], np.ndarray] = {}
        self._check_memory(int(np.prod([-(-n // STRIDE) for n in grid.shape])) * _BYTES_PER_COARSE)
        self._high = np.zeros(self._shape, dtype=bool)

    def evaluate(self) -> None:
        """Values on all blocks that the surface may pass through."""
        coarse = self._coarse()
        self._high = coarse.any_high & ~coarse.any_low
        wanted = [tuple(index) for index in np.argwhere(coarse.any_high & coarse.any_low).tolist()]
        while wanted:
            self._check_memory((len(self._values) + len(wanted)) * _BYTES_PER_BLOCK)
            per_round = max(1, _POINTS // BLOCK**3)
            for start in range(0, len(wanted), per_round):
                self._evaluate(wanted[start : start + per_round])
                left = len(wanted) - start - per_round
                self._report(len(self._values) / (len(self._values) + max(0, left)))
            wanted = sorted(self._neighbours_crossed(wanted))

    def slabs(self) -> Iterator[tuple[int, np.ndarray]]:
        """The number of the first layer and the layers of each row of blocks, with the last one of the row before and
        low values around."""
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
        """A value that stands for being away from the level: the mean size of those near it."""
        some = list(self._values.values())[:64]
        return float(np.mean([np.abs(values).mean() for values in some])) if some else 1.0

    def _row(self, row: int) -> np.ndarray:
        """The layers of a row of blocks, padded by low values."""
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

    def _coarse(self) -> _Coarse:
        """Which blocks have high and low samples in and around them, of every fourth along each axis."""
        axes = [np.minimum(np.arange(STRIDE // 2, n + STRIDE // 2, STRIDE), n - 1) for n in self._grid.shape]
        shape = tuple(len(axis) for axis in axes)
        high = np.empty(shape, dtype=bool)
        total = high.size
        for start in range(0, total, _POINTS):
            flat = np.arange(start, min(start + _POINTS, total))
            index = np.stack([axis[i] for axis, i in zip(axes, np.unravel_index(flat, shape), strict=True)], axis=-1)
            high.reshape(-1)[flat] = self._at(index) > 0
            self._report(0.0)
        return _Coarse.of(high, self._shape)

    def _evaluate(self, wanted: list[tuple[int, ...]]) -> None:
        inner = np.stack(np.meshgrid(*(np.arange(BLOCK),) * 3, indexing="ij"), axis=-1).reshape(-1, 3)
        index = np.minimum(np.array(wanted)[:, None] * BLOCK + inner, np.array(self._grid.shape) - 1)
        values = self._at(index.reshape(-1, 3)).reshape(len(wanted), BLOCK, BLOCK, BLOCK)
        self._values.update(zip(wanted, values, strict=True))

    def _at(self, index: np.ndarray) -> np.ndarray:
        """Values less the level, (n,) float32, at samples of index (n, 3)."""
        points = np.asarray(self._grid.origin) + index * np.asarray(self._grid.spacing)
        values = np.asarray(self._values_at(points), dtype=np.float64).reshape(-1) - self._level
        return values.astype(np.float32)

    def _neighbours_crossed(self, done: list[tuple[int, ...]]) -> set[tuple[int, ...]]:
        """Blocks left out so far next to samples on the other side of the level."""
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
        available = psutil.virtual_memory().available
        if needed > 0.6 * available:
            size = "×".join(map(str, self._grid.shape))
            raise TooLargeError(
                f"a surface on {size} samples needs {needed / 1e9:.1f} GB and {available / 1e9:.1f} GB are free; "
                "lower --size"
            )


@dataclass(frozen=True)
class _Coarse:
    """Per block: whether any coarse sample in it or next to it is high, or low."""

    any_high: np.ndarray
    any_low: np.ndarray

    @classmethod
    def of(cls, high: np.ndarray, blocks: tuple[int, ...]) -> _Coarse:
        from scipy.ndimage import maximum_filter

        per_block = BLOCK // STRIDE

        def any_of(mask: np.ndarray) -> np.ndarray:
            widened = maximum_filter(mask, 3, mode="nearest")
            padding = [(0, b * per_block - n) for b, n in zip(blocks, mask.shape, strict=True)]
            folded = np.pad(widened, padding).reshape([size for b in blocks for size in (b, per_block)])
            return np.asarray(folded.any(axis=(1, 3, 5)))

        return cls(any_of(high), any_of(~high))
