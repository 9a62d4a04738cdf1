"""Estimate the memory of a kernel fit before anything large is allocated, and refuse what would not fit."""

from __future__ import annotations

import math

from ..errors import TooLargeError
from ..grids._memory import SHARE, free_memory, require_memory
from ..kernels._stationary import StationaryKernel
from ..problems._grams import lattice_of
from ..problems._grid import GridSamples
from ..problems._points import Samples

# Bytes at the peak of a fit beyond those of a tiny one (benchmarks/results/memory.csv).
_CHOOSING = {1: 230e6, 2: 255e6, 3: 290e6}  # on a grid, by dimension: judging kernels on blocks, small dense matrices
_AMONG_POINTS = 100e6  # the same among scattered points
_WAVES = {1: 0.0, 2: 0.0, 3: 375e6}  # waves that a split of the kernel is tried with, by dimension
_ALL_OF_IT, _ALL_AMONG_POINTS = 1 << 16, 1 << 12  # samples and points from which choosing takes all of that
_PER_SAMPLE = {1: 170, 2: 150, 3: 210}  # on a grid, by dimension, of one channel: kernel table, solver, search tree
_PER_CHANNEL = 160  # for each further channel of a sample: the solver's vectors, values and weights
_PER_GAP = {1: 280, 2: 760, 3: 1450}  # for each sample of a grid with gaps, most of it the sparse inverse
_PER_POINT, _PER_POINT_CHANNEL = 4500, 100  # near pairs, waves and the sparse inverse
_PADDED = 16  # for each number that a kernel that reaches far pads the grid by: its table, and one transform of it
_DENSE = 3000  # points up to which a dense matrix is factorised
_DENSE_BYTES = 24  # for each entry of it: the matrix, its factor and a copy


def kernel_bytes(samples: Samples, kernel: StationaryKernel | None = None) -> int:
    """Estimate the bytes that a fit of these samples takes at its peak, beyond those of a tiny one.

    On grids a kernel that reaches far takes more, so that the estimate without a ``kernel`` is that of one that ends
    soon.
    """
    count, more = len(samples), samples.values.shape[1] - 1
    if not isinstance(samples, GridSamples):
        if count <= _DENSE or samples.points.shape[1] > 3:
            return int(count**2 * _DENSE_BYTES)
        choosing = min(1.0, count / _ALL_AMONG_POINTS) * _AMONG_POINTS
        waves = _WAVES[samples.points.shape[1]]
        return int(choosing + waves + count * (_PER_POINT + _PER_POINT_CHANNEL * (more + 1)))
    lattice, d = lattice_of(samples), min(3, len(samples.grid.shape))
    grid = lattice or samples.grid
    padded = 0 if kernel is None else _padded(grid.shape, grid.spacing, kernel) - grid.size
    whole = (
        min(1.0, count / _ALL_OF_IT) * _CHOOSING[d]
        + grid.size * (_PER_SAMPLE[d] + _PER_CHANNEL * more)
        + padded * _PADDED
    )
    return int(whole if lattice is not None else whole + count * _PER_GAP[d])


_PER_WAVE = 48  # bytes for each sample and frequency of a kernel that is drawn: phases, cosine, sine and their product


_AT_ONCE = 1 << 12  # samples whose waves are held together, at least


def check_frequencies(features: int | None, count: int) -> None:
    """Raise ``TooLargeError`` if a kernel of so many drawn frequencies does not fit in memory with so many samples."""
    if features is not None:
        require_memory(
            _PER_WAVE * features * min(count, _AT_ONCE), f"a kernel of {features:,} frequencies", "lower --features"
        )


def _padded(shape: tuple[int, ...], spacing: tuple[float, ...], kernel: StationaryKernel) -> int:
    """Return the numbers of a grid that is padded by the kernel's reach, at most to twice its size."""
    metric = kernel.metric(len(shape))
    reaches = (kernel.ends_at / s / h for s, h in zip(metric, spacing, strict=True))
    return math.prod(int(min(2 * n - 1, n + reach)) for n, reach in zip(shape, reaches, strict=True))


def check_kernel_memory(samples: Samples, kernel: StationaryKernel | None = None) -> str:
    """Return the memory in words; raise ``TooLargeError`` with the numbers if a fit would not fit in it."""
    needed, free = kernel_bytes(samples, kernel), free_memory()
    if needed > SHARE * free:
        words = "samples" if isinstance(samples, GridSamples) else "points"
        fewer = math.floor(len(samples) * SHARE * free / needed / 1000) * 1000
        raise TooLargeError(
            f"a kernel fit of {len(samples):,} {words} takes about {needed / 1e9:.1f} GB and {free / 1e9:.1f} GB are "
            f"free; give {fewer:,} or fewer, or fit with --method network"
        )
    return f"at most about {needed / 1e9:.2g} GB of memory ({free / 1e9:.2g} GB free)"
