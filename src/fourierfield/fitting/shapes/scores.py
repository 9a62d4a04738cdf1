"""How near a field's shape is to the mesh that it was fitted to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...networks import Field
from ...signals import MeshSignal
from ...signals.meshes import inside, intersection_over_union, points_on_surface
from ...signals.meshes.metrics import surface_scores
from .field import box_grid, is_inside, surface_of

__all__ = ["Effort", "shape_scores"]

SPREAD = 0.01  # coordinate units, of the points near the surface, as in the paper
_SEED = 2020  # of the points: the same for every fit, and none that a fit is trained on


@dataclass(frozen=True)
class Effort:
    """On how many ``points`` each overlap is counted, and on how many ``samples`` along the longest side of the box the
    surface is drawn that is scored."""

    points: int
    samples: int
    surface_points: int = 100_000


USUAL = Effort(points=1 << 18, samples=128)


def shape_scores(mesh: MeshSignal, field: Field, effort: Effort | None = None) -> dict[str, float | None]:
    """``iou_uniform`` and ``iou_boundary`` on fresh points (2¹⁸ each by default), ``chamfer`` in the mesh's own units,
    and ``normal_consistency``; the last two None where the field has no surface.

    Uniform points lie in the box of the mesh, boundary points at a point of a random face plus N(0, 0.01²) along each
    axis in coordinate units (the paper's Table 1, "hard"). The surface is that on ``effort.samples`` along the box.
    """
    effort = effort or USUAL
    rng = np.random.default_rng(_SEED)
    near, _ = points_on_surface(mesh.placed[mesh.faces], effort.points, rng, by_area=False)
    near = near + SPREAD * rng.standard_normal(near.shape)
    low, high = np.array(mesh.box)
    uniform = rng.uniform(low, high, (effort.points, 3))
    return {
        "iou_uniform": _overlap(mesh, field, uniform),
        "iou_boundary": _overlap(mesh, field, near),
        **_surface(mesh, field, effort),
    }


def _overlap(mesh: MeshSignal, field: Field, points: np.ndarray) -> float:
    return intersection_over_union(inside(mesh, mesh.placement.to_columns(points)), is_inside(field, points))


def _surface(mesh: MeshSignal, field: Field, effort: Effort) -> dict[str, float | None]:
    vertices, faces = surface_of(field, box_grid(field, effort.samples))
    if len(faces) == 0:
        return {"chamfer": None, "normal_consistency": None}
    scores = surface_scores(mesh.corners, vertices[faces], points=effort.surface_points)
    return {"chamfer": scores.chamfer, "normal_consistency": scores.normal_consistency}
