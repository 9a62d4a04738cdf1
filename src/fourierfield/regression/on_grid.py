"""Sums of kernels at the samples of a grid, on another grid whose steps go into those of the first: by FFT."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from fractions import Fraction

from torch import Tensor

from ..kernels import StationaryKernel
from ..operators import gram
from ..problems import GridSamples, lattice_of
from ..signals import Grid

__all__ = ["sums_on_grid"]

_MOST_PHASES = 4096  # products of the samples' size: beyond, points are summed up by waves
_LARGEST = 32  # numerator and denominator of a ratio of steps
_OFF = 1e-6  # of a step: what the last point of an axis may lie off


def sums_on_grid(kernel: StationaryKernel, samples: GridSamples, weights: Tensor, grid: Grid) -> Tensor | None:
    """Σ_j k(v − v_j)·w_j at the points v of ``grid``, (size, C) float64 in C order, for weights (N, C) at the samples.

    Where p of the grid's steps are q of the samples', points of one phase (every p-th along each axis) lie on a lattice
    like the samples': each phase is a block-Toeplitz product, of ∏ p in all. None where steps have no such ratio, or
    phases would be too many.
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
    """p steps of a grid are q steps of the samples."""

    p: int
    q: int

    @classmethod
    def of(cls, grid: Grid, lattice: Grid, axis: int) -> _Axis | None:
        """None where small numbers do not say it; an axis of one point fits any."""
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
    """Sums at every p-th point along each axis from ``phase`` on, (…, C)."""
    counts = [math.ceil((n - first) / axis.p) for n, first, axis in zip(grid.shape, phase, axes, strict=True)]
    origin = tuple(o + first * h for o, first, h in zip(grid.origin, phase, grid.spacing, strict=True))
    shape = tuple((count - 1) * axis.q + 1 for count, axis in zip(counts, axes, strict=True))
    rows = Grid.from_origin(origin, lattice.spacing, shape)
    operator = gram(kernel, rows, lattice)
    sums = (operator @ weights).reshape(*shape, -1)
    return sums[tuple(slice(None, None, axis.q) for axis in axes)]
