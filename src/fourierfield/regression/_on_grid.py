"""Sum kernels at the samples of a grid on another grid by FFT, and interpolate a deviation known at such samples."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import torch
from torch import Tensor

from ..errors import SettingsError
from ..grids._domain import Grid
from ..kernels._stationary import StationaryKernel
from ..operators._gram import gram
from ..problems._grams import lattice_of
from ..problems._grid import GridSamples
from ..problems._points import Samples

_MOST_PHASES = 4096  # products of the samples' size: beyond that, points are summed by waves; bounds the work
_LARGEST = 32  # largest numerator and denominator of a ratio of steps; bounds the number of phases
_OFF = 1e-6  # steps of the grid that its last point along an axis may be off the ratio: rounding only


def sums_on_grid(kernel: StationaryKernel, samples: GridSamples, weights: Tensor, grid: Grid) -> Tensor | None:
    """Compute Σ_j k(v − v_j)·w_j, (size, C) float64 in C order, at the points v of ``grid`` for weights w (N, C).

    Where p of the grid's steps equal q of the samples', every p-th point along each axis lies on a lattice with the
    samples' steps: each of the ∏ p phases is one block-Toeplitz product. None without such a ratio, or for too many
    phases.
    """
    lattice = lattice_of(samples)
    if lattice is None:
        whole = weights.new_zeros(samples.grid.size, weights.shape[1])
        whole[samples.flat] = weights
        lattice, weights = samples.grid, whole
    axes = [_Axis.of(grid, lattice, a) for a in range(len(grid.shape))]
    if None in axes:
        return None
    ratios = [axis.p for axis in axes if axis]
    if math.prod(ratios) > _MOST_PHASES:
        return None
    values = weights.new_empty(*grid.shape, weights.shape[1])
    for phase in itertools.product(*map(range, ratios)):
        chosen = tuple(slice(first, None, p) for first, p in zip(phase, ratios, strict=True))
        values[chosen] = _phase(kernel, lattice, weights, grid, [axis for axis in axes if axis], phase)
    return values.reshape(grid.size, -1)


@dataclass(frozen=True)
class _Axis:
    """An axis along which p steps of a grid equal q steps of the samples."""

    p: int
    q: int

    @classmethod
    def of(cls, grid: Grid, lattice: Grid, axis: int) -> _Axis | None:
        """Find p and q, or None if they are not small numbers; an axis of one point fits any steps."""
        n, step, own = grid.shape[axis], grid.spacing[axis], lattice.spacing[axis]
        if n == 1:
            return cls(1, 1)
        ratio = Fraction(own / step).limit_denominator(_LARGEST)
        p, q = ratio.numerator, ratio.denominator
        near = p > 0 and abs(p * step - q * own) * n / p <= _OFF * step
        return cls(min(p, n), q if n > p else 1) if near and p <= _LARGEST else None


def _phase(
    kernel: StationaryKernel, lattice: Grid, weights: Tensor, grid: Grid, axes: list[_Axis], phase: tuple[int, ...]
) -> Tensor:
    """Compute the sums at every p-th point along each axis from ``phase`` on, (…, C)."""
    counts = [math.ceil((n - first) / axis.p) for n, first, axis in zip(grid.shape, phase, axes, strict=True)]
    origin = tuple(o + first * h for o, first, h in zip(grid.origin, phase, grid.spacing, strict=True))
    shape = tuple((count - 1) * axis.q + 1 for count, axis in zip(counts, axes, strict=True))
    rows = Grid.from_origin(origin, lattice.spacing, shape)
    operator = gram(kernel, rows, lattice)
    sums = (operator @ weights).reshape(*shape, -1)
    return sums[tuple(slice(None, None, axis.q) for axis in axes)]


def between_samples(samples: Samples, spread: Tensor | None, points: Tensor) -> Tensor:
    """Interpolate ``spread`` (N, C), known at the samples of a whole grid, linearly at points (…, d) → (…, C).

    Points outside the grid take the value at the nearest place in it. Raises ``SettingsError`` if no spread is known.
    """
    from scipy.interpolate import RegularGridInterpolator

    if spread is None or not isinstance(samples, GridSamples):
        raise SettingsError("this field was fitted to a scan without its uncertainty; fit again with --uncertainty")
    grid = samples.grid
    axes = [grid.axis(a) for a in range(len(grid.shape))]
    axes = [np.append(axis, axis[0] + 1) if len(axis) == 1 else axis for axis in axes]
    table = spread.reshape(*grid.shape, -1).numpy()
    for a, count in enumerate(grid.shape):
        table = np.repeat(table, 2, axis=a) if count == 1 else table
    low, high = (np.array([axis[i] for axis in axes]) for i in (0, -1))
    places = np.clip(points.reshape(-1, len(axes)).numpy(), low, high)
    found = RegularGridInterpolator(axes, table)(places)
    return torch.from_numpy(found).reshape(*points.shape[:-1], -1)
