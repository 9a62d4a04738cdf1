"""Smooth signals: the NNGP's errors at the NTK's training errors, and how smoothness is told."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from fourierfield.encodings._families import gaussian
from fourierfield.forecast._limit import WideLimit
from fourierfield.forecast._smooth import SMOOTH, at_equal_training, nngp_curve, smoothness
from fourierfield.forecast._steps import forecast_flow
from fourierfield.grids._arrays import as_signal
from fourierfield.grids._splits import RandomHoldOut
from fourierfield.kernels._composed import ComposedNTK
from fourierfield.networks._mlp import MLP, CoordinateNetwork, MLPSpec
from fourierfield.problems._grid import GridProblem, grid_problem

N = 1024


def network(bandwidth: float = 40.0) -> CoordinateNetwork:
    generator = torch.Generator().manual_seed(0)
    return CoordinateNetwork(gaussian(1, bandwidth, 128, generator=generator), MLP(MLPSpec(256, 1, 4, 64), generator))


def kernel(bandwidth: float = 40.0) -> ComposedNTK:
    found = WideLimit.of(network(bandwidth)).kernel
    assert isinstance(found, ComposedNTK)
    return found


def problem(values: np.ndarray) -> GridProblem:
    return grid_problem(as_signal(values.astype(np.float32)), RandomHoldOut(0.1))


def chord() -> np.ndarray:
    time = np.arange(N) / N
    return 0.5 + sum(np.sin(2 * np.pi * f * time + f) / f for f in (7, 11, 18, 31, 47))


def walk() -> np.ndarray:
    steps = np.random.default_rng(0).normal(size=N).cumsum()
    return (steps - steps.min()) / np.ptp(steps)


def test_music_is_smooth_and_a_random_walk_is_not() -> None:
    """Though the NTK of the larger bandwidth alone is 2 dB worse than its NNGP on the walk too."""
    kernels = [kernel(N / 64), kernel(N / 26)]
    assert smoothness(problem(chord()), kernels) > 5 * SMOOTH
    assert abs(smoothness(problem(walk()), kernels)) < 0.5 * SMOOTH
    assert smoothness(problem(walk()), kernels[1:]) > 2 * SMOOTH


def test_without_held_out_samples_nothing_is_told() -> None:
    assert smoothness(grid_problem(as_signal(walk().astype(np.float32))), [kernel()]) == 0.0


def test_the_nngp_is_the_last_layer_alone() -> None:
    """Gradient flow with the last layer's kernel, dense: K(y − f₀) decays at its eigenvalues."""
    given = problem(chord()[:200])
    assert given.held_out is not None
    curve = nngp_curve(given, kernel()).value
    limit = kernel()
    training, held_out = (s.coordinates().double() for s in (given.training, given.held_out))

    def nngp(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        return limit.of_gap(limit.encoding.gap(left[:, None] - right)).nngp

    values, vectors = torch.linalg.eigh(nngp(training, training))
    wanted = given.training.values[:, 0].double() - 0.5
    start, end = 1e-2 / len(training), 1e3
    times = torch.logspace(np.log10(start), np.log10(end), 80, dtype=torch.float64) / float(
        nngp(training[:1], training[:1])
    )
    for index in (0, 30, 60):
        decay = torch.exp(-values * times[index])
        weights = vectors @ (((1 - decay) / values) * (vectors.T @ wanted))
        found = given.held_out.values[:, 0].double() - 0.5 - nngp(held_out, training) @ weights
        assert curve.held_out_mse is not None
        assert float(curve.held_out_mse[index]) == pytest.approx(float(found.square().mean()), rel=0.02)


def test_the_ntk_sets_the_pace() -> None:
    """Training errors and pull are the NTK's; held-out ones are read where the NNGP has the same training error."""
    given = problem(chord())
    rough, smooth = (forecast_flow(given, network(), 200, smooth=flag).value for flag in (False, True))
    torch.testing.assert_close(smooth.curve.train_mse, rough.curve.train_mse)
    torch.testing.assert_close(smooth.curve.pull, rough.curve.pull)
    other = nngp_curve(given, kernel(), start=0.5).value
    assert rough.curve.held_out_mse is not None
    assert smooth.curve.held_out_mse is not None
    assert other.held_out_mse is not None
    assert float(smooth.curve.held_out_mse[-1]) < 0.3 * float(rough.curve.held_out_mse[-1])
    assert (smooth.smooth, rough.smooth) == (True, False)
    torch.testing.assert_close(smooth.curve.held_out_mse, at_equal_training(rough.curve, other).held_out_mse)
