"""Samples of a shape: points in the box and near the surface, and whether they lie inside or how far from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch

from ..errors import SettingsError
from ..networks import ValueRange
from ..signals import HoldOut, MeshSignal, NoHoldOut, RandomHoldOut
from ..signals.meshes import inside, points_on_surface, signed_distance
from .points import PointProblem, PointSamples

__all__ = ["ShapeSampling", "Target", "shape_problem", "shape_values"]

Target = Literal["occupancy", "distance"]
WIDER = 5  # times the spread: between the surface and the sparse uniform points, where blobs would float else


@dataclass(frozen=True)
class ShapeSampling:
    """Where a shape is sampled: ``count`` points, of which shares are ``near`` the surface, at a surface point plus
    N(0, ``spread``²) along each axis (a share ``wider`` of those five times as far), and uniform in the whole unit cube
    (``around``); the rest is uniform in the box that holds the mesh. ``spread`` is in coordinate units.
    """

    count: int = 1 << 20
    near: float = 0.8
    spread: float = 0.01
    wider: float = 0.2
    around: float = 0.05

    def draw(self, mesh: MeshSignal, seed: int) -> np.ndarray:
        """Points (count, 3) in coordinates, in random order; the same ones for the same seed."""
        rng = np.random.default_rng(seed)
        near, around = round(self.near * self.count), round(self.around * self.count)
        low, high = np.array(mesh.box)
        surface, _ = points_on_surface(mesh.placed[mesh.faces], near, rng)
        spread = np.where(np.arange(near) < self.wider * near, WIDER * self.spread, self.spread)
        parts = [
            surface + spread[:, None] * rng.standard_normal((near, 3)),
            rng.uniform(0.0, 1.0, (around, 3)),
            rng.uniform(low, high, (self.count - near - around, 3)),
        ]
        return rng.permutation(np.concatenate(parts))


def shape_values(mesh: MeshSignal, points: np.ndarray, target: Target) -> np.ndarray:
    """Occupancy (1 inside, 0 outside) or signed distance (negative inside, in the mesh's own units) at ``points``
    (N, 3) in coordinates: (N, 1) float64."""
    places = mesh.placement.to_columns(points)
    values = inside(mesh, places).astype(np.float64) if target == "occupancy" else signed_distance(mesh, places)
    return values[:, None]


def shape_problem(
    mesh: MeshSignal,
    target: Target = "occupancy",
    sampling: ShapeSampling | None = None,
    hold_out: HoldOut | None = None,
    seed: int = 0,
) -> PointProblem:
    """The problem of fitting a shape's occupancy or signed distance at random points, some of them held out.

    Occupancy is its own value in [0, 1]; distances are scaled by their range. Raises ``SettingsError`` for a hold-out
    of grids, and for a target that is not known.
    """
    rule = hold_out or NoHoldOut()
    if not isinstance(rule, NoHoldOut | RandomHoldOut):
        raise SettingsError(f"--hold-out {rule} takes a regular grid, and a mesh has none; use random:0.1")
    points = (sampling or ShapeSampling()).draw(mesh, seed)
    values = shape_values(mesh, points, target)
    split = rule.split(np.ones(len(points), dtype=bool))
    value_range = ValueRange() if target == "occupancy" else _range_of(values[split.training])

    def samples(rows: np.ndarray) -> PointSamples:
        return PointSamples(torch.from_numpy(points[rows]), torch.from_numpy(value_range.normalise(values[rows])))

    held_out = samples(split.held_out) if split.held_out.size else None
    return PointProblem(mesh.domain, samples(split.training), held_out, value_range, mesh.description)


def _range_of(values: np.ndarray) -> ValueRange:
    low, high = float(values.min()), float(values.max())
    return ValueRange(low, high - low)
