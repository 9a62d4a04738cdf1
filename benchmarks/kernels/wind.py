"""Weather stations in Texas: temperature and wind at each from the others, in ten folds."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from fourierfield.grids._points import PointSignal
from fourierfield.kinds.tables._read import read_table
from fourierfield.problems._points import point_problem
from fourierfield.regression._train import choose_for, train_kernel

from ..table import Row
from .common import BOTH, r_squared, timed

OUTPUTS = ("air_temperature_c", "wind_speed_east_knots", "wind_speed_north_knots")
FOLDS = 10
Fitted = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


def rows(data: Path) -> Iterator[Row]:
    for output in OUTPUTS:
        signal = read_table(data / "geo" / "texas-wind.csv", outputs=[output])
        for name, fit in (("kernel field", _kernel_field), ("Gaussian process, Matérn", _matern)):
            (estimate, deviation), seconds = timed(lambda signal=signal, fit=fit: _folds(signal, fit))  # type: ignore[misc]
            inside = np.abs(estimate - signal.values[:, 0]) <= 1.6449 * deviation
            r2 = r_squared(estimate[:, None], signal.values)
            yield {
                "output": output,
                "method": name,
                "r2": f"{r2:.4f}",
                "within_90": f"{inside.mean():.3f}",
                "seconds": f"{seconds / FOLDS:.2f}",
            }


def _folds(signal: PointSignal, fit: Callable[[PointSignal, np.ndarray], Fitted]) -> tuple[np.ndarray, np.ndarray]:
    parts = np.array_split(np.random.default_rng(0).permutation(len(signal.points)), FOLDS)
    estimate, deviation = np.zeros((2, len(signal.points)))
    for part in parts:
        training = np.setdiff1d(np.arange(len(signal.points)), part)
        estimate[part], deviation[part] = fit(signal, training)(signal.points[part])
    return estimate, deviation


def _kernel_field(signal: PointSignal, rows: np.ndarray) -> Fitted:
    part = PointSignal(
        signal.points[rows], signal.values[rows], signal.domain, signal.placement, signal.outputs, signal.name
    )
    problem = point_problem(part)
    field = train_kernel(problem, choose_for(problem, BOTH)).field
    return lambda points: (field(points)[:, 0], field.deviation(points)[:, 0])  # type: ignore[index,return-value]


def _matern(signal: PointSignal, rows: np.ndarray) -> Fitted:
    """The best by likelihood of ν = ½, 1½ and 2½, each with length, noise and variance fitted."""
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # lengths that end at their bounds
        for nu in (0.5, 1.5, 2.5):
            kernel = ConstantKernel() * Matern(0.2, nu=nu) + WhiteKernel(0.1)
            process = GaussianProcessRegressor(kernel, normalize_y=True, n_restarts_optimizer=3, random_state=0)
            found.append(process.fit(signal.points[rows], signal.values[rows, 0]))
    best = max(found, key=lambda process: process.log_marginal_likelihood_value_)
    return lambda points: best.predict(points, return_std=True)
