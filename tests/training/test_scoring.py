"""Scores along a run and at its end are those of the network's own values."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fourierfield.encodings._families import gaussian
from fourierfield.grids._arrays import as_signal
from fourierfield.grids._splits import GridHoldOut
from fourierfield.networks._mlp import MLP, CoordinateNetwork, MLPSpec
from fourierfield.problems._grid import grid_problem
from fourierfield.training._plan import TrainingPlan
from fourierfield.training._scoring import MOST_DECIBELS, CurveScorer, curve_steps


@given(st.integers(1, 10_000), st.integers(1, 40))
def test_the_last_step_is_scored_and_no_more_than_asked_for(steps: int, points: int) -> None:
    scored = curve_steps(steps, points)
    assert len(scored) <= min(points, steps)
    assert all(1 <= step <= steps for step in scored)
    assert steps in scored or points == 1


@pytest.mark.parametrize("rule", [None, GridHoldOut()])
def test_a_point_of_the_curve_is_the_psnr_of_the_network(rule: GridHoldOut | None, generator: torch.Generator) -> None:
    problem = grid_problem(as_signal(np.random.default_rng(0).random((12, 12)).astype(np.float32)), rule)
    network = CoordinateNetwork(gaussian(2, 2.0, 8, generator=generator), MLP(MLPSpec(16, 1, width=8), generator))
    point = CurveScorer(problem, network, TrainingPlan(10)).score(3, 0.5)
    assert (point["step"], point["loss"]) == (3, 0.5)
    for key, samples in (("train_psnr_db", problem.training), ("held_out_psnr_db", problem.held_out)):
        if samples is None:
            assert point[key] is None
            continue
        with torch.no_grad():
            error = network(samples.coordinates(slice(None)).float()) - samples.values
        assert point[key] == pytest.approx(-10 * float(error.square().mean().log10()), abs=1e-3)


def test_an_exact_network_has_a_finite_psnr(generator: torch.Generator) -> None:
    problem = grid_problem(as_signal(np.zeros((4, 4), np.uint8)))
    network = CoordinateNetwork(
        gaussian(2, 2.0, 4, generator=generator), MLP(MLPSpec(8, 1, width=4, output="none"), generator)
    )
    with torch.no_grad():
        for weights in network.mlp.parameters():
            weights.zero_()
    assert not problem.training.values.any()
    assert CurveScorer(problem, network, TrainingPlan(1)).score(1, 0.0)["train_psnr_db"] == MOST_DECIBELS
