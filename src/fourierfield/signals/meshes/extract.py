"""Surfaces of functions: marching cubes at any resolution, block by block."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..domain import Grid
from .blocks import Blocks, Report, Values

__all__ = ["extract_surface"]


def extract_surface(
    values_at: Values, grid: Grid, level: float = 0.0, report: Report = lambda share: None
) -> tuple[np.ndarray, np.ndarray]:
    """The surface {v : f(v) = level} of a function in three dimensions, closed around {f > level}.

    ``values_at`` gives f (n,) at coordinates (n, 3). Returns vertices (V, 3) float64 in coordinates and triangles
    (F, 3), anticlockwise seen from where f is low; both empty where f never exceeds the level on the grid. Outside the
    grid f counts as low, so that the surface is closed everywhere. Marching cubes by scikit-image (Lewiner et al.
    2003), a slab of blocks at a time: vertices on the planes between slabs come out with the same bits on both sides
    and are merged.

    Memory and time grow with the area of the surface, n² for n samples along a side: blocks of 8³ samples are left out
    where every fourth sample in and around them lies on one side of the level, and taken back in as soon as a
    neighbour's samples next to them lie on the other. So every sheet that is met anywhere is followed to its end, and
    what can be missed is a whole part, or a hole, that lies between coarse samples. ``report`` is told the share of the
    blocks done. Raises ``TooLargeError``.

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
            found[:, 0] += first - 1  # the slab has a layer before its own first
            numbers = planes.number(found)
            vertices.append(found[numbers.new])
            faces.append(numbers.index[triangles])
    places = np.concatenate(vertices)
    return np.asarray(grid.origin) + places * np.asarray(grid.spacing), _without_slivers(np.concatenate(faces))


def _march(slab: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Vertices (V, 3), in samples of the padded grid less one, and triangles of a slab's zero level."""
    from skimage.measure import marching_cubes

    if not slab.min() <= 0 < slab.max():
        return np.empty((0, 3)), np.empty((0, 3), dtype=np.int64)
    vertices, faces, _, _ = marching_cubes(slab, 0.0, gradient_direction="ascent")
    vertices = vertices.astype(np.float64)
    vertices[:, 1:] -= 1
    return vertices, faces.astype(np.int64)


def _without_slivers(faces: np.ndarray) -> np.ndarray:
    """Without triangles two of whose corners were merged."""
    return faces[(faces != np.roll(faces, 1, axis=1)).all(axis=1)]


@dataclass(frozen=True)
class _Numbers:
    """The number of each vertex of a slab in the whole, and which of them are new."""

    index: np.ndarray
    new: np.ndarray


@dataclass
class _Seam:
    """Numbers vertices from slab to slab, those at one place alike: they can only meet on the plane between two."""

    count: int = 0
    last: dict[bytes, int] = field(default_factory=dict)

    def number(self, vertices: np.ndarray) -> _Numbers:
        places, first, inverse = np.unique(vertices, axis=0, return_index=True, return_inverse=True)
        keys = [place.tobytes() for place in places] if self.last else []
        known = np.array([self.last.get(key, -1) for key in keys]) if keys else np.full(len(places), -1)
        fresh = known < 0
        numbers = known.copy()
        numbers[fresh] = self.count + np.arange(fresh.sum())
        self.count += int(fresh.sum())
        on_plane = np.flatnonzero(places[:, 0] == places[:, 0].max())
        self.last = {places[row].tobytes(): int(numbers[row]) for row in on_plane}
        return _Numbers(numbers[inverse.reshape(-1)], first[fresh])
