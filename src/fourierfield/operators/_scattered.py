"""The Gram map of a stationary kernel on scattered points, and its sums elsewhere, by waves and near pairs."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from ..errors import TooLargeError
from ..grids._memory import free_memory
from ..kernels._stationary import StationaryKernel
from ._base import SelfAdjoint
from ._neighbours import pairs_within
from ._sparse import SparseOperator
from ._split import KernelSplit, smooth_split, split_kernel

if TYPE_CHECKING:
    from scipy.spatial import cKDTree

_PAIRS = {1: 90, 2: 90, 3: 200}  # near pairs of a point on average, by dimension: beyond, finer waves are cheaper
_WAVES = 12  # waves for each point, at most, that keep the near pairs so few
# Steps of the waves' grid per mean distance of points, by dimension, at which waves and near pairs cost about the same.
_STEPS = {1: 1.5, 2: 0.8, 3: 0.55}
_ALONE = {1: 2, 2: 3, 3: 12}  # waves for each point, by dimension, that cost less than waves and near pairs
_LEAST_WAVES = 1 << 16  # waves that are allowed however few the points are
_MOST_WAVES = 1 << 21, 1 << 24  # for few points and for many: beyond, it is faster to sum the kernel term by term
_ROWS = 1 << 16  # places at which sums are evaluated at once: bounds memory
_MOST_PAIRS = 1 << 20  # near pairs that are summed at once: bounds memory
_PAIR_BYTES = 70  # of a near pair while the sparse matrix is built
_IN_CELL = 16  # points in a cell of ``cell_by_cell``, on average
_SHARE = 0.8  # of the free memory that near pairs may take


class ScatteredGram(SelfAdjoint):
    """The map x ↦ K x with K_ij = k(x_i − x_j) for N points, as F diag(c) Fᴴ + S.

    A product takes two NUFFTs and one sparse product. ``split`` holds the kernel and reports its accuracy. In memory
    there are the waves and some tens of pairs for each point. Complex arithmetic carries two real columns at once.
    Raises ``TooLargeError`` if points lie so close together that their near pairs would not fit in memory.
    """

    def __init__(self, split: KernelSplit, points: Tensor) -> None:
        super().__init__(len(points))
        self.split = split
        self._order = cell_by_cell(points)
        ordered = points.double()[self._order]
        self._waves = split.waves(ordered, 0.1 * max(split.error, 1e-12))
        self._half = SparseOperator(_near_among(split, ordered))
        self._as_is = bool((self._order.diff() == 1).all())

    def _forward(self, x: Tensor) -> Tensor:
        if self._as_is:
            return self._product(x)
        product = torch.empty_like(x)
        product[self._order] = self._product(x[self._order])
        return product

    def _product(self, x: Tensor) -> Tensor:
        far = _unpacked(self._waves.filtered(_packed(x), self.split.coefficients), x.shape[1])
        return (far + self._half._forward(x)).add_(self._half._adjoint(x))


class KernelSum:
    """The function f(x) = Σ_j k(x − x_j) α_j for points x_j (N, d), weights α (N, C), to ``split.error``·k(0)·Σ|α|."""

    def __init__(self, split: KernelSplit, points: Tensor, weights: Tensor) -> None:
        self.split = split
        self._points = points.double()
        self._weights = weights.double().numpy()
        self._tolerance = 0.1 * max(split.error, 1e-12)
        self._rows = max(1, int(_MOST_PAIRS / max(1, _near_counts(split, self._points).max())))  # of a near sum
        strengths = split.waves(points, self._tolerance).H @ _packed(weights.double())
        self._modes = split.coefficients.flatten()[:, None] * strengths

    def __call__(self, coordinates: Tensor) -> Tensor:
        """Return the values (M, C) at coordinates (M, d), in float64."""
        return torch.cat([self._values(block.double()) for block in coordinates.split(_ROWS)])

    def gradient(self, coordinates: Tensor) -> Tensor:
        """Return ∂f_c/∂x_a at coordinates (M, d), as (M, C, d).

        It is exact for the waves, and by central differences for the near part. At a point x_j itself, where an NTK has
        its kink, the near part counts as flat.
        """
        return torch.cat([self._gradients(block.double()) for block in coordinates.split(_ROWS)])

    def _values(self, at: Tensor) -> Tensor:
        far = self.split.waves(at, self._tolerance) @ self._modes
        return _unpacked(far, self._weights.shape[1]) + self._near_sum(at, self.split.near)

    @cached_property
    def _tree(self) -> cKDTree:
        from scipy.spatial import cKDTree

        return cKDTree(self.split.measured(self._points).numpy())

    def _near_sum(self, at: Tensor, function: Callable[[Tensor], Tensor]) -> Tensor:
        return torch.cat([self._near_sum_at_once(some, function) for some in at.split(self._rows)])

    def _near_sum_at_once(self, at: Tensor, function: Callable[[Tensor], Tensor]) -> Tensor:
        from scipy.sparse import csr_matrix

        rows, columns = pairs_within(self.split.measured(at).numpy(), self._tree, self.split.radius)
        values = function(at[rows] - self._points[columns])
        near = csr_matrix((values.numpy(), (rows, columns)), shape=(len(at), len(self._points)))
        return torch.from_numpy(near @ self._weights)

    def _gradients(self, at: Tensor) -> Tensor:
        waves, slopes = self.split.waves(at, self._tolerance), []
        for axis, period in enumerate(self.split.period):
            shape = [-1 if a == axis else 1 for a in range(len(self.split.period))]
            number = torch.arange(self.split.modes[axis], dtype=torch.float64) - self.split.modes[axis] // 2
            factor = (number.reshape(shape) * torch.ones(self.split.modes)).flatten()[:, None] * (2j * math.pi / period)
            far = _unpacked(waves @ (factor * self._modes), self._weights.shape[1])
            slopes.append(far + self._near_sum(at, partial(self._near_slope, axis=axis)))
        return torch.stack(slopes, dim=-1)

    def _near_slope(self, offset: Tensor, axis: int) -> Tensor:
        step = 1e-5 * self.split.radius / self.split.metric[axis]
        shift = torch.zeros(offset.shape[-1], dtype=torch.float64)
        shift[axis] = step
        return (self.split.near(offset + shift) - self.split.near(offset - shift)) / (2 * step)


def smooth_split_for(kernel: StationaryKernel, points: Tensor, tolerance: float) -> KernelSplit | None:
    """Return a split of waves alone for points (N, d) if it costs less than waves and near pairs, otherwise None."""
    box = _box(kernel, points.amax(0) - points.amin(0))
    longest = tuple(side / s for side, s in zip(box, kernel.metric(len(box)), strict=True))
    return smooth_split(kernel, longest, tolerance, max(_LEAST_WAVES, _ALONE[len(box)] * len(points)))


def _box(kernel: StationaryKernel, extent: Tensor) -> list[float]:
    """Return the sides of the box of differences in the kernel's metric, none of them negligible beside the others."""
    measured = [float(side) * s for side, s in zip(extent, kernel.metric(len(extent)), strict=True)]
    return [max(side, 1e-3 * max(measured) or 1.0) for side in measured]


