"""The nearest neighbours of points, and the pairs of points within a distance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

if TYPE_CHECKING:
    from scipy.spatial import cKDTree

_TRIED = 2  # times as many neighbours are searched for as are needed: at least half of all points are earlier ones


def earlier_neighbours(points: Tensor, count: int, *, some: int | None = None, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Find each point's nearest neighbours among the points before it in a random order.

    Returns numbers of the points (N, d), all or a random choice of ``some``, (n,) int64, and of most or all of the
    ``count`` nearest before each, (n, count) int64, −1 where there are fewer. In a random order the neighbours carry
    information about every scale (Guinness 2018). It is taken in parts that double its length, searched in a tree each.
    """
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(points))
    ordered = points.double().numpy()[order]
    wanted = np.sort(rng.permutation(len(points))[:some])
    found = np.full((len(wanted), count), -1, dtype=np.int64)
    first = 0
    while first < len(points):
        last = min(len(points), max(2 * first, 4 * count + 1))
        part = slice(*np.searchsorted(wanted, (first, last)))
        found[part] = _earlier(ordered[:last], wanted[part], count)
        first = last
    return torch.from_numpy(order[wanted]), torch.from_numpy(np.where(found >= 0, order[found], -1))


def _earlier(points: np.ndarray, wanted: np.ndarray, count: int) -> np.ndarray:
    """Find, for the points numbered ``wanted``, the nearest ``count`` points with a smaller number."""
    from scipy.spatial import cKDTree

    asked = min(len(points), _TRIED * count + 4)
    _, near = cKDTree(points).query(points[wanted], k=asked, workers=torch.get_num_threads())
    near = near.reshape(len(wanted), asked)
    earlier = near < wanted[:, None]
    nearest_first = np.argsort(~earlier, axis=1, kind="stable")[:, :count]
    chosen = np.where(np.take_along_axis(earlier, nearest_first, 1), np.take_along_axis(near, nearest_first, 1), -1)
    return np.pad(chosen, ((0, 0), (0, count - chosen.shape[1])), constant_values=-1)


def nearest_neighbours(points: Tensor, of: Tensor, count: int) -> Tensor:
    """Return the numbers (M, count) int64 of the ``count`` points (N, d) nearest to each ``of`` (M, d), in order."""
    from scipy.spatial import cKDTree

    count = min(count, len(points))
    _, near = cKDTree(points.double().numpy()).query(of.double().numpy(), k=count, workers=torch.get_num_threads())
    return torch.from_numpy(np.asarray(near, dtype=np.int64).reshape(len(of), count))


def pairs_within(left: np.ndarray, right: cKDTree, radius: float) -> tuple[np.ndarray, np.ndarray]:
    """Find rows i of ``left`` (M, d), j of the tree ``right`` of all pairs of unequal points within ``radius``."""
    from scipy.spatial import cKDTree

    found = cKDTree(left).sparse_distance_matrix(right, radius, output_type="coo_matrix")
    return found.row, found.col
