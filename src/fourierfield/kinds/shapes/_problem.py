"""Samples of a shape: points in the box and near the surface, with their occupancy or signed distance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch

from ...errors import SettingsError
from ...grids._splits import HoldOut, NoHoldOut, RandomHoldOut
from ...networks._values import ValueRange
from ...problems._points import PointProblem, PointSamples
from ._inside import inside, points_on_surface, signed_distance
from ._mesh import MeshSignal

Target = Literal["occupancy", "distance"]
# The wider spread, in multiples of the spread: it fills the gap between the points near the surface and the sparse
# uniform ones, where blobs would otherwise float.
WIDER = 5


@dataclass(frozen=True)
class ShapeSampling:
    """The places at which a shape is sampled: ``count`` random points.

    The share ``near`` lies near the surface, at a surface point plus N(0, ``spread``²) along each axis; the share
    ``wider`` of these has five times that spread. The share ``around`` is uniform in the whole unit cube, and the rest
    is uniform in the box of the mesh. ``spread`` is in coordinate units.
    """

    count: int = 1 << 20
    near: float = 0.8
    spread: float = 0.01
    wider: float = 0.2
    around: float = 0.05

    def draw(self, mesh: MeshSignal, seed: int) -> np.ndarray:
        """Draw points (count, 3) in coordinates, in random order; the same seed gives the same points."""
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
    """Return occupancy, or distance in the mesh's units (negative inside), at coordinates (N, 3): (N, 1) float64."""
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
    """Build the problem of a shape at random points; distances are scaled by the range of the training samples."""
    rule = hold_out or NoHoldOut()
    if not isinstance(rule, NoHoldOut | RandomHoldOut):
        raise SettingsError(f"--hold-out {rule} needs a regular grid, and a mesh has none; use random:0.1")
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
