"""The surface of a shape's field, and scores of how near it lies to the mesh that was fitted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...grids._domain import Grid
from ...networks._field import Field
from ._extract import extract_surface
from ._inside import inside, intersection_over_union, points_on_surface, surface_scores
from ._mesh import MeshSignal
from ._problem import Target

_CERTAIN = 1e-7  # least distance of probabilities from 0 and 1, so that their logits are finite (within ±16)

Values = Callable[[np.ndarray], np.ndarray]


def shape_facts(mesh: MeshSignal, target: Target) -> dict[str, Any]:
    """Return a record's part on a shape: the target, the box of the mesh in coordinates, and the columns."""
    return {
        "shape": {"target": target, "box": [list(corner) for corner in mesh.box]},
        "columns": {"inputs": list(mesh.placement.names), "outputs": [target]},
    }


def insideness(field: Field) -> Values:
    """Return a function of coordinates (n, 3) that is positive inside a field's shape and zero on its surface.

    It is the logit log p/(1 − p) of the occupancy p, or the negative signed distance. Logits pass zero as smoothly as
    the network does. Probabilities are 0 or 1 almost everywhere, which does not determine a surface between samples.
    """
    if field.record.get("shape", {}).get("target") == "distance":
        return lambda points: -np.asarray(field(points)[:, 0], dtype=np.float64)

    def logit(points: np.ndarray) -> np.ndarray:
        p = np.asarray(field(points)[:, 0], dtype=np.float64).clip(_CERTAIN, 1 - _CERTAIN)
        return np.asarray(np.log(p / (1 - p)))

    return logit


def box_grid(field: Field, samples: int | tuple[int, ...]) -> Grid:
    """Return a grid over the mesh's box: ``samples`` along its longest side, or as many along each as a tuple says."""
    low, high = np.array(field.record.get("shape", {}).get("box", [[0.0] * 3, list(field.domain.sides)]))
    if isinstance(samples, tuple):
        return Grid(tuple(low.tolist()), tuple(high.tolist()), samples)
    step = float((high - low).max()) / samples
    shape = np.maximum(1, np.ceil((high - low) / step - 1e-9)).astype(int)
    rest = (shape * step - (high - low)) / 2
    return Grid(tuple((low - rest).tolist()), tuple((high + rest).tolist()), tuple(shape.tolist()))


def surface_of(
    field: Field, grid: Grid, report: Callable[[float], None] = lambda share: None
) -> tuple[np.ndarray, np.ndarray]:
    """Return vertices (V, 3), in the mesh's own units, and triangles (F, 3) of a field's surface on a grid."""
    vertices, faces = extract_surface(insideness(field), grid, 0.0, report)
    return (vertices if field.placement is None else field.placement.to_columns(vertices)), faces


SPREAD = 0.01  # coordinate units: standard deviation of points near the surface (Tancik et al. 2020, Table 1, "hard")
_SEED = 2020  # seed of the points for scores: the same for every fit, and other points than a fit is trained on


@dataclass(frozen=True)
class Effort:
    """The points of each overlap, the samples of a surface along its longest side, the points compared on surfaces."""

    points: int
    samples: int
    surface_points: int = 100_000


USUAL = Effort(points=1 << 18, samples=128)  # 2¹⁸ points as in the paper


def shape_scores(mesh: MeshSignal, field: Field, effort: Effort | None = None) -> dict[str, float | None]:
    """Compute the overlaps ``iou_uniform`` and ``iou_boundary``, ``chamfer`` and ``normal_consistency`` of a field.

    The overlaps are counted on fresh points, 2¹⁸ each by default. Uniform points lie in the box of the mesh, boundary
    points at a point of a random face plus N(0, 0.01²) along each axis in coordinate units (the paper's Table 1,
    "hard"). ``chamfer``, in the mesh's own units, and ``normal_consistency`` are of the surface on ``effort.samples``
    samples along the box; both are None if the field has no surface.
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
    return intersection_over_union(inside(mesh, mesh.placement.to_columns(points)), insideness(field)(points) > 0)


def _surface(mesh: MeshSignal, field: Field, effort: Effort) -> dict[str, float | None]:
    vertices, faces = surface_of(field, box_grid(field, effort.samples))
    if len(faces) == 0:
        return {"chamfer": None, "normal_consistency": None}
    return {**surface_scores(mesh.corners, vertices[faces], points=effort.surface_points)}
