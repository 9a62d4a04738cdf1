"""Make the operators of a stationary kernel between samples of grids."""

from __future__ import annotations

import torch
from torch import Tensor

from ..grids._domain import Grid
from ..kernels._stationary import StationaryKernel
from ..operators._base import LinearOperator, Sampling
from ..operators._gram import gram
from ._grid import GridSamples


class SampleGrams:
    """The operators of a stationary kernel between samples of grids; that of a whole grid is made only once."""

    def __init__(self, kernel: StationaryKernel) -> None:
        self._kernel = kernel
        self._whole: dict[Grid, LinearOperator] = {}

    def between(self, rows: GridSamples, columns: GridSamples | None = None) -> LinearOperator:
        """Make the operator K between samples of a grid, or from ``columns`` to ``rows``.

        Samples that form a lattice of their own (the paper's grid hold-out) give a block-Toeplitz map of only their
        size; others are picked out of the map of the whole grid.
        """
        columns = rows if columns is None else columns
        pair = _alike(rows, columns)
        return gram(self._kernel, *pair) if pair else self._picked(rows.grid, rows.flat, columns.flat)

    def with_elsewhere(self, training: GridSamples, elsewhere: GridSamples) -> LinearOperator | None:
        """Stack K on ``training`` over K_* to fewer other samples: on one grid that costs no more than K alone.

        None if separate operators are cheaper or necessary: for lattices of equal steps, two different grids, no other
        samples, or more of them than training samples.
        """
        if training.grid != elsewhere.grid or not 0 < len(elsewhere) <= len(training) or _alike(training, elsewhere):
            return None
        return self._picked(training.grid, torch.cat([training.flat, elsewhere.flat]), training.flat)

    def _picked(self, grid: Grid, rows: Tensor, columns: Tensor) -> LinearOperator:
        if grid not in self._whole:
            self._whole[grid] = gram(self._kernel, grid)
        return Sampling(rows, grid.size) @ self._whole[grid] @ Sampling(columns, grid.size).H


def _alike(rows: GridSamples, columns: GridSamples) -> tuple[Grid, Grid] | None:
    """Return the lattices of equal steps that both form, or None."""
    first, second = lattice_of(rows), lattice_of(columns)
    return (first, second) if first is not None and second is not None and first.steps_like(second) else None


def lattice_of(samples: GridSamples) -> Grid | None:
    """Return the regular lattice that the samples form in C order, or None if they do not form one.

    >>> grid = Grid((0.0,), (1.0,), (8,))
    >>> lattice_of(GridSamples(grid, torch.arange(1, 8, 2), torch.zeros(4, 1))).axis(0)
    array([0.1875, 0.4375, 0.6875, 0.9375])
    """
    if len(samples) == 0:
        return None
    if len(samples) == samples.grid.size and bool((samples.flat.diff() == 1).all()):
        return samples.grid
    axes = [torch.unique(axis) for axis in torch.unravel_index(samples.flat, samples.grid.shape)]
    strides = [_stride(axis) for axis in axes]
    if 0 in strides or not torch.equal(_flat(axes, samples.grid.shape), samples.flat):
        return None
    spacing = tuple(stride * step for stride, step in zip(strides, samples.grid.spacing, strict=True))
    first = [float(samples.grid.axis(a)[int(axis[0])]) for a, axis in enumerate(axes)]
    return Grid.from_origin(tuple(first), spacing, tuple(len(axis) for axis in axes))


def as_array(samples: GridSamples) -> tuple[Grid, Tensor]:
    """Return the values as an array (n₁, …, n_d, C), NaN between them, on their own lattice if they form one."""
    lattice = lattice_of(samples)
    if lattice is not None:
        return lattice, samples.values.reshape(*lattice.shape, -1)
    values = samples.values.new_full((samples.grid.size, samples.values.shape[1]), torch.nan)
    values[samples.flat] = samples.values
    return samples.grid, values.reshape(*samples.grid.shape, -1)


def _stride(axis: Tensor) -> int:
    """Return the common difference of ascending integers; 1 for a single one, 0 if the differences vary."""
    if len(axis) < 2:
        return 1
    steps = axis.diff()
    return int(steps[0]) if bool((steps == steps[0]).all()) else 0


def _flat(axes: list[Tensor], shape: tuple[int, ...]) -> Tensor:
    flat = torch.zeros(1, dtype=torch.int64)
    for axis, count in zip(axes, shape, strict=True):
        flat = (flat[:, None] * count + axis[None]).reshape(-1)
    return flat
