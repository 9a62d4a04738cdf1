"""How two shapes differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .surface import face_normals, points_on_surface

__all__ = ["ShapeScores", "chamfer_distance", "intersection_over_union", "normal_consistency", "surface_scores"]

SURFACE_POINTS = 100_000


@dataclass(frozen=True)
class ShapeScores:
    """``chamfer`` in the meshes' own units, and ``normal_consistency`` in [0, 1], of two surfaces."""

    chamfer: float
    normal_consistency: float


def intersection_over_union(one: np.ndarray, other: np.ndarray) -> float:
    """|A ∩ B| / |A ∪ B| of two sets of points (N,) bool; 1 where both are empty.

    >>> intersection_over_union(np.array([True, True, False]), np.array([False, True, True]))
    0.3333333333333333
    """
    union = int((one | other).sum())
    return int((one & other).sum()) / union if union else 1.0


def surface_scores(one: np.ndarray, other: np.ndarray, *, points: int = SURFACE_POINTS, seed: int = 0) -> ShapeScores:
    """Scores of two surfaces, triangles (F, 3, 3), from random ``points`` on each.

    Chamfer distance is the mean of both directed mean distances to the nearest point of the other; normal consistency
    that of |n·n'| of the normals there (Mescheder et al. 2019, supplement). Points on one and the same surface are not
    the same points: the distance of a surface to itself is half the mean gap between them, not 0.
    """
    from scipy.spatial import cKDTree

    rng = np.random.default_rng(seed)
    (here, faces), (there, others) = (points_on_surface(corners, points, rng) for corners in (one, other))
    normals, other_normals = face_normals(one)[faces], face_normals(other)[others]
    forth, nearest = cKDTree(there).query(here)
    back, nearest_back = cKDTree(here).query(there)
    along = np.abs(np.einsum("ij,ij->i", normals, other_normals[nearest])).mean()
    along_back = np.abs(np.einsum("ij,ij->i", other_normals, normals[nearest_back])).mean()
    return ShapeScores(float(forth.mean() + back.mean()) / 2, float(along + along_back) / 2)


def chamfer_distance(one: np.ndarray, other: np.ndarray, *, points: int = SURFACE_POINTS, seed: int = 0) -> float:
    """Mean of both directed mean distances of two surfaces, triangles (F, 3, 3) (``surface_scores``)."""
    return surface_scores(one, other, points=points, seed=seed).chamfer


def normal_consistency(one: np.ndarray, other: np.ndarray, *, points: int = SURFACE_POINTS, seed: int = 0) -> float:
    """Mean |n·n'| at nearest points of two surfaces, triangles (F, 3, 3) (``surface_scores``)."""
    return surface_scores(one, other, points=points, seed=seed).normal_consistency
