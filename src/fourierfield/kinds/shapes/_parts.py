"""Which way the parts of a surface face: outwards, or inwards around a cavity."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

_TESTED = 256  # points that are tested in each part at most: bounds time
_BESIDE = 1e-4  # distance of these points from the part's surface, relative to the part's size
_TOUCHING = 5  # percentage of them that may lie elsewhere than the others, where two parts touch
_OPEN = 0.25  # |Σ area vectors| / Σ areas above which a part has no inside of its own: 0 if closed, 1 if flat
_ROUNDS = 16  # levels of nested parts that are told apart: more than any file has


def consistently_oriented(faces: np.ndarray) -> bool:
    """Return whether every edge is run along as often one way as the other, but for one triangle at borders."""
    edge, forth = _edges(faces)
    which = np.unique(edge, return_inverse=True)[1]
    return bool((np.abs(np.bincount(which, weights=np.where(forth, 1, -1))) <= 1).all())


def agreeing(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Turn triangles so that neighbours run the same way round: in each part, the way of the larger area.

    A part that is far from closed faces away from the mean vertex instead.
    """
    import igl

    turned, part = igl.bfs_orient(np.ascontiguousarray(faces))
    turned, part = np.asarray(turned, dtype=np.int64), np.asarray(part).reshape(-1)
    parts = _Parts.of(vertices, turned, part)
    kept = np.bincount(part, weights=np.where(_same_way(turned, faces), parts.areas, -parts.areas))
    a, b, c = np.moveaxis(vertices[turned] - vertices.mean(axis=0), 1, 0)
    outwards = np.bincount(part, weights=np.einsum("ij,ij->i", a, np.cross(b, c)))
    return np.where((np.where(parts.closed, kept, outwards) < 0)[part][:, None], turned[:, ::-1], turned)


