"""Kernel and points → operator: the Gram seam."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from ..kernels import StationaryKernel
from ..signals import Grid
from .base import LinearOperator
from .dense import DenseOperator
from .toeplitz import Toeplitz

__all__ = ["gram"]

Kernel = StationaryKernel | Callable[[Tensor, Tensor], Tensor]


def gram(kernel: Kernel, rows: Grid | Tensor, columns: Grid | Tensor | None = None) -> LinearOperator:
    """The map with entries k(x_i, x'_j) for points x (N, d) and x' (M, d), or grids of them; float64.

    A stationary kernel on two grids of equal spacing gives a block-Toeplitz map, everything else a dense one. Without
    ``columns`` the points are paired with themselves. Raises ``ValueError`` for points that are not (N, d).
    """
    columns = rows if columns is None else columns
    if not isinstance(kernel, StationaryKernel):
        return DenseOperator(kernel(_points(rows), _points(columns)))
    if isinstance(rows, Grid) and isinstance(columns, Grid) and rows.steps_like(columns):
        return _toeplitz(kernel, rows, columns)
    return DenseOperator(kernel.between(_points(rows), _points(columns)))


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
