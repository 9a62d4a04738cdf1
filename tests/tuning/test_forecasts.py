"""The forecast of a candidate on windows, held against that of the whole problem."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from fourierfield.encodings._spec import EncodingSpec
from fourierfield.forecast._steps import FlowForecast, forecast_flow
from fourierfield.grids._arrays import as_signal
from fourierfield.grids._splits import RandomHoldOut
from fourierfield.networks._mlp import MLPSpec
from fourierfield.problems._grid import GridProblem, grid_problem
from fourierfield.training._plan import TrainingPlan
from fourierfield.training._schedules import ConstantRate
from fourierfield.tuning._forecasts import Trainee, forecast_inner, forecast_network, inner_problem
from fourierfield.tuning._inner import InnerProblem, divide, divide_smooth

STEPS = 400
PLAN = TrainingPlan(STEPS, schedule=ConstantRate(3e-3))
TRAINEE = Trainee(MLPSpec(2, 1, depth=4, width=128), lambda steps: replace(PLAN, steps=steps))


def homogeneous(n: int, channels: int = 1, power: float = 1.5, seed: int = 0) -> np.ndarray:
    """Noise with amplitudes 1/(1 + f)^power, alike everywhere."""
    f = np.fft.fftfreq(n) * n
    white = np.random.default_rng(seed).standard_normal((channels, n, n))
    waves = np.fft.fft2(white) / (1 + np.hypot(f[:, None], f)) ** power
    found = np.fft.ifft2(waves).real
    return np.moveaxis(0.5 + 0.15 * found / found.std(axis=(1, 2), keepdims=True), 0, -1).astype(np.float32)


def ends(flow: FlowForecast, steps: int = STEPS) -> tuple[float, float]:
    scores = flow.under(replace(PLAN, steps=steps))
    assert scores.held_out_psnr_db is not None
    return float(scores.train_psnr_db[-1]), float(scores.held_out_psnr_db[-1])


def both(inner: InnerProblem, bandwidth: float, features: int = 128) -> tuple[FlowForecast, FlowForecast]:
    """By the windows and by the whole."""
    network = TRAINEE.network(EncodingSpec("gaussian", bandwidth, features), 2)
    whole = forecast_flow(inner.whole, network, STEPS).value
    assert whole.curve.held_out_mse is not None
    left_out = inner.left_out(float(whole.curve.held_out_mse.min()))
    return forecast_network(inner, network, STEPS), whole.with_curve(whole.curve.between(left_out))


@pytest.mark.parametrize("bandwidth", [2.0, 6.0])
@pytest.mark.parametrize("alone", [False, True], ids=["all windows", "one window"])
def test_windows_of_a_homogeneous_signal_tell_of_the_whole(bandwidth: float, alone: bool) -> None:
    inner = divide(grid_problem(as_signal(homogeneous(64))), windows=3, most=1024)
    assert inner.count > 1
    by_windows, by_whole = both(inner.one_window() if alone else inner, bandwidth)
    assert ends(by_windows) == pytest.approx(ends(by_whole), abs=2.0 if alone else 1.0)
    assert by_windows.under(PLAN).times[-1] == pytest.approx(float(by_whole.under(PLAN).times[-1]), rel=0.1)


def test_windows_of_a_signal_with_gaps_do_too() -> None:
    problem = grid_problem(as_signal(homogeneous(96)), RandomHoldOut(0.6))
    inner = divide(problem, windows=3, most=600)
    assert inner.count > 1
    by_windows, by_whole = both(inner, 4.0)
    assert ends(by_windows) == pytest.approx(ends(by_whole), abs=1.0)
    assert by_windows.density == pytest.approx(by_whole.density, rel=0.05)


def test_a_window_that_is_the_whole_says_the_same() -> None:
    inner = divide(grid_problem(as_signal(homogeneous(32))))
    by_window, by_whole = both(inner, 3.0)
    assert ends(by_window) == pytest.approx(ends(by_whole), abs=1e-3)
    assert by_window.curve.top == pytest.approx(by_whole.curve.top, rel=1e-6)
    torch.testing.assert_close(by_window.curve.pull, by_whole.curve.pull, rtol=1e-4, atol=1e-9)


def colours(keep: int) -> GridProblem:
    """An image in [0, 1] whose three channels are mixed from ``keep`` independent ones, all about one half."""
    mix = np.random.default_rng(3).normal(size=(keep, 3))
    values = 0.5 + 0.25 * (homogeneous(32, keep) - 0.5) @ mix
    assert 0 <= values.min() < 0.5 < values.max() <= 1
    return grid_problem(as_signal(values.astype(np.float32)))


@pytest.mark.parametrize("keep", [1, 2, 3])
def test_rotated_channels_have_the_errors_and_the_pace_of_the_colours(keep: int) -> None:
    inner = divide(colours(keep))
    assert inner.kept <= keep
    by_window, by_whole = both(inner, 3.0)
    for steps in (1, 20, 60):  # beyond, training errors fall below what the forecast resolves
        assert ends(by_window, steps) == pytest.approx(ends(by_whole, steps), abs=0.3)
    assert float(by_window.curve.pull[0]) == pytest.approx(float(by_whole.curve.pull[0]), rel=0.05)


def test_raw_coordinates_are_forecast_on_the_whole() -> None:
    inner = divide(grid_problem(as_signal(homogeneous(48))), windows=2, most=400)
    flow = forecast_inner(inner, TRAINEE, EncodingSpec("none"), STEPS)
    assert flow.family == "none"
    whole = forecast_flow(inner.whole, TRAINEE.network(EncodingSpec("none"), 2), STEPS).value
    torch.testing.assert_close(flow.curve.train_mse, whole.curve.train_mse)


def test_a_trainee_draws_the_same_frequencies_again() -> None:
    spec = EncodingSpec("gaussian", 3.0, 16)
    one, again = (TRAINEE.network(spec, 2).encoding.frequencies for _ in range(2))
    assert torch.equal(one, again)
    assert not torch.equal(one, replace(TRAINEE, seed=1).network(spec, 2).encoding.frequencies)


def test_smooth_signals_are_judged_between_their_samples_and_others_by_samples_left_out() -> None:
    time = np.arange(2048) / 2048
    chord = 0.5 + sum(np.sin(2 * np.pi * f * time + f) / f for f in (7, 11, 18, 31, 47))
    mlp = MLPSpec(2, 1, depth=3, width=64)
    inner = inner_problem(grid_problem(as_signal(chord.astype(np.float32))), mlp)
    assert inner.smooth
    assert len(inner.windows.training) == 2048
    assert inner.first_look(grid_problem(as_signal(chord.astype(np.float32)))).smooth
    rough = grid_problem(as_signal(homogeneous(64)))
    inner = inner_problem(rough, mlp)
    assert not inner.smooth
    first = inner.first_look(rough)
    assert (first.count, first.smooth) == (1, False)
    assert len(first.windows.training) < len(inner.windows.training)
    chord[700:705] = np.nan  # where samples are missing there is no spline through them
    assert not inner_problem(grid_problem(as_signal(chord.astype(np.float32))), mlp).smooth


def test_noise_is_added_where_points_between_have_none() -> None:
    time = np.arange(2048) / 2048
    noise = np.random.default_rng(0).normal(0, 3e-3, 2048)
    problem = grid_problem(as_signal((0.5 + 0.3 * np.sin(60 * time) + noise).astype(np.float32)))
    inner = divide_smooth(problem)
    assert inner is not None
    assert inner.noise == pytest.approx(9e-6, rel=0.3)
    trainee = Trainee(MLPSpec(2, 1, depth=3, width=64), lambda steps: TrainingPlan(steps, ConstantRate(1e-3)))
    flow = forecast_inner(inner, trainee, EncodingSpec("gaussian", 20.0, 64), 400)
    assert flow.smooth
    assert flow.curve.held_out_mse is not None
    assert float(flow.curve.held_out_mse.min()) >= inner.noise
