"""The dense route, held against that by FFT on kernels that both can take, and its means over blocks."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fourierfield.encodings._families import gaussian, identity
from fourierfield.forecast._curve import forecast_curve
from fourierfield.forecast._dense import block_means, coarse_curve
from fourierfield.forecast._limit import WideLimit
from fourierfield.forecast._steps import forecast_flow
from fourierfield.grids._arrays import as_signal
from fourierfield.grids._domain import Grid
from fourierfield.grids._splits import GridHoldOut, HoldOut, RandomHoldOut
from fourierfield.kernels._composed import ComposedNTK
from fourierfield.networks._mlp import MLP, CoordinateNetwork, MLPSpec
from fourierfield.problems._grid import GridProblem, GridSamples, grid_problem
from fourierfield.training._plan import TrainingPlan

TIMES = torch.tensor([0.0, 1e2, 1e4, 1e6], dtype=torch.float64)


def network() -> CoordinateNetwork:
    generator = torch.Generator().manual_seed(0)
    encoding = gaussian(2, 2.0, 32, generator=generator)
    return CoordinateNetwork(encoding, MLP(MLPSpec(64, 3, depth=3, width=32), generator))


def raw(width: int = 32) -> CoordinateNetwork:
    generator = torch.Generator().manual_seed(0)
    return CoordinateNetwork(identity(2), MLP(MLPSpec(2, 1, depth=3, width=width), generator))


def waves(n: int = 16, missing: bool = False) -> np.ndarray:
    y, x = np.mgrid[0:n, 0:n] / n
    values = 0.5 + 0.3 * np.stack([np.sin(5 * x), np.cos(4 * y), np.sin(3 * (x + y))], -1).astype(np.float32)
    if missing:
        values[2, 3, 1] = values[4, 4, :] = np.nan
    return values


@pytest.mark.parametrize("hold_out", [GridHoldOut(), RandomHoldOut(0.3)], ids=["grid", "random"])
@pytest.mark.parametrize("missing", [False, True])
def test_where_blocks_are_samples_it_is_the_curve_by_fft(hold_out: HoldOut, missing: bool) -> None:
    problem, limit = grid_problem(as_signal(waves(missing=missing)), hold_out), WideLimit.of(network())
    assert isinstance(limit.kernel, ComposedNTK)
    outputs = int((~problem.training.values.isnan()).sum())
    coarse = coarse_curve(problem, limit, TIMES).value
    fine = forecast_curve(problem, limit.kernel, limit.flow(TIMES, outputs), start=limit.start, tolerance=1e-6).value
    assert coarse.outputs == outputs
    assert coarse.curve.top == pytest.approx(fine.top, rel=1e-6)
    assert coarse.curve.held_out_mse is not None
    assert fine.held_out_mse is not None
    torch.testing.assert_close(coarse.curve.pull, fine.pull, rtol=1e-3, atol=1e-6)
    torch.testing.assert_close(coarse.curve.train_mse, fine.train_mse, rtol=1e-3, atol=1e-7)
    torch.testing.assert_close(coarse.curve.held_out_mse, fine.held_out_mse, rtol=1e-3, atol=1e-7)


def test_blocks_of_a_smooth_signal_stand_for_its_samples() -> None:
    """The same curve whether 1,024 blocks or four times as many samples are trained on."""
    coarse, fine = (grid_problem(as_signal(waves(n)[..., :1]), RandomHoldOut(0.1)) for n in (64, 32))
    flows = [forecast_flow(problem, raw(), 300).value for problem in (coarse, fine)]
    for step in (1, 30, 300):
        ends = [flow.under(TrainingPlan(step)) for flow in flows]
        assert float(ends[0].train_psnr_db[-1]) == pytest.approx(float(ends[1].train_psnr_db[-1]), abs=0.5)


@given(
    shape=st.lists(st.integers(1, 40), min_size=1, max_size=3),
    most=st.integers(1, 300),
    share=st.floats(0.01, 1.0),
)
def test_block_means_keep_sums_and_bounds(shape: list[int], most: int, share: float) -> None:
    rng = np.random.default_rng(0)
    size = math.prod(shape)
    flat = torch.from_numpy(np.flatnonzero((rng.random(size) < share) | (np.arange(size) == size // 2)))
    grid = Grid((0.0,) * len(shape), tuple(n / max(shape) for n in shape), tuple(shape))
    samples = GridSamples(grid, flat, torch.from_numpy(rng.random((len(flat), 2)).astype(np.float32)))
    points, means = block_means(samples, most)
    assert 1 <= len(points) == len(means) <= min(most, len(flat))
    low, high = samples.values.double().min(0).values, samples.values.double().max(0).values
    assert ((means >= low - 1e-12) & (means <= high + 1e-12)).all()
    coordinates = samples.coordinates().double()
    assert ((points >= coordinates.min(0).values - 1e-6) & (points <= coordinates.max(0).values + 1e-6)).all()
    assert len(torch.unique(points, dim=0)) == len(points)


def test_a_long_thin_grid_has_no_more_blocks_than_asked_for() -> None:
    for shape in ((1, 20_000), (3, 9_000), (20_000, 2)):
        grid = Grid((0.0, 0.0), (1.0, 1.0), shape)
        count = math.prod(shape)
        points, _ = block_means(GridSamples(grid, torch.arange(count), torch.zeros(count, 1)), 256)
        assert 128 <= len(points) <= 256


def test_as_many_blocks_as_samples_are_the_samples() -> None:
    samples = grid_problem(as_signal(waves(8))).training
    points, means = block_means(samples, 64)
    torch.testing.assert_close(points, samples.coordinates().double())
    torch.testing.assert_close(means, samples.values.double())


def test_a_channel_that_is_missing_in_a_block_is_missing_there() -> None:
    values = torch.tensor([[1.0, math.nan], [3.0, math.nan], [5.0, 1.0], [math.nan, 2.0]])
    _, means = block_means(GridSamples(Grid((0.0,), (1.0,), (4,)), torch.arange(4), values), 2)
    torch.testing.assert_close(means, torch.tensor([[2.0, math.nan], [5.0, 1.5]], dtype=torch.float64), equal_nan=True)


def test_a_channel_that_was_never_measured_is_no_obstacle() -> None:
    values = waves()
    values[..., 2] = np.nan
    problem: GridProblem = grid_problem(as_signal(values), RandomHoldOut(0.2))
    curve = coarse_curve(problem, WideLimit.of(network()), TIMES).value.curve
    assert curve.held_out_mse is not None
    assert torch.isfinite(curve.train_mse).all()
    assert torch.isfinite(curve.held_out_mse).all()