def split_for(
    kernel: StationaryKernel, points: Tensor, tolerance: float, *, sides: Tensor | None = None
) -> KernelSplit:
    """Split a kernel so that its waves and the near pairs among the points (N, d) cost about the same.

    ``sides`` (d,) are those of the box of differences, by default the points' own. The split's ``error`` stays above
    the ``tolerance`` if the kernel takes more waves than are worthwhile.
    """
    box = _box(kernel, points.amax(0) - points.amin(0) if sides is None else sides)
    longest = tuple(side / s for side, s in zip(box, kernel.metric(len(box)), strict=True))
    step = _STEPS[len(box)] * (math.prod(box) / len(points)) ** (1 / len(box))
    most = min(max(len(points) ** 2, _MOST_WAVES[0]), _MOST_WAVES[1])
    split = split_kernel(kernel, longest, step, tolerance, most)
    while _near_counts(split, points).mean() > _PAIRS[len(box)]:
        finer = step / 1.5
        if math.prod(side / finer + 1 for side in box) > max(_LEAST_WAVES, _WAVES * len(points)):
            break
        step, split = finer, split_kernel(kernel, longest, finer, tolerance, most)
    return split


def _near_counts(split: KernelSplit, points: Tensor) -> np.ndarray:
    """Count the points that lie near a point, for a random choice of up to 500 points."""
    from scipy.spatial import cKDTree

    everything = split.measured(points).numpy()
    some = everything[np.random.default_rng(0).permutation(len(points))[:500]]
    return np.asarray(cKDTree(everything).query_ball_point(some, split.radius, return_length=True))


def _refuse_too_many(split: KernelSplit, points: Tensor) -> None:
    pairs, free = 0.5 * len(points) * _near_counts(split, points).mean(), free_memory()
    if _PAIR_BYTES * pairs > _SHARE * free:
        raise TooLargeError(
            f"{len(points):,} points lie so close together that they form {pairs / 1e6:,.0f} million near pairs, "
            f"which take {_PAIR_BYTES * pairs / 1e9:.1f} GB, and {free / 1e9:.1f} GB are free; merge "
            "neighbouring points or give fewer"
        )


def cell_by_cell(points: Tensor) -> Tensor:
    """Return an order (N,) of points (N, d) in which consecutive points are near, for the cache; it is idempotent."""
    sides = points.amax(0) - points.amin(0)
    sides = torch.where(sides > 0, sides, 1.0).double()
    step = (float(sides.prod()) * _IN_CELL / len(points)) ** (1 / points.shape[1])
    cells = ((points - points.amin(0)) / step).floor().numpy()
    return torch.from_numpy(np.lexsort(cells.T))


def _near_among(split: KernelSplit, points: Tensor):  # type: ignore[no-untyped-def]
    """Return a sparse matrix with one entry of each pair; the whole matrix is this one plus its transpose."""
    from scipy.sparse import coo_matrix
    from scipy.spatial import cKDTree

    _refuse_too_many(split, points)
    pairs = cKDTree(split.measured(points).numpy()).query_pairs(split.radius, output_type="ndarray")
    values = torch.cat(
        [split.near(points[part[:, 0]] - points[part[:, 1]]) for part in torch.from_numpy(pairs).split(1 << 20)]
    ).numpy()
    numbers = pairs[:, 0].astype(np.int32), pairs[:, 1].astype(np.int32)
    return coo_matrix((values, numbers), shape=(len(points),) * 2).tocsr()


def _packed(x: Tensor) -> Tensor:
    """Pack pairs of real columns (n, k) into complex ones (n, ⌈k/2⌉): a real, even kernel treats both parts alike."""
    if x.shape[1] == 1:
        return x.to(torch.complex128)
    if x.shape[1] % 2:
        x = torch.cat([x, torch.zeros_like(x[:, :1])], dim=1)
    return torch.complex(x[:, 0::2].contiguous(), x[:, 1::2].contiguous())


def _unpacked(x: Tensor, columns: int) -> Tensor:
    if columns == 1:
        return x.real
    return torch.stack([x.real, x.imag], dim=2).flatten(1)[:, :columns]
