"""The weights α of a kernel field, (K + ρI) α = y, by the route that is cheapest for its points."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ..errors import SettingsError, TooLargeError
from ..kernels import StationaryKernel
from ..operators import (
    DenseOperator,
    Diagonal,
    LinearOperator,
    MirrorInverse,
    Sampling,
    ScatteredGram,
    cell_by_cell,
    earlier_neighbours,
    gram,
    low_wave_inverse,
    smooth_split_for,
)
from ..problems import GridSamples, PointSamples, Samples, lattice_of
from ..solvers import Solution, Status, Watch, cholesky_solve, conjugate_gradients, sparse_inverse

__all__ = ["Accuracy", "places_of", "solve_stably", "solve_weights", "usual_weight"]

_DENSE = 3000  # points: the factor of so many takes 0.2 s
_MOST_DENSE = 20_000  # points in more than three dimensions, where nothing else is known: 3 GB, a minute
_NEIGHBOURS = {1: 4, 2: 8, 3: 14}  # rows of the sparse inverse
_ATTEMPT = 400  # iterations after which a larger ridge is cheaper than more of them
_LEAST_RIDGE, _MOST_RIDGE = 1e-12, 1e-2  # that are tried where a smaller one fails
_FINER = 1 / 30  # of the kernel's accuracy, where without it the map is not even positive definite
_BELOW_NOISE = 1e-3  # what waves alone may miss of a kernel, of the noise
_SPARSE_GRID = 0.02  # fewer known samples of a grid than this share are points rather than a grid with gaps


@dataclass(frozen=True)
class Accuracy:
    """``residual``: ‖y − (K + ρI)α‖/‖y‖ at which the solver stops; no prediction at the points, in RMS, is farther off.
    ``kernel``: of k(0), where K goes by waves and near pairs; ``most`` iterations."""

    residual: float = 1e-6
    kernel: float = 1e-5
    most: int = 2000


def solve_weights(
    samples: Samples, kernel: StationaryKernel, values: Tensor, ridge: float, accuracy: Accuracy
) -> Solution[Tensor]:
    """α (N, C) float64 for values (N, C) without gaps, all channels in one solve; the ridge of a sample with a weight
    is ridge/weight.

    Up to 3,000 samples go by Cholesky; beyond it a lattice by Toeplitz FFT and a cosine preconditioner, other samples
    of a grid by the grid's Toeplitz map, points by NUFFT with near pairs. Those have the inverse of a few waves as
    preconditioner where a kernel is smooth, or its noise large, and else a sparse inverse.
    Raises ``SettingsError`` where the solver does not converge, and ``TooLargeError`` in more than three dimensions.
    """
    found = _solve(samples, kernel, values, ridge, accuracy)
    if not found.ok:
        raise SettingsError(
            f"the kernel's equations were solved to {found.error:.1g} only in {found.iterations} iterations at a ridge "
            f"of {ridge:.1g}: {found.status.value}"
        )
    return found


def solve_stably(
    samples: Samples,
    kernel: StationaryKernel,
    values: Tensor,
    ridge: float,
    accuracy: Accuracy,
    watch: Watch = lambda step, error: None,
) -> tuple[Solution[Tensor], float]:
    """As ``solve_weights``, at the smallest of ridge, 10·ridge, 100·ridge, … that rounding lets be solved, and that
    one: a smooth kernel on many samples has eigenvalues beyond float64. ``watch`` as for ``conjugate_gradients``."""
    while ridge < _MOST_RIDGE * usual_weight(samples):
        found = _solve(samples, kernel, values, ridge, replace(accuracy, most=_ATTEMPT), watch)
        if found.ok:
            return found, ridge
        ridge = max(10 * ridge, _LEAST_RIDGE * usual_weight(samples))
    return solve_weights(samples, kernel, values, ridge, accuracy), ridge


def _solve(
    samples: Samples,
    kernel: StationaryKernel,
    values: Tensor,
    ridge: float,
    accuracy: Accuracy,
    watch: Watch = lambda step, error: None,
) -> Solution[Tensor]:
    points, noise = places_of(samples), _noise(samples, ridge)
    if len(points) <= _DENSE or points.shape[1] > 3:
        return _directly(points, kernel, values, noise)
    if isinstance(samples, PointSamples):
        return _in_order(samples, kernel, values, ridge, accuracy, watch)
    return _iteratively(samples, kernel, values, ridge, accuracy, watch)


def _in_order(
    samples: PointSamples, kernel: StationaryKernel, values: Tensor, ridge: float, accuracy: Accuracy, watch: Watch
) -> Solution[Tensor]:
    """Points that follow each other lie near each other, in memory too."""
    order = cell_by_cell(samples.points)
    found = _iteratively(samples.at(order), kernel, values[order], ridge, accuracy, watch)
    weights = torch.empty_like(found.value)
    weights[order] = found.value
    return replace(found, value=weights)


def _iteratively(
    samples: Samples, kernel: StationaryKernel, values: Tensor, ridge: float, accuracy: Accuracy, watch: Watch
) -> Solution[Tensor]:
    points, noise = places_of(samples), _noise(samples, ridge)
    grid = lattice_of(samples) if isinstance(samples, GridSamples) else None
    inverse: LinearOperator
    try:
        inverse = MirrorInverse(kernel, grid, ridge) if grid else _inverse_at(points, kernel, noise)
    except ValueError:
        return Solution(torch.full_like(values, torch.nan), Status.NOT_POSITIVE_DEFINITE, 0, math.inf)

    def iterate(operator: LinearOperator) -> Solution[Tensor]:
        shifted, (tolerance, most) = operator + Diagonal(noise), (accuracy.residual, accuracy.most)
        return conjugate_gradients(shifted, values, preconditioner=inverse, tolerance=tolerance, most=most, watch=watch)

    operator = gram(kernel, grid) if grid else _map(samples, points, kernel, accuracy.kernel, noise)
    found = iterate(operator)
    if (
        found.status is Status.NOT_POSITIVE_DEFINITE
        and isinstance(operator, ScatteredGram)
        and not operator.split.alone
    ):
        return iterate(_map(samples, points, kernel, _FINER * accuracy.kernel, noise))
    return found


def _directly(points: Tensor, kernel: StationaryKernel, values: Tensor, noise: Tensor) -> Solution[Tensor]:
    _refuse_too_many(points)
    matrix = kernel.between(points, points)
    matrix.diagonal().add_(noise)
    return cholesky_solve(DenseOperator(matrix), values)


def places_of(samples: Samples) -> Tensor:
    """Coordinates (N, d), float64."""
    if isinstance(samples, PointSamples):
        return samples.points
    return torch.from_numpy(samples.grid.coordinates(samples.flat.numpy()))


def usual_weight(samples: Samples) -> float:
    """The mean weight: ridges are tried in its multiples."""
    return 1.0 if samples.weights is None else float(samples.weights.mean())


def _noise(samples: Samples, ridge: float) -> Tensor:
    """The ridge of each sample, (N,)."""
    every = torch.full((len(samples),), ridge, dtype=torch.float64)
    return every if samples.weights is None else every / samples.weights


def _map(samples: Samples, points: Tensor, kernel: StationaryKernel, accuracy: float, noise: Tensor) -> LinearOperator:
    """K between samples that form no lattice. What waves alone miss of it is to be small beside the noise, too."""
    if isinstance(samples, GridSamples) and len(points) > _SPARSE_GRID * samples.grid.size:
        picked = Sampling(samples.flat, samples.grid.size)
        return picked @ gram(kernel, samples.grid) @ picked.H
    alone = smooth_split_for(kernel, points, min(accuracy, _BELOW_NOISE * float(noise.min())))
    return ScatteredGram(alone, points) if alone else gram(kernel, points, tolerance=accuracy)


def _inverse_at(points: Tensor, kernel: StationaryKernel, noise: Tensor) -> LinearOperator:
    """Of a smooth kernel by few waves, of a rough one by near points."""
    return low_wave_inverse(kernel, points, noise) or _sparse_inverse(kernel, points, noise)


def _sparse_inverse(kernel: StationaryKernel, points: Tensor, noise: Tensor) -> LinearOperator:
    def blocks(rows: Tensor) -> Tensor:
        places = points[rows]
        matrices = kernel(places[:, :, None] - places[:, None])
        matrices.diagonal(dim1=1, dim2=2).add_(noise[rows])
        return matrices

    numbers, patterns = earlier_neighbours(points, _NEIGHBOURS[points.shape[1]])
    return sparse_inverse(blocks, patterns[numbers.argsort()])


def _refuse_too_many(points: Tensor) -> None:
    count, dimensions = points.shape
    if dimensions > 3 and count > _MOST_DENSE:
        raise TooLargeError(
            f"{count:,} points in {dimensions} dimensions take a dense matrix of {8e-9 * count**2:.1f} GB; "
            f"give at most {_MOST_DENSE:,} points, or fit by network"
        )
