"""The classical rivals of a fitted grid: what interpolation alone makes of the same training samples."""

from __future__ import annotations

import numpy as np

from ..signals import psnr
from .grid import GridProblem
from .points import PointProblem

__all__ = ["cubic_interpolation_psnr"]

_MOST_SCATTERED = 400_000  # a Delaunay triangulation of more takes minutes


def cubic_interpolation_psnr(problem: GridProblem | PointProblem) -> float | None:
    """Held-out PSNR in dB of cubic interpolation through the training samples of a grid, or points.

    On the paper's grid a cubic spline with mirrored edges (SciPy's ``map_coordinates``); through scattered training
    samples in two dimensions a piecewise cubic on triangles (SciPy's ``griddata``), in one a cubic spline (SciPy's
    ``CubicSpline``), both with the nearest value outside. None without hold-out, with missing channels, in other
    dimensions, or beyond 400,000 samples scattered in two.
    """
    if problem.held_out is None or not (problem.training.complete and problem.held_out.complete):
        return None
    if isinstance(problem, PointProblem):
        return _points_psnr(problem)
    lattice = _lattice_values(problem)
    if lattice is not None:
        return psnr(_spline(problem, lattice), problem.held_out.values.numpy())
    if problem.domain.dimensions == 1:
        return psnr(_scattered_spline(problem), problem.held_out.values.numpy())
    if problem.domain.dimensions == 2 and len(problem.training) <= _MOST_SCATTERED:
        return psnr(_triangles(problem), problem.held_out.values.numpy())
    return None


def _lattice_values(problem: GridProblem) -> np.ndarray | None:
    """Training values on every second sample along each axis, or None if they are not just that."""
    shape = problem.training.grid.shape
    flat = np.arange(problem.training.grid.size).reshape(shape)[(slice(None, None, 2),) * len(shape)]
    if not np.array_equal(problem.training.flat.numpy(), flat.ravel()):
        return None
    return problem.training.values.numpy().reshape(*flat.shape, -1)


def _spline(problem: GridProblem, lattice: np.ndarray) -> np.ndarray:
    from scipy.ndimage import map_coordinates

    assert problem.held_out is not None
    index = np.stack(np.unravel_index(problem.held_out.flat.numpy(), problem.held_out.grid.shape)) / 2
    channels = [
        map_coordinates(lattice[..., c].astype(np.float64), index, order=3, mode="mirror")
        for c in range(lattice.shape[-1])
    ]
    return np.stack(channels, axis=-1)


def _scattered_spline(problem: GridProblem) -> np.ndarray:
    from scipy.interpolate import CubicSpline

    assert problem.held_out is not None
    places, values = problem.training.flat.numpy(), problem.training.values.numpy().astype(np.float64)
    if len(places) == 1:
        return np.repeat(values, len(problem.held_out), axis=0)
    wanted = np.clip(problem.held_out.flat.numpy(), places[0], places[-1])
    return np.asarray(CubicSpline(places, values)(wanted))


def _triangles(problem: GridProblem) -> np.ndarray:
    assert problem.held_out is not None
    points, values = problem.training.coordinates().numpy(), problem.training.values.numpy()
    return _cubic(points, values, problem.held_out.coordinates().numpy())


def _points_psnr(problem: PointProblem) -> float | None:
    assert problem.held_out is not None
    few = 4 <= len(problem.training) <= _MOST_SCATTERED
    if problem.domain.dimensions != 2 or not few:
        return None
    training, held_out = problem.training, problem.held_out
    estimate = _cubic(training.points.numpy(), training.values.numpy(), held_out.points.numpy())
    return psnr(estimate, held_out.values.numpy())


def _cubic(points: np.ndarray, values: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    from scipy.interpolate import griddata

    estimate = griddata(points, values, wanted, method="cubic")
    outside = np.isnan(estimate).any(axis=-1)
    estimate[outside] = griddata(points, values, wanted[outside], method="nearest")
    return np.asarray(estimate)
