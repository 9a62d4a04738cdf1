"""The estimators beside scikit-learn's on tables that everybody has: R² of five folds, with everything left at its
defaults but a Gaussian process, whose length, noise and smoothness are tuned."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ..table import Row
from .common import timed

FOLDS = 5
Table = tuple[np.ndarray, np.ndarray]


def rows(data: Path) -> Iterator[Row]:
    for name, (inputs, targets) in _tables().items():
        for method, make in _methods().items():
            score, seconds = timed(lambda make=make, x=inputs, y=targets: _score(make(), x, y))  # type: ignore[misc]
            shape = "×".join(map(str, inputs.shape))
            yield {"table": name, "shape": shape, "method": method, "r2": f"{score:.3f}", "seconds": f"{seconds:.1f}"}


def _score(model: Any, inputs: np.ndarray, targets: np.ndarray) -> float:
    from sklearn.model_selection import KFold, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # lengths that end at their bounds
        folds = KFold(FOLDS, shuffle=True, random_state=0)
        return float(cross_val_score(make_pipeline(StandardScaler(), model), inputs, targets, cv=folds).mean())


def _tables() -> dict[str, Table]:
    from sklearn import datasets

    friedman = {
        f"friedman{i}": getattr(datasets, f"make_friedman{i}")(600, noise=noise, random_state=0)
        for i, noise in ((1, 1.0), (2, 50.0), (3, 0.1))
    }
    return {"diabetes": datasets.load_diabetes(return_X_y=True), **friedman}


def _methods() -> dict[str, Callable[[], Any]]:
    from sklearn.ensemble import HistGradientBoostingRegressor
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

    from fourierfield import FourierFeatureRegressor, NeuralTangentRegressor

    def process() -> GaussianProcessRegressor:
        kernel = ConstantKernel() * Matern(2.0, nu=1.5) + WhiteKernel(0.1)
        return GaussianProcessRegressor(kernel, normalize_y=True, n_restarts_optimizer=2, random_state=0)

    return {
        "NeuralTangentRegressor": NeuralTangentRegressor,
        "FourierFeatureRegressor": lambda: FourierFeatureRegressor(random_state=0),
        "GaussianProcessRegressor, Matérn": process,
        "HistGradientBoostingRegressor": lambda: HistGradientBoostingRegressor(random_state=0),
    }
