"""State the problem of fitting values at scattered points, and name samples and problems of either kind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..errors import SettingsError
from ..grids._points import PointSignal
from ..grids._splits import HoldOut, NoHoldOut, RandomHoldOut
from ..networks._values import ValueRange
from ._grid import GridProblem, GridSamples, KnownValues, SplitSamples


@dataclass(frozen=True)
class PointSamples(KnownValues):
    """Values at scattered points.

    ``points`` (N, d) float64 in coordinate units; ``values`` (N, C) float64 in [0, 1] of the training range of each
    channel, NaN where missing. ``weights`` (N,) float64, positive: a point of weight w counts as w equal points, so the
    variance of its noise is 1/w of the usual one. None if all count alike.
    """

    points: Tensor
    values: Tensor
    weights: Tensor | None = None

    def coordinates(self, rows: Tensor | slice = slice(None)) -> Tensor:
        """Return the coordinates (n, d), float32, of the points at ``rows``, as networks take them."""
        return self.points[rows].float()

    def at(self, rows: Tensor) -> PointSamples:
        """Return the points at ``rows``, indices or a mask."""
        weights = None if self.weights is None else self.weights[rows]
        return PointSamples(self.points[rows], self.values[rows], weights)


class PointProblem(SplitSamples[PointSamples]):
    """A signal at points with its split."""


def point_problem(signal: PointSignal, hold_out: HoldOut | None = None) -> PointProblem:
    """Make the problem of fitting values at points, without those that ``hold_out`` keeps back: none or a random share.

    Each output is scaled by its own training range. Raises ``SettingsError`` if the hold-out takes a grid, or leaves
    nothing to train on or nothing to score.
    """
    rule = hold_out or NoHoldOut()
    if not isinstance(rule, NoHoldOut | RandomHoldOut):
        raise SettingsError(f"--hold-out {rule} takes a regular grid, and a table has none; use random:0.1")
    split = rule.split(np.ones(len(signal.points), dtype=bool))
    low, high = (f(signal.values[split.training], axis=0) for f in (np.min, np.max))
    peak = np.where(high > low, high - low, 1.0)
    value_range = ValueRange(tuple(low.tolist()), tuple(peak.tolist()))

    def samples(rows: np.ndarray) -> PointSamples:
        values = value_range.normalise(signal.values[rows])
        return PointSamples(torch.from_numpy(signal.points[rows]), torch.from_numpy(values))

    held_out = samples(split.held_out) if split.held_out.size else None
    return PointProblem(signal.domain, samples(split.training), held_out, value_range, signal.description)


Samples = GridSamples | PointSamples
Problem = GridProblem | PointProblem
