"""Ship soundings off Baja California, a tenth of the points held out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from fourierfield.grids._splits import RandomHoldOut
from fourierfield.kinds.tables._read import read_table
from fourierfield.problems._points import PointProblem, point_problem

from ..table import Row
from .common import kernel_fit, r_squared, timed

DENSE = 20_000  # points: 3.2 GB, and as much again while it is solved
SETTINGS = [(gamma, alpha) for gamma in (3.0, 10.0, 30.0, 100.0) for alpha in (1e-4, 1e-3, 1e-2)]
SOME = 3000


def rows(data: Path) -> Iterator[Row]:
    signal = read_table(data / "geo" / "baja-bathymetry.csv.xz")
    problem = point_problem(signal, RandomHoldOut(0.1))
    assert problem.held_out is not None
    run, found = kernel_fit(problem)
    seconds = sum(float(found[key]) for key in ("choose_s", "fit_s", "evaluate_s"))
    truth = problem.held_out.values.numpy()
    estimate = problem.value_range.normalise(run.field(problem.held_out.points)).numpy()
    yield _row(
        f"kernel field, {len(problem.training):,} points", r_squared(estimate, truth), seconds, str(found["within_90"])
    )
    for kernel in ("thin_plate_spline", "linear"):
        for neighbours in (50, 200):
            estimate, seconds = timed(_rbf(problem, kernel, neighbours))
            yield _row(f"RBFInterpolator {kernel}, {neighbours} neighbours", r_squared(estimate, truth), seconds)
    (estimate, used), seconds = timed(lambda: _kernel_ridge(problem))
    yield _row(f"KernelRidge laplacian, {used:,} points", r_squared(estimate, truth), seconds)


def _row(method: str, r2: float, seconds: float, within_90: str = "") -> Row:
    return {"method": method, "r2": f"{r2:.4f}", "within_90": within_90, "seconds": f"{seconds:.1f}"}


def _rbf(problem: PointProblem, kernel: str, neighbours: int) -> Callable[[], np.ndarray]:
    from scipy.interpolate import RBFInterpolator

    def work() -> np.ndarray:
        assert problem.held_out is not None
        points, values = problem.training.points.numpy(), problem.training.values.numpy()
        found = RBFInterpolator(points, values, neighbors=neighbours, kernel=kernel, smoothing=1e-6)
        return np.asarray(found(problem.held_out.points.numpy()))

    return work


def _kernel_ridge(problem: PointProblem) -> tuple[np.ndarray, int]:
    """Tuned by three folds on some points, trained on as many as fit."""
    from sklearn.kernel_ridge import KernelRidge
    from sklearn.model_selection import GridSearchCV

    assert problem.held_out is not None
    rng = np.random.default_rng(0)
    points, values = problem.training.points.numpy(), problem.training.values.numpy()
    some = rng.permutation(len(points))
    grid = {"gamma": [g for g, _ in SETTINGS[::3]], "alpha": [a for _, a in SETTINGS[:3]]}
    search = GridSearchCV(KernelRidge(kernel="laplacian"), grid, cv=3).fit(points[some[:SOME]], values[some[:SOME]])
    best = KernelRidge(kernel="laplacian", **search.best_params_).fit(points[some[:DENSE]], values[some[:DENSE]])
    return best.predict(problem.held_out.points.numpy()), min(DENSE, len(points))
