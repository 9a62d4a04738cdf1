"""Points drawn on a mesh."""

from __future__ import annotations

import numpy as np

__all__ = ["face_normals", "points_on_surface"]


def points_on_surface(
    corners: np.ndarray, count: int, rng: np.random.Generator, *, by_area: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """``count`` random points on triangles (F, 3, 3): points (count, 3) and the triangle (count,) of each.

    Triangles are drawn by their area, so that the points are uniform on the surface, or all alike (as the paper's
    code does); in a triangle a + u(b − a) + v(c − a), with (u, v) uniform over it.
    """
    if by_area:
        areas = np.cumsum(np.linalg.norm(_doubled_normals(corners), axis=1))
        chosen = np.searchsorted(areas, rng.uniform(0, areas[-1], count), side="right").clip(max=len(corners) - 1)
    else:
        chosen = rng.integers(len(corners), size=count)
    u, v = rng.uniform(size=(2, count, 1))
    u, v = np.where(u + v > 1, 1 - u, u), np.where(u + v > 1, 1 - v, v)
    a, b, c = np.moveaxis(corners[chosen], 1, 0)
    return a + u * (b - a) + v * (c - a), chosen


def face_normals(corners: np.ndarray) -> np.ndarray:
    """Unit normals (F, 3) of triangles (F, 3, 3); zero for those without area."""
    normals = _doubled_normals(corners)
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    return np.divide(normals, lengths, out=np.zeros_like(normals), where=lengths > 0)


def _doubled_normals(corners: np.ndarray) -> np.ndarray:
    """Normals as long as twice the triangle's area."""
    return np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
