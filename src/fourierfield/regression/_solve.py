"""Solve (K + ρI) α = y for the weights of a kernel field by the cheapest route, and estimate the memory beforehand."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ..errors import SettingsError, TooLargeError
from ..kernels._stationary import StationaryKernel
from ..operators._base import DenseOperator, Diagonal, LinearOperator, Sampling
from ..operators._gram import gram
from ..operators._low_waves import low_wave_inverse
from ..operators._mirror import MirrorInverse
from ..operators._neighbours import earlier_neighbours
from ..operators._scattered import ScatteredGram, cell_by_cell, smooth_split_for
from ..problems._grams import lattice_of
from ..problems._grid import GridSamples
from ..problems._points import PointSamples, Samples
from ..solvers._cg import Watch, conjugate_gradients
from ..solvers._cholesky import cholesky_solve
from ..solvers._solution import Solution, Status
from ..solvers._sparse_inverse import sparse_inverse

_DENSE = 3000  # points up to which K is factorised: 0.2 s
_MOST_DENSE = 20_000  # points in more than three dimensions, where there is no other route: 3 GB, a minute
_NEIGHBOURS = {1: 4, 2: 8, 3: 14}  # earlier samples in a row of the sparse inverse, by dimension (docs/kernel.md)
_ATTEMPT = 400  # iterations after which a larger ridge is cheaper than more of them
_LEAST_RIDGE, _MOST_RIDGE = 1e-12, 1e-2  # of k(0): the range of ridges that are tried after a smaller one failed
_FINER = 1 / 30  # of the kernel's accuracy: for a second attempt, where rounding left the map not positive definite
_BELOW_NOISE = 1e-3  # of the noise's variance: the error that waves alone may have (docs/kernel.md)
_SPARSE_GRID = 0.02  # share of a grid's samples that are known, below which they count as points


@dataclass(frozen=True)
class Accuracy:
    """The accuracy of a solution.

    The solver stops at the ``residual`` ‖y − (K + ρI)α‖/‖y‖, which also bounds the relative RMS error of predictions
    at the points, or after ``most`` iterations. ``kernel`` is the error of K by waves and near pairs, relative to k(0).
    """

    residual: float = 1e-6
    kernel: float = 1e-5
    most: int = 2000


def solve_weights(
    samples: Samples, kernel: StationaryKernel, values: Tensor, ridge: float, accuracy: Accuracy
) -> Solution[Tensor]:
    """Solve for α (N, C), float64, from values (N, C) without gaps, with all channels in one solve.

    The ridge of a sample with a weight is ridge/weight. Up to 3,000 samples are solved by Cholesky. Beyond that, a
    lattice is solved by Toeplitz FFT with a cosine preconditioner, other samples of a grid by the Toeplitz map of the
    grid, and points by NUFFT with near pairs; the preconditioner of the latter two is the inverse of a few waves if the
    kernel is smooth or the noise large, and otherwise a sparse inverse.

    Raises ``SettingsError`` if the solver does not converge, and ``TooLargeError`` for more than 20,000 points in more
    than three dimensions.
    """
    found = _solve(samples, kernel, values, ridge, accuracy)
    if not found.ok:
        raise SettingsError(
            f"the kernel's equations were solved only to {found.error:.1g} in {found.iterations} iterations at a ridge "
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
    """Solve like ``solve_weights`` at the smallest of ridge, 10·ridge, … that rounding permits; return that too.

    A smooth kernel on many samples has eigenvalues below the precision of float64. ``watch`` is called as by
    ``conjugate_gradients``. Raises as ``solve_weights`` does, if no ridge up to 0.01 helps.
    """
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
    dimensions = len(samples.grid.shape) if isinstance(samples, GridSamples) else samples.points.shape[1]
    if len(samples) <= _DENSE or dimensions > 3:
        return _directly(places_of(samples), kernel, values, noise_of(samples, ridge))
    if isinstance(samples, PointSamples):
        return _in_order(samples, kernel, values, ridge, accuracy, watch)
    return _iteratively(samples, kernel, values, ridge, accuracy, watch)


def _in_order(
    samples: PointSamples, kernel: StationaryKernel, values: Tensor, ridge: float, accuracy: Accuracy, watch: Watch
) -> Solution[Tensor]:
    """Solve with the points sorted by cells, so that neighbours in space are neighbours in memory."""
    order = cell_by_cell(samples.points)
    found = _iteratively(samples.at(order), kernel, values[order], ridge, accuracy, watch)
    weights = torch.empty_like(found.value)
    weights[order] = found.value
    return replace(found, value=weights)


def _iteratively(
    samples: Samples, kernel: StationaryKernel, values: Tensor, ridge: float, accuracy: Accuracy, watch: Watch
) -> Solution[Tensor]:
    noise = noise_of(samples, ridge)
    grid = lattice_of(samples) if isinstance(samples, GridSamples) else None
    points = places_of(samples) if grid is None else torch.empty(0, 0)  # a lattice needs no list of its places
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
    """Return the coordinates (N, d) of samples, float64."""
    if isinstance(samples, PointSamples):
        return samples.points
    return torch.from_numpy(samples.grid.coordinates(samples.flat.numpy()))


def usual_weight(samples: Samples) -> float:
    """Return the mean weight of the samples: the ridges that are tried are multiples of it."""
    return 1.0 if samples.weights is None else float(samples.weights.mean())


def noise_of(samples: Samples, ridge: float) -> Tensor:
    """Return the variance of the noise of each sample for k(0) = 1, (N,): the ridge over its weight."""
    every = torch.full((len(samples),), ridge, dtype=torch.float64)
    return every if samples.weights is None else every / samples.weights


def _map(samples: Samples, points: Tensor, kernel: StationaryKernel, accuracy: float, noise: Tensor) -> LinearOperator:
    """Make the operator K between samples without a lattice; what waves alone miss is small beside the noise, too."""
    if isinstance(samples, GridSamples) and len(points) > _SPARSE_GRID * samples.grid.size:
        picked = Sampling(samples.flat, samples.grid.size)
        return picked @ gram(kernel, samples.grid) @ picked.H
    alone = smooth_split_for(kernel, points, min(accuracy, _BELOW_NOISE * float(noise.min())))
    return ScatteredGram(alone, points) if alone else gram(kernel, points, tolerance=accuracy)


def _inverse_at(points: Tensor, kernel: StationaryKernel, noise: Tensor) -> LinearOperator:
    """Approximate (K + noise)⁻¹: by a few waves if the kernel is smooth, by near points otherwise."""
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
            f"give at most {_MOST_DENSE:,} points, or fit with --method network"
        )
