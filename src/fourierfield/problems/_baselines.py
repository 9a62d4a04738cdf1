"""Score the classical rivals of a fit: interpolation of the same training samples."""

from __future__ import annotations

import numpy as np

from ..grids._metrics import psnr
from ._grid import GridProblem
from ._points import PointProblem

_MOST_SCATTERED = 400_000  # training samples in two dimensions: a Delaunay triangulation of more takes minutes


def cubic_interpolation_psnr(problem: GridProblem | PointProblem) -> float | None:
    """Compute the held-out PSNR in dB of cubic interpolation through the training samples of a grid or of points.

    On the paper's grid it is a cubic spline with mirrored edges (SciPy's ``map_coordinates``). Scattered training
    samples of a grid take a piecewise cubic on triangles in two dimensions (SciPy's ``griddata``) and a cubic spline in
    one (SciPy's ``CubicSpline``), both with the nearest value outside; points take the former. None without a hold-out,
    with missing channels, in other dimensions, or for more than 400,000 samples scattered in two.
    """
    if problem.held_out is None or not (problem.training.complete and problem.held_out.complete):
        return None
    estimate = _points(problem) if isinstance(problem, PointProblem) else _grid(problem)
    return None if estimate is None else psnr(estimate, problem.held_out.values.numpy())


def _grid(problem: GridProblem) -> np.ndarray | None:
    assert problem.held_out is not None
    lattice = _lattice_values(problem)
    if lattice is not None:
        return _spline(problem, lattice)
    if problem.domain.dimensions == 1:
        return _scattered_spline(problem)
    if problem.domain.dimensions > 2 or len(problem.training) > _MOST_SCATTERED:
        return None
    points, places = (samples.coordinates().numpy() for samples in (problem.training, problem.held_out))
    return _cubic(points, problem.training.values.numpy(), places)


def _points(problem: PointProblem) -> np.ndarray | None:
    assert problem.held_out is not None
    training = problem.training
    if problem.domain.dimensions != 2 or not 4 <= len(training) <= _MOST_SCATTERED:
        return None
    return _cubic(training.points.numpy(), training.values.numpy(), problem.held_out.points.numpy())


def _lattice_values(problem: GridProblem) -> np.ndarray | None:
    """Return the training values on every second sample along each axis, or None if the samples are any others."""
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
    inside = np.clip(problem.held_out.flat.numpy(), places[0], places[-1])
    return np.asarray(CubicSpline(places, values)(inside))


def _cubic(points: np.ndarray, values: np.ndarray, places: np.ndarray) -> np.ndarray:
    from scipy.interpolate import griddata

    estimate = griddata(points, values, places, method="cubic")
    outside = np.isnan(estimate).any(axis=-1)
    estimate[outside] = griddata(points, values, places[outside], method="nearest")
    return np.asarray(estimate)