def facing_outwards(vertices: np.ndarray, faces: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """Turn over what is inside out: the whole, or parts of it; return the triangles, and notes on what was done.

    A part that faces inwards is a cavity within the solid of others, and stays; anywhere else it would be empty space,
    and is turned. A part that faces outwards within one that is inside out is a cavity too, and is turned with it.
    """
    part = _parts(faces)
    parts = _Parts.of(vertices, faces, part)
    notes = []
    if parts.signs.max() <= 0 and _volume(vertices, faces) < 0:
        faces, parts = faces[:, ::-1], replace(parts, signs=-parts.signs)
        notes.append("WARNING: its surface was inside out; it was turned over")
    turned, cavities = parts.inside_out(vertices, faces)
    faces = np.where(turned[part][:, None], faces[:, ::-1], faces)
    if turned.any():
        notes.append(f"WARNING: {_counted(turned, 'was', 'were')} inside out; turned over to face outwards")
    if cavities.any():
        kept = "a cavity" if cavities.sum() == 1 else "cavities"
        notes.append(f"{_counted(cavities, 'faces', 'face')} inwards within another: kept as {kept}")
    if _volume(vertices, faces) < 0:  # parts that are far from closed
        faces = faces[:, ::-1]
        notes.append("WARNING: its surface was inside out; it was turned over")
    return faces, notes


def _counted(which: np.ndarray, one: str, several: str) -> str:
    """Return "1 of its 3 parts was"."""
    return f"{int(which.sum()):,} of its {len(which):,} parts {one if which.sum() == 1 else several}"


def _volume(vertices: np.ndarray, faces: np.ndarray) -> float:
    a, b, c = np.moveaxis(vertices[faces] - vertices.mean(axis=0), 1, 0)
    return float(np.einsum("ij,ij->", a, np.cross(b, c)))


@dataclass(frozen=True)
class _Parts:
    """Parts of a surface: the part of each triangle, their areas, and of each part whether it is about closed.

    ``signs`` are 1 for parts that face outwards, −1 inwards, 0 if they are not closed.
    """

    part: np.ndarray
    areas: np.ndarray
    closed: np.ndarray
    signs: np.ndarray

    @classmethod
    def of(cls, vertices: np.ndarray, faces: np.ndarray, part: np.ndarray) -> _Parts:
        centres = vertices[faces].mean(axis=1)
        middles = _sums(part, centres) / np.bincount(part)[:, None]
        a, b, c = np.moveaxis(vertices[faces] - middles[part][:, None], 1, 0)
        normals = np.cross(b - a, c - a)
        areas = np.linalg.norm(normals, axis=1)
        closed = np.linalg.norm(_sums(part, normals), axis=1) <= _OPEN * np.bincount(part, weights=areas)
        volumes = np.bincount(part, weights=np.einsum("ij,ij->i", a, np.cross(b, c)))
        return cls(part, areas, closed, np.where(closed, np.sign(volumes), 0))

    def inside_out(self, vertices: np.ndarray, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return which parts must be turned over, and which then are cavities; the outermost are decided first."""
        turned = cavities = np.zeros(len(self.signs), dtype=bool)
        for _ in range(_ROUNDS if (self.signs < 0).any() else 0):
            now = np.where(turned[self.part][:, None], faces[:, ::-1], faces)
            signs = np.where(turned, -self.signs, self.signs)
            least, most = self.surroundings(vertices, now, signs)
            cavities = (signs < 0) & (least >= 0.5)
            wrong = ((signs < 0) & ~cavities & (most > -0.5)) | ((signs > 0) & (most <= -0.5))
            if not wrong.any():
                break
            turned = turned ^ wrong
        return turned, cavities

    def surroundings(self, vertices: np.ndarray, faces: np.ndarray, signs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the winding number of the other parts at each part, nearly the least and the most of its points.

        The points lie just inside the part, where its own winding number is its sign.
        """
        import igl

        order = np.argsort(self.part, kind="stable")
        first = np.searchsorted(self.part[order], np.arange(len(signs) + 1))
        rows = [order[np.linspace(i, j - 1, min(_TESTED, j - i)).astype(int)] for i, j in pairwise(first)]
        chosen = np.concatenate(rows)
        a, b, c = np.moveaxis(vertices[faces[chosen]], 1, 0)
        normals = np.cross(b - a, c - a)
        size = np.sqrt(np.bincount(self.part, weights=self.areas))[self.part[chosen]]
        lengths = np.maximum(np.linalg.norm(normals, axis=1), 1e-300)
        inwards = -(signs[self.part[chosen]] * size * _BESIDE / lengths)[:, None] * normals
        found = igl.fast_winding_number(vertices, np.ascontiguousarray(faces), (a + b + c) / 3 + inwards)
        others = np.split(np.asarray(found) - signs[self.part[chosen]], np.cumsum([len(row) for row in rows])[:-1])
        least, most = np.array([np.percentile(w, (_TOUCHING, 100 - _TOUCHING)) for w in others]).T
        return least, most


def _sums(part: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the sums (parts, 3) of values (F, 3) over each part."""
    return np.stack([np.bincount(part, weights=column) for column in values.T], axis=1)


def _same_way(turned: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Return which triangles have the same corners in the same cyclic order, (F,) bool."""
    same = [(np.roll(turned, shift, axis=1) == faces).all(axis=1) for shift in range(3)]
    return np.asarray(np.stack(same).any(axis=0))


def _edges(faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return one number for each edge of each triangle (3 F,), and whether it runs to the higher vertex."""
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    return edges.min(axis=1) * (edges.max() + 1) + edges.max(axis=1), edges[:, 0] < edges[:, 1]


def _parts(faces: np.ndarray) -> np.ndarray:
    """Return the part of each triangle, (F,) from 0: two triangles that share an edge with no other are of one part."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    edge, _ = _edges(faces)
    uses = np.unique(edge, return_counts=True)[1]
    owner = np.tile(np.arange(len(faces)), 3)[np.argsort(edge, kind="stable")]
    first = np.cumsum(uses)[uses == 2] - 2
    links = coo_array((np.ones(len(first)), (owner[first], owner[first + 1])), shape=(len(faces),) * 2)
    return np.asarray(connected_components(links, directed=False)[1])
