"""From the flow to the scores of a plan."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from fourierfield.encodings._spec import EncodingSpec
from fourierfield.forecast._limit import WideLimit
from fourierfield.forecast._steps import FlowForecast, forecast_flow, forecast_steps
from fourierfield.grids._arrays import as_signal
from fourierfield.grids._splits import HoldOut, RandomHoldOut
from fourierfield.networks._mlp import MLP, CoordinateNetwork, MLPSpec
from fourierfield.problems._grid import GridProblem, grid_problem
from fourierfield.training._plan import TrainingPlan
from fourierfield.training._schedules import ConstantRate

PLAN = TrainingPlan(200, schedule=ConstantRate(3e-3))
TENTH = RandomHoldOut(0.1)
ENCODINGS = {
    "gaussian": EncodingSpec("gaussian", 2.0, 64),
    "crowded": EncodingSpec("gaussian", 8.0, 24),
    "basic": EncodingSpec("basic"),
    "none": EncodingSpec("none"),
}


def network(spec: EncodingSpec, dimensions: int = 2, channels: int = 1) -> CoordinateNetwork:
    generator = torch.Generator().manual_seed(0)
    encoding = spec.build(dimensions, generator)
    return CoordinateNetwork(encoding, MLP(MLPSpec(encoding.out_features, channels, depth=3, width=64), generator))


def problem(n: int = 20, hold_out: HoldOut | None = TENTH) -> GridProblem:
    y, x = np.mgrid[0:n, 0:n] / n
    noise = np.random.default_rng(0).normal(0, 0.03, (n, n))
    return grid_problem(as_signal((0.5 + 0.3 * np.sin(9 * x + 5 * y) + noise).astype(np.float32)), hold_out)


def flow_of(name: str, whole: GridProblem | None = None) -> FlowForecast:
    return forecast_flow(problem(), network(ENCODINGS[name]), PLAN.steps, whole=whole).value


@pytest.mark.parametrize("name", ENCODINGS)
def test_a_flow_read_under_a_plan_is_the_forecast_of_its_steps(name: str) -> None:
    by_steps = forecast_steps(problem(), network(ENCODINGS[name]), PLAN).value
    by_flow = flow_of(name).under(PLAN)
    for field in ("times", "train_mse", "held_out_mse"):
        torch.testing.assert_close(getattr(by_steps, field), getattr(by_flow, field), rtol=0, atol=0)
    assert len(by_steps.times) == PLAN.steps


@pytest.mark.parametrize("name", ENCODINGS)
def test_training_errors_fall_from_those_of_a_constant(name: str) -> None:
    flow = flow_of(name)
    scores = flow.under(PLAN)
    assert (scores.train_mse.diff() <= 1e-12).all()
    assert (scores.times.diff() > 0).all()
    start = float((problem().training.values.double() - 0.5).square().mean())
    assert float(flow.curve.train_mse[0]) == pytest.approx(start, rel=1e-5 if name != "none" else 1e-2)
    assert scores.times[-1] <= flow.times[-1] * (1 + 1e-9)


def test_fewer_steps_of_a_constant_rate_are_the_first_of_more() -> None:
    flow = flow_of("gaussian")
    more, fewer = (flow.under(replace(PLAN, steps=steps)) for steps in (200, 70))
    torch.testing.assert_close(more.train_mse[:70], fewer.train_mse)


def test_the_whole_as_its_own_window_changes_nothing() -> None:
    alone, within = flow_of("gaussian"), flow_of("gaussian", whole=problem())
    assert alone.outputs == within.outputs
    for field in ("train_mse", "pull", "held_out_mse"):
        assert torch.equal(getattr(alone.curve, field), getattr(within.curve, field))
    assert alone.curve.top == within.curve.top


def test_a_window_is_learned_at_the_pace_of_the_whole() -> None:
    """The loss is the mean over all: the same window among four times as many values takes four times as long."""
    large = problem(40)
    within, alone = flow_of("gaussian", whole=large), flow_of("gaussian")
    share = len(large.training) / len(problem().training)
    assert within.outputs == len(large.training)
    moments = within.times[5:60]
    slow = forecast_flow(problem(), network(ENCODINGS["gaussian"]), PLAN.steps, whole=large).value
    found = torch.from_numpy(np.interp((moments / share).log(), alone.times[1:].log(), alone.curve.train_mse[1:].log()))
    torch.testing.assert_close(found, slow.curve.train_mse[5:60].log(), rtol=0, atol=0.05)
    assert within.curve.top > 2 * alone.curve.top


def test_errors_and_pull_are_scaled_and_the_pace_with_them() -> None:
    flow = flow_of("crowded")
    scaled = flow.with_curve(flow.curve.scaled(2.0, 4.0))
    torch.testing.assert_close(scaled.curve.train_mse, 2 * flow.curve.train_mse)
    torch.testing.assert_close(scaled.curve.held_out_mse, 2 * flow.curve.held_out_mse)
    torch.testing.assert_close(scaled.curve.pull, 4 * flow.curve.pull)
    assert scaled.under(PLAN).times[0] == pytest.approx(float(flow.under(PLAN).times[0]) / 2)


def test_the_density_is_the_bandwidth_over_the_sampling_rate() -> None:
    flow = flow_of("gaussian")
    frequencies = network(ENCODINGS["gaussian"]).encoding.frequencies
    rate = math.sqrt(len(problem().training))
    assert flow.density == pytest.approx(float(frequencies.square().mean().sqrt()) / rate, rel=1e-5)


def test_the_least_top_is_no_more_than_the_top() -> None:
    limit = WideLimit.of(network(ENCODINGS["gaussian"]))
    points = problem().training.coordinates().double()
    matrix = limit.kernel(points[:, None] - points)
    top = float(torch.linalg.eigvalsh(matrix)[-1])
    assert limit.least_top(limit.mean(points), len(points), len(points)) == pytest.approx(
        float(matrix.mean()) * len(points)
    )
    some = limit.least_top(limit.mean(points[::3]), len(points[::3]), len(points))
    assert 0.8 * top < some < 1.02 * top
    assert limit.least_top(limit.mean(points[:1]), 1, 1) == pytest.approx(limit.scale)
