"""A field of a shape as one function that is positive inside, and its surface."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...networks import Field
from ...problems import Target
from ...signals import Grid, MeshSignal
from ...signals.meshes import extract_surface

__all__ = ["box_grid", "insideness", "is_inside", "shape_facts", "surface_of"]

_CERTAIN = 1e-7  # probabilities are no nearer to 0 and 1, so that their logits are finite

Values = Callable[[np.ndarray], np.ndarray]


def shape_facts(mesh: MeshSignal, target: Target) -> dict[str, Any]:
    """What a field's record holds of its shape: what was fitted, the names of the columns, and the box in coordinates
    that held the mesh."""
    return {
        "shape": {"target": target, "box": [list(corner) for corner in mesh.box]},
        "columns": {"inputs": list(mesh.placement.names), "outputs": [target]},
    }


def insideness(field: Field) -> Values:
    """A function of coordinates (n, 3), positive inside and zero on the surface: the logit log p/(1 − p) of occupancy,
    or the negative signed distance.

    Logits go through zero as smoothly as the network; probabilities are 0 or 1 almost everywhere, which a surface
    between samples cannot be drawn from.
    """
    if _shape_record(field).get("target") == "distance":
        return lambda points: -np.asarray(field(points)[:, 0], dtype=np.float64)

    def logit(points: np.ndarray) -> np.ndarray:
        p = np.asarray(field(points)[:, 0], dtype=np.float64).clip(_CERTAIN, 1 - _CERTAIN)
        return np.asarray(np.log(p / (1 - p)))

    return logit


def is_inside(field: Field, points: np.ndarray) -> np.ndarray:
    """Whether coordinates (N, 3) lie inside a field's shape, (N,) bool."""
    return insideness(field)(points) > 0


def box_grid(field: Field, samples: int | tuple[int, ...]) -> Grid:
    """A grid over the box that held the mesh: ``samples`` along its longest side with the same distance along the
    others, or so many along each."""
    low, high = np.array(_shape_record(field).get("box", [[0.0] * 3, list(field.domain.sides)]))
    if isinstance(samples, tuple):
        return Grid(tuple(low.tolist()), tuple(high.tolist()), samples)
    step = float((high - low).max()) / samples
    shape = np.maximum(1, np.ceil((high - low) / step - 1e-9)).astype(int)
    rest = (shape * step - (high - low)) / 2
    return Grid(tuple((low - rest).tolist()), tuple((high + rest).tolist()), tuple(shape.tolist()))


def surface_of(
    field: Field, grid: Grid, report: Callable[[float], None] = lambda share: None
) -> tuple[np.ndarray, np.ndarray]:
    """Vertices (V, 3), in the mesh's own units, and triangles (F, 3) of a field's surface on a grid."""
    vertices, faces = extract_surface(insideness(field), grid, 0.0, report)
    return (vertices if field.placement is None else field.placement.to_columns(vertices)), faces


def _shape_record(field: Field) -> dict:
    found: dict = field.record.get("shape", {})
    return found
