"""The Gram seam: from a kernel and points to an operator."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from ..errors import TooLargeError
from ..grids._domain import Grid
from ..kernels._stationary import StationaryKernel
from ._base import DenseOperator, LinearOperator
from ._scattered import ScatteredGram, split_for
from ._toeplitz import Toeplitz

_MANY = 3000  # points: for fewer, a dense matrix is faster
_MOST_DENSE = 20_000  # points of a dense matrix if waves miss too much of the kernel: bounds memory, at 3 GB
_MISSED = 10  # times the tolerance: the error above which waves are given up

Kernel = StationaryKernel | Callable[[Tensor, Tensor], Tensor]


def gram(
    kernel: Kernel, rows: Grid | Tensor, columns: Grid | Tensor | None = None, *, tolerance: float = 0.0
) -> LinearOperator:
    """Build the linear map with entries k(x_i, x'_j) for points x (N, d) and x' (M, d), or grids of them.

    A stationary kernel on two grids of equal spacing gives a block-Toeplitz map, applied by FFT. A stationary kernel on
    at least 3,000 points in up to 3 dimensions, paired with themselves, gives a map of waves and near pairs
    (``ScatteredGram``) if a ``tolerance`` allows it and the waves reach about that accuracy. Everything else gives a
    dense map.

    Args:
        kernel: The kernel k: a ``StationaryKernel``, or a function of points (N, d) and (M, d) that returns (N, M).
        rows: The points x (N, d) in coordinate units, or a grid of them in C order.
        columns: The points x' (M, d) or a grid of them. None pairs ``rows`` with themselves.
        tolerance: The error allowed in the map's entries, relative to k(0); used only without ``columns``. With 0, the
            default, entries are exact to float64's rounding.

    Returns:
        The map (M,) → (N,), in float64.

    Raises:
        ValueError: Points are not (N, d), or do not have the kernel's dimension.
        TooLargeError: Waves miss more than ten times the tolerance and there are too many points for a dense matrix, or
            points lie so close together that their near pairs do not fit in memory.

    >>> from fourierfield.kernels._stationary import GaussianKernel
    >>> gram(GaussianKernel(1.0), torch.tensor([[0.0], [0.1]])) @ torch.tensor([1.0, 0.0])
    tensor([1.0000, 0.8209], dtype=torch.float64)
    >>> gram(GaussianKernel(1.0), Grid((0.0,), (1.0,), (4,)))
    Toeplitz(4×4)
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
    """Return whether waves and near pairs cost less than a dense matrix."""
    if not isinstance(points, Tensor) or not isinstance(kernel, StationaryKernel):
        return False
    return points.ndim == 2 and points.shape[1] <= 3 and len(points) >= _MANY


def _refuse_too_many(count: int, missed: float) -> None:
    if count > _MOST_DENSE:
        raise TooLargeError(
            f"the kernel is so fine that waves miss {missed:.1g} of it, and a dense matrix of {count:,} points takes "
            f"{8e-9 * count**2:.0f} GB; use a smaller bandwidth, or at most {_MOST_DENSE:,} points"
        )


def _toeplitz(kernel: StationaryKernel, rows: Grid, columns: Grid) -> Toeplitz:
    axes = []
    for a, step in enumerate(columns.spacing):
        shift = rows.origin[a] - columns.origin[a]
        axes.append(shift + step * torch.arange(1 - columns.shape[a], rows.shape[a], dtype=torch.float64))
    if rows != columns:
        return Toeplitz(kernel.on_lattice(axes), rows.shape, columns.shape)
    return Toeplitz(_even_table(kernel, axes, rows.shape[0]), rows.shape, columns.shape)


def _even_table(kernel: StationaryKernel, axes: list[Tensor], count: int) -> Tensor:
    """Evaluate a kernel at offsets −(n − 1) to n − 1 along each axis, n = ``count`` along the first.

    Half of it is the mirror image of the rest, k(−δ) = k(δ), and is put in place row by row: a copy of it is large.
    """
    half, rest = kernel.on_lattice([axes[0][count - 1 :], *axes[1:]]), tuple(range(len(axes) - 1))
    table = half.new_empty(2 * count - 1, *half.shape[1:])
    table[count - 1 :] = half
    table[count - 1] = 0.5 * (half[0] + half[0].flip(rest))  # even in theory; this makes it even to the last bit
    for row in range(1, count):
        table[count - 1 - row] = half[row].flip(rest)
    return table


def _points(points: Grid | Tensor) -> Tensor:
    if isinstance(points, Tensor):
        if points.ndim != 2:
            raise ValueError(f"the points of a Gram map must be (N, d), not {tuple(points.shape)}")
        return points.double()
    axes = [torch.from_numpy(points.axis(a)) for a in range(len(points.shape))]
    return torch.cartesian_prod(*axes).reshape(-1, len(axes))
