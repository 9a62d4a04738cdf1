"""Many points as fewer that stand for their cells."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from ...problems import PointSamples
from .base import Scatter

__all__ = ["in_cells"]


def in_cells(
    samples: PointSamples, values: Tensor, scatter: Scatter, count: int
) -> tuple[PointSamples, Tensor, Scatter]:
    """Samples with values (N, C) as ``count`` cells of about equally many: their mean places and values, their weights
    added up, and the scatter within them. As they are if there are no more than that.

    Each cell is halved across its longest side, until there are enough. What varies faster than from cell to cell
    counts as noise.
    """
    if len(samples) <= count:
        return samples, values, scatter
    weights = torch.ones(len(samples), dtype=torch.float64) if samples.weights is None else samples.weights
    cell = torch.from_numpy(_cells(samples.points.numpy(), count))
    total = torch.zeros(count, dtype=torch.float64).index_add(0, cell, weights)
    share = (weights / total[cell])[:, None]
    places = samples.points.new_zeros(count, samples.points.shape[1]).index_add(0, cell, share * samples.points)
    means = values.new_zeros(count, values.shape[1]).index_add(0, cell, share * values)
    squares = (weights[:, None] * (values - means[cell]).square()).sum(0).numpy()
    added = Scatter(scatter.squares + squares, scatter.freedom + len(samples) - count)
    return PointSamples(places, means, total), means, added


def _cells(points: np.ndarray, count: int) -> np.ndarray:
    """The number of each point's cell, (N,) int64."""
    cell = np.zeros(len(points), dtype=np.int64)
    waiting, number = [(np.arange(len(points)), count)], 0
    while waiting:
        rows, wanted = waiting.pop()
        if wanted == 1:
            cell[rows] = number
            number += 1
            continue
        part = points[rows]
        axis, half = int(np.argmax(np.ptp(part, axis=0))), wanted // 2
        order = np.argpartition(part[:, axis], len(rows) * half // wanted)
        middle = len(rows) * half // wanted
        waiting += [(rows[order[:middle]], half), (rows[order[middle:]], wanted - half)]
    return cell
