"""Inside and distance of points relative to a mesh, random points on surfaces, and scores of two shapes."""

from __future__ import annotations

import numpy as np

from ._mesh import MeshSignal

_POINTS = 1 << 18  # points that are tested at once: bounds memory


def inside(mesh: MeshSignal, points: np.ndarray) -> np.ndarray:
    """Return whether points (N, 3), in the mesh's own units, lie inside: (N,) bool, winding number > ½.

    The winding number is 1 inside a closed surface and 0 outside, 2 where two closed parts overlap, and falls off
    smoothly across holes, so meshes with holes, overlaps and several parts have an inside too. A tree of dipoles
    approximates it with an error well below ½, in about 1 µs per point (Barill et al. 2018; libigl).

    >>> corners = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
    >>> mesh = MeshSignal(corners, np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2]]))
    >>> inside(mesh, np.array([[0.1, 0.1, 0.1], [0.5, 0.5, 0.5]]))
    array([ True, False])
    """
    import igl

    faces = np.ascontiguousarray(mesh.faces, dtype=np.int64)
    found = np.empty(len(points), dtype=bool)
    for start in range(0, len(points), _POINTS):
        block = np.ascontiguousarray(points[start : start + _POINTS], dtype=np.float64)
        found[start : start + _POINTS] = igl.fast_winding_number(mesh.vertices, faces, block) > 0.5
    return found


def signed_distance(mesh: MeshSignal, points: np.ndarray) -> np.ndarray:
    """Return the distance of points (N, 3) from the surface, (N,) float64 in the mesh's own units, negative inside.

    >>> corners = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
    >>> mesh = MeshSignal(corners, np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2]]))
    >>> signed_distance(mesh, np.array([[0.1, 0.2, 0.2], [-1.0, 0.2, 0.2]]))
    array([-0.1,  1. ])
    """
    import igl

    faces = np.ascontiguousarray(mesh.faces, dtype=np.int64)
    found = np.empty(len(points))
    for start in range(0, len(points), _POINTS):
        block = np.ascontiguousarray(points[start : start + _POINTS], dtype=np.float64)
        squares = igl.point_mesh_squared_distance(block, mesh.vertices, faces)[0]
        found[start : start + _POINTS] = np.sqrt(squares)
    return np.where(inside(mesh, points), -found, found)


def points_on_surface(
    corners: np.ndarray, count: int, rng: np.random.Generator, *, by_area: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """Draw ``count`` random points on triangles (F, 3, 3): points (count, 3) and the triangle (count,) of each.

    With ``by_area`` the probability of a triangle is proportional to its area, so the points are uniform on the
    surface; otherwise all triangles are equally likely, as in the paper's code. A point is a + u(b − a) + v(c − a),
    with (u, v) uniform over the triangle.
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
    """Return the unit normals (F, 3) of triangles (F, 3, 3), zero for triangles without area."""
    normals = _doubled_normals(corners)
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    return np.divide(normals, lengths, out=np.zeros_like(normals), where=lengths > 0)


def _doubled_normals(corners: np.ndarray) -> np.ndarray:
    """Return normals (F, 3) whose length is twice the area of the triangle."""
    return np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])


SURFACE_POINTS = 100_000  # random points on each surface that is scored (docs/shapes.md)


def intersection_over_union(one: np.ndarray, other: np.ndarray) -> float:
    """Return |A ∩ B| / |A ∪ B| of two sets of points (N,) bool, 1 if both are empty.

    >>> intersection_over_union(np.array([True, True, False]), np.array([False, True, True]))
    0.3333333333333333
    """
    union = int((one | other).sum())
    return int((one & other).sum()) / union if union else 1.0


def surface_scores(
    one: np.ndarray, other: np.ndarray, *, points: int = SURFACE_POINTS, seed: int = 0
) -> dict[str, float]:
    """Score two surfaces, triangles (F, 3, 3), at random ``points`` on each: ``chamfer`` and ``normal_consistency``.

    The Chamfer distance, in the meshes' own units, is the mean of both directed mean distances to the nearest point of
    the other surface; normal consistency is the mean in both directions of |n·n'| of the normals there (Mescheder et
    al. 2019, supplement). The points on two copies of a surface do not coincide, so the distance of a surface to itself
    is half the mean gap between the points, not 0.
    """
    from scipy.spatial import cKDTree

    rng = np.random.default_rng(seed)
    (here, faces), (there, others) = (points_on_surface(corners, points, rng) for corners in (one, other))
    normals, other_normals = face_normals(one)[faces], face_normals(other)[others]
    forth, nearest = cKDTree(there).query(here)
    back, nearest_back = cKDTree(here).query(there)
    along = np.abs(np.einsum("ij,ij->i", normals, other_normals[nearest])).mean()
    along_back = np.abs(np.einsum("ij,ij->i", other_normals, normals[nearest_back])).mean()
    chamfer = float(forth.mean() + back.mean()) / 2
    return {"chamfer": chamfer, "normal_consistency": float(along + along_back) / 2}
