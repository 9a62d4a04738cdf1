"""Kernel and points → operator: the Gram seam."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from ..errors import TooLargeError
from ..kernels import StationaryKernel
from ..signals import Grid
from .base import LinearOperator
from .dense import DenseOperator
from .scattered import ScatteredGram, split_for
from .toeplitz import Toeplitz

__all__ = ["gram"]

_MANY = 3000  # points: below, a dense matrix is there sooner
_MOST_DENSE = 20_000  # points, where waves would miss too much of the kernel: 3 GB
_MISSED = 10  # times the tolerance

Kernel = StationaryKernel | Callable[[Tensor, Tensor], Tensor]


def gram(
    kernel: Kernel, rows: Grid | Tensor, columns: Grid | Tensor | None = None, *, tolerance: float = 0.0
) -> LinearOperator:
    """The map with entries k(x_i, x'_j) for points x (N, d) and x' (M, d), or grids of them; float64.

    A stationary kernel on two grids of equal spacing gives a block-Toeplitz map, everything else a dense one. Without
    ``columns`` the points are paired with themselves; then a ``tolerance`` relative to k(0) allows a map of waves and
    near pairs (``ScatteredGram``) for a stationary kernel and many points in up to 3 dimensions, unless the kernel
    takes too many waves. Raises ``ValueError`` for points that are not (N, d), and ``TooLargeError`` where neither
    waves nor a dense matrix will do.
    """
    if tolerance and columns is None and _scattered(kernel, rows):
        assert isinstance(kernel, StationaryKernel)
        assert isinstance(rows, Tensor)
        split = split_for(kernel, rows, tolerance)
        if split.error <= _MISSED * tolerance:
            return ScatteredGram(split, rows)
        _refuse_too_many(len(rows), split.error)
    columns = rows if columns is None else columns
    if not isinstance(kernel, StationaryKernel):
        return DenseOperator(kernel(_points(rows), _points(columns)))
    if isinstance(rows, Grid) and isinstance(columns, Grid) and rows.steps_like(columns):
        return _toeplitz(kernel, rows, columns)
    return DenseOperator(kernel.between(_points(rows), _points(columns)))


def _scattered(kernel: Kernel, points: Grid | Tensor) -> bool:
    """Whether waves and near pairs are the cheaper way."""
    if not isinstance(points, Tensor) or not isinstance(kernel, StationaryKernel):
        return False
    return points.ndim == 2 and points.shape[1] <= 3 and len(points) >= _MANY


def _refuse_too_many(count: int, missed: float) -> None:
    if count > _MOST_DENSE:
        raise TooLargeError(
            f"waves miss {missed:.1g} of a kernel that is so fine, and a dense matrix of {count:,} points takes "
            f"{8e-9 * count**2:.0f} GB; use a smaller bandwidth, or at most {_MOST_DENSE:,} points"
        )


def _toeplitz(kernel: StationaryKernel, rows: Grid, columns: Grid) -> Toeplitz:
    axes = []
    for a, step in enumerate(columns.spacing):
        shift = rows.origin[a] - columns.origin[a]
        axes.append(shift + step * torch.arange(1 - columns.shape[a], rows.shape[a], dtype=torch.float64))
    if rows != columns:
        return Toeplitz(kernel.on_lattice(axes), rows.shape, columns.shape)
    half = kernel.on_lattice([axes[0][rows.shape[0] - 1 :], *axes[1:]])  # the rest is its mirror image: k(−δ) = k(δ)
    mirrored = half.flip(tuple(range(half.ndim)))
    centre = 0.5 * (half[:1] + mirrored[-1:])  # even by rights; make it so to the last bit
    return Toeplitz(torch.cat([mirrored[:-1], centre, half[1:]]), rows.shape, columns.shape)


def _points(points: Grid | Tensor) -> Tensor:
    if isinstance(points, Tensor):
        if points.ndim != 2:
            raise ValueError(f"the points of a Gram map are (N, d), not {tuple(points.shape)}")
        return points.double()
    axes = [torch.from_numpy(points.axis(a)) for a in range(len(points.shape))]
    return torch.cartesian_prod(*axes).reshape(-1, len(axes))
