"""Polygons to triangles: fans of convex ones, ears of the others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Polygons = Sequence[np.ndarray] | Sequence[Sequence[int]] | np.ndarray
_STRAIGHT = 1e-9  # turn at a corner, relative to the square of the longest edge, that counts as rounding


def triangulate(vertices: np.ndarray, polygons: Polygons) -> np.ndarray:
    """Return the triangles (F, 3) of ``polygons``, lists of vertex numbers; those of fewer than three are left out.

    Convex polygons become fans and come first, in trimesh's order: triangles, quadrilaterals, others. Concave ones are
    cut into ears in the plane of their mean normal, which keeps every edge and corner, so that neighbours still meet;
    a hole is part of a polygon that runs along a bridge to it and back.

    >>> corners = np.array([[0.0, 0, 0], [4, 0, 0], [4, 1, 0], [1, 1, 0], [1, 4, 0], [0, 4, 0]])
    >>> a, b, c = np.moveaxis(corners[triangulate(corners, [[0, 1, 2, 3, 4, 5]])], 1, 0)
    >>> float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2)
    7.0
    """
    from trimesh.geometry import triangulate_quads

    bent = set(concave(vertices, polygons))
    convex = polygons if not bent else [polygon for row, polygon in enumerate(polygons) if row not in bent]
    fans = np.asarray(triangulate_quads(convex), dtype=np.int64).reshape(-1, 3)
    return np.concatenate([fans, *(ears(vertices, np.asarray(polygons[row])) for row in sorted(bent))])


def concave(vertices: np.ndarray, polygons: Polygons) -> list[int]:
    """Return which polygons turn back at a corner, seen along their mean normal."""
    lengths = np.array([len(polygon) for polygon in polygons], dtype=np.int64)
    found: list[int] = []
    for length in np.unique(lengths[lengths > 3]):
        rows = np.flatnonzero(lengths == length)
        corners = vertices[np.array([polygons[int(row)] for row in rows], dtype=np.int64)]
        edges = np.roll(corners, -1, axis=1) - corners
        turns = np.einsum("nki,ni->nk", np.cross(np.roll(edges, 1, axis=1), edges), _unit_normals(corners))
        least = -_STRAIGHT * (edges**2).sum(axis=-1).max(axis=1, keepdims=True)
        found.extend(rows[(turns < least).any(axis=1)].tolist())
    return found


def ears(vertices: np.ndarray, polygon: np.ndarray) -> np.ndarray:
    """Return the k − 2 triangles (k − 2, 3) of a polygon of k corners, as vertex numbers."""
    import manifold3d  # its triangles close even where corners coincide or lie on a line, which Mapbox's earcut skips

    corners = vertices[polygon]
    normal = _unit_normals(corners[None])[0]
    across = np.cross(normal, np.eye(3)[np.abs(normal).argmin()])
    across /= max(float(np.linalg.norm(across)), 1e-300)
    plane = (corners - corners.mean(axis=0)) @ np.stack([across, np.cross(normal, across)], axis=1)
    return np.asarray(polygon)[np.asarray(manifold3d.triangulate([plane]), dtype=np.int64)]


def _unit_normals(corners: np.ndarray) -> np.ndarray:
    """Return the mean normals (n, 3) of polygons (n, k, 3) by Newell's formula, zero for those without area."""
    placed = corners - corners.mean(axis=1, keepdims=True)
    normals = np.cross(placed, np.roll(placed, -1, axis=1)).sum(axis=1)
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    return np.divide(normals, lengths, out=np.zeros_like(normals), where=lengths > 0)
