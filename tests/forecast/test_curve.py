"""The learning curve of a grid problem, against dense algebra on its points."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from fourierfield.encodings._families import gaussian
from fourierfield.forecast._curve import forecast_curve
from fourierfield.forecast._dynamics import GradientFlow
from fourierfield.grids._arrays import as_signal
from fourierfield.grids._splits import GridHoldOut, HoldOut, RandomHoldOut
from fourierfield.kernels._composed import ComposedNTK
from fourierfield.kernels._encoding import EncodingKernel
from fourierfield.kernels._infinite import InfiniteMLP
from fourierfield.problems._grid import GridProblem, grid_problem

TIMES = torch.tensor([0.0, 10.0, 1e3, math.inf], dtype=torch.float64)


def kernel() -> ComposedNTK:
    encoding = gaussian(2, 2.0, 32, generator=torch.Generator().manual_seed(0))
    return ComposedNTK(EncodingKernel(encoding), InfiniteMLP.of_depth(3))


def photo(missing: bool = False) -> np.ndarray:
    values = np.random.default_rng(0).random((14, 18, 3), dtype=np.float32)
    if missing:
        values[3, 4, 1] = values[6, 8, :] = np.nan
    return values


def dense_mse(problem: GridProblem, flow: GradientFlow) -> tuple[list[float], list[float]]:
    """By an eigendecomposition for each channel, on the points themselves."""
    sums = torch.zeros(2, len(TIMES), dtype=torch.float64)
    counts = [0, 0]
    for c in range(problem.channels):
        points, values = [], []
        for samples in (problem.training, problem.held_out):
            assert samples is not None
            rows = ~torch.isnan(samples.values[:, c])
            points.append(torch.from_numpy(samples.grid.coordinates(samples.flat.numpy()))[rows])
            values.append(samples.values[rows, c].double() - 0.5)
        eigenvalues, vectors = torch.linalg.eigh(kernel()(points[0][:, None] - points[0]))
        weights = (flow.response(eigenvalues) * (vectors.T @ values[0])) @ vectors.T
        for i in (0, 1):
            error = values[i] - weights @ kernel()(points[0][:, None] - points[i])
            sums[i] += error.square().sum(1)
            counts[i] += len(values[i])
    return (sums[0] / counts[0]).tolist(), (sums[1] / counts[1]).tolist()


@pytest.mark.parametrize("hold_out", [GridHoldOut(), RandomHoldOut(0.3, 1)], ids=["grid", "random"])
@pytest.mark.parametrize("missing", [False, True])
def test_the_curve_is_that_of_dense_algebra(hold_out: HoldOut, missing: bool) -> None:
    problem = grid_problem(as_signal(photo(missing)), hold_out)
    flow = GradientFlow(TIMES, divisor=3 * len(problem.training))
    solution = forecast_curve(problem, kernel(), flow, tolerance=1e-11)
    train, held_out = dense_mse(problem, flow)
    assert solution.ok
    assert solution.value.held_out_mse is not None
    assert solution.value.train_mse.tolist() == pytest.approx(train, rel=1e-7, abs=1e-12)
    assert solution.value.held_out_mse.tolist() == pytest.approx(held_out, rel=1e-7)


def test_without_hold_out_there_is_only_the_training_curve() -> None:
    problem = grid_problem(as_signal(photo()))
    curve = forecast_curve(problem, kernel(), GradientFlow(TIMES)).value
    assert curve.held_out_mse is None
    assert curve.held_out_psnr_db is None
    assert curve.train_psnr_db[0] == pytest.approx(-10 * math.log10(float(curve.train_mse[0])))


@pytest.mark.parametrize(
    "where", [np.s_[:, :], np.s_[::2, ::2], np.s_[1::2, 1::2]], ids=["all", "training", "held out"]
)
def test_a_channel_that_is_missing_on_one_side_is_no_obstacle(where: tuple[slice, slice]) -> None:
    values = photo()
    values[where[0], where[1], 1] = np.nan
    problem = grid_problem(as_signal(values), GridHoldOut())
    flow = GradientFlow(TIMES, divisor=len(problem.training))
    curve = forecast_curve(problem, kernel(), flow).value
    assert curve.held_out_mse is not None
    assert torch.isfinite(curve.train_mse).all()
    assert torch.isfinite(curve.held_out_mse).all()
