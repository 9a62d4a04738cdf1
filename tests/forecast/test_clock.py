"""Adam's clock, against its own recursion, its limits, and trained networks."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from fourierfield.encodings._families import gaussian
from fourierfield.forecast._clock import BETA_2, COHERENCE, EDGE, ORTHOGONAL_PACE, GradientCurve, adam_times, plan_times
from fourierfield.forecast._limit import WideLimit, interpolate
from fourierfield.forecast._steps import forecast_steps
from fourierfield.grids._arrays import as_signal
from fourierfield.grids._splits import GridHoldOut
from fourierfield.kernels._empirical import empirical_ntk
from fourierfield.networks._mlp import MLP, CoordinateNetwork, MLPSpec
from fourierfield.problems._grid import GridProblem, grid_problem
from fourierfield.training._loop import train
from fourierfield.training._plan import TrainingPlan
from fourierfield.training._schedules import ConstantRate, Schedule, WarmupCosine


def curve(squares: list[float], sharpness: float = 1e-9) -> GradientCurve:
    return GradientCurve(torch.linspace(0, 1, len(squares)), torch.tensor(squares), sharpness)


def test_a_constant_gradient_gives_a_constant_pace() -> None:
    times = adam_times(curve([9.0, 9.0]), ConstantRate(1e-3), 5)
    torch.testing.assert_close(times, COHERENCE * 1e-3 / 3 * torch.arange(1, 6, dtype=torch.float64))


def test_time_runs_faster_as_the_gradient_falls_but_not_beyond_the_edge() -> None:
    falling = curve([1.0, 1e-2, 1e-4, 1e-6])
    free = adam_times(falling, ConstantRate(1e-2), 400)
    assert free.diff()[-1] > 3 * free.diff()[0]
    bounded = adam_times(curve([1.0, 1e-2, 1e-4, 1e-6], sharpness=EDGE / 5e-3), ConstantRate(1e-2), 400)
    assert bounded.diff().max() <= 5e-3 * (1 + 1e-9)


@pytest.mark.parametrize("schedule", [ConstantRate(1e-2), WarmupCosine(1e-2)])
@pytest.mark.parametrize("sharpness", [1e-9, EDGE / 2e-3])
def test_it_is_the_recursion_of_every_step(schedule: Schedule, sharpness: float) -> None:
    """The gradient is not looked at before each step; that costs less than 2 % of time."""
    falling = curve([1.0, 0.3, 1e-1, 1e-2, 1e-3, 1e-4], sharpness)
    knots, logs = falling.times.log().clamp(min=-690).double().numpy(), falling.squares.log().double().numpy()
    time, moment, exact = 0.0, 0.0, []
    for step in range(800):
        moment = BETA_2 * moment + (1 - BETA_2) * math.exp(np.interp(math.log(max(time, 1e-300)), knots, logs))
        root = math.sqrt(moment / (1 - BETA_2 ** (step + 1)))
        time += min(COHERENCE * schedule.rate(step, 800) / root, EDGE / sharpness)
        exact.append(time)
    found = adam_times(falling, schedule, 800)
    torch.testing.assert_close(found, torch.tensor(exact, dtype=torch.float64), rtol=0.02, atol=1e-12)


def test_it_follows_the_schedule() -> None:
    flat = curve([4.0, 4.0])
    schedule = WarmupCosine(1e-3)
    times = adam_times(flat, schedule, 200)
    rates = torch.tensor([schedule.rate(step, 200) for step in range(200)], dtype=torch.float64)
    torch.testing.assert_close(times, COHERENCE * rates.cumsum(0) / 2)


def test_orthogonal_steps_keep_a_slower_pace() -> None:
    plan = TrainingPlan(steps=20, schedule=ConstantRate(1e-3))
    by_adam, orthogonal = (plan_times(curve([4.0, 4.0]), replace(plan, orthogonal=s)) for s in (0.0, 6.0))
    torch.testing.assert_close(by_adam, adam_times(curve([4.0, 4.0]), ConstantRate(1e-3), 20))
    torch.testing.assert_close(orthogonal, 6 * ORTHOGONAL_PACE * by_adam)


def network(output: str = "sigmoid", width: int = 256) -> CoordinateNetwork:
    generator = torch.Generator().manual_seed(0)
    encoding = gaussian(2, 2.0, 64, generator=generator)
    return CoordinateNetwork(encoding, MLP(MLPSpec(128, 1, depth=4, width=width, output=output), generator))


def small_problem() -> GridProblem:
    from skimage import data

    photo = data.camera()[128:384:4, 128:384:4]
    return grid_problem(as_signal(photo), GridHoldOut())


def test_the_limit_knows_how_the_output_bends() -> None:
    sigmoid, plain = WideLimit.of(network()), WideLimit.of(network("none"))
    assert (sigmoid.start, sigmoid.slope) == (0.5, 0.25)
    assert (plain.start, plain.slope) == (0.0, 1.0)
    assert sigmoid.parameters == sum(p.numel() for p in network().mlp.parameters())


def test_the_gradient_of_a_wide_network_is_the_predicted_one() -> None:
    """E g² at the start, of a network without output activation, whose residual is y − f₀."""
    wide, problem = network("none", width=1024), small_problem()
    limit, outputs = WideLimit.of(wide), len(problem.training)
    points, targets = problem.training.coordinates(), problem.training.values
    residual = (targets - wide(points)).detach()
    (0.5 * (wide(points) - targets).square().mean()).backward()
    measured = sum(float(p.grad.square().sum()) for p in wide.mlp.parameters() if p.grad is not None)
    matrix = limit.kernel(points[:, None].double() - points.double())
    pull = (residual.T.double() @ matrix @ residual.double())[0]
    predicted = limit.gradient_curve(torch.zeros(1), pull, 1.0, outputs).squares
    assert float(predicted) * limit.parameters == pytest.approx(measured, rel=0.15)


def test_the_kernel_of_the_limit_is_that_of_a_wide_network() -> None:
    wide = network("none", width=2048)
    points = torch.rand(6, 2, generator=torch.Generator().manual_seed(1))
    found = empirical_ntk(wide, points)[..., 0, 0].detach().double()
    expected = WideLimit.of(wide).kernel(points[:, None].double() - points.double())
    assert float((found - expected).norm() / expected.norm()) < 0.1


def test_the_forecast_follows_a_trained_network() -> None:
    problem, trained = small_problem(), network()
    plan = TrainingPlan(steps=150, schedule=ConstantRate(1e-3))
    forecast = forecast_steps(problem, trained, plan).value
    _, scores = train(problem, trained, plan)
    assert forecast.held_out_psnr_db is not None
    compared = [row for row in scores if (row["step"] or 0) >= 25]
    assert len(compared) > 5
    for row in compared:
        step = int(row["step"] or 0) - 1
        assert float(forecast.train_psnr_db[step]) == pytest.approx(row["train_psnr_db"], abs=3.0)
        assert float(forecast.held_out_psnr_db[step]) == pytest.approx(row["held_out_psnr_db"], abs=0.5)


def test_interpolation_is_straight_in_logarithms() -> None:
    times = torch.tensor([1.0, 10.0, 100.0])
    found = interpolate(times, times**-2.0, torch.tensor([1.0, 3.0, 50.0, 1e3]))
    torch.testing.assert_close(
        found, torch.tensor([1.0, 1 / 9, 1 / 2500, 1e-4], dtype=torch.float64), rtol=1e-6, atol=0
    )
