"""What is expected of finite networks beyond theory; the fitted numbers themselves are the benchmarks' matter."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import fourierfield
from fourierfield.encodings._spec import EncodingSpec
from fourierfield.forecast._finite import Signs, Traits, delay, delay_terms, finite_width, gain_terms
from fourierfield.forecast._steps import FlowForecast, forecast_flow
from fourierfield.grids._arrays import as_signal
from fourierfield.grids._splits import HoldOut, RandomHoldOut
from fourierfield.networks._mlp import MLP, CoordinateNetwork, MLPSpec
from fourierfield.problems._grid import GridProblem, grid_problem
from fourierfield.training._plan import TrainingPlan
from fourierfield.training._schedules import ConstantRate

PLAN = TrainingPlan(150, schedule=ConstantRate(3e-3))
SPECS = [
    EncodingSpec("gaussian", 2.0, 48),
    EncodingSpec("gaussian", 9.0, 16),
    EncodingSpec("positional", 7.0, 16),
    EncodingSpec("nerf", 8.0),
    EncodingSpec("basic"),
    EncodingSpec("none"),
]
densities = st.floats(1e-6, 1e3)


def problem_with(hold_out: HoldOut | None) -> GridProblem:
    y, x = np.mgrid[0:18, 0:18] / 18
    values = 0.5 + 0.3 * np.sin(9 * x + 5 * y) + np.random.default_rng(0).normal(0, 0.03, (18, 18))
    return grid_problem(as_signal(values.astype(np.float32)), hold_out)


def flow_of(spec: EncodingSpec, problem: GridProblem | None = None) -> FlowForecast:
    generator = torch.Generator().manual_seed(0)
    encoding = spec.build(2, generator)
    network = CoordinateNetwork(encoding, MLP(MLPSpec(encoding.out_features, 1, depth=3, width=64), generator))
    return forecast_flow(problem or problem_with(RandomHoldOut(0.1)), network, PLAN.steps).value


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: f"{spec.family}{spec.bandwidth}")
def test_the_interval_holds_the_value(spec: EncodingSpec) -> None:
    scores = finite_width(flow_of(spec), PLAN)
    assert scores.held_out_psnr_db is not None
    assert scores.low_db is not None
    assert scores.high_db is not None
    assert scores.low_db < scores.held_out_psnr_db < scores.high_db
    moved = scores.shifted(1.5)
    assert moved.held_out_psnr_db == pytest.approx(scores.held_out_psnr_db + 1.5)
    assert moved.low_db == pytest.approx(scores.low_db + 1.5)
    assert moved.train_psnr_db == scores.train_psnr_db


@pytest.mark.parametrize("spec", SPECS[:2])
def test_training_errors_are_those_of_theory_at_the_delayed_time(spec: EncodingSpec) -> None:
    flow = flow_of(spec)
    delayed = flow.under(PLAN, delay(flow, PLAN, Traits()))
    assert finite_width(flow, PLAN).train_psnr_db == pytest.approx(float(delayed.train_psnr_db[-1]))
    torch.testing.assert_close(flow.under(PLAN, 1.0).times, 2 * flow.under(PLAN).times)


def test_networks_end_above_a_kernel_that_collapsed() -> None:
    """The more the reference is better, the more a trained network is."""
    flow, reference = flow_of(EncodingSpec("gaussian", 9.0, 16)), flow_of(EncodingSpec("gaussian", 0.7, 16))
    alone, beside = (finite_width(flow, PLAN, Traits(0.0, other)).held_out_psnr_db for other in (None, reference))
    assert alone is not None
    assert beside is not None
    assert beside > alone + 0.1


def test_the_reference_is_not_asked_for_small_bandwidths() -> None:
    flow, reference = flow_of(EncodingSpec("gaussian", 0.3, 16)), flow_of(EncodingSpec("gaussian", 0.7, 16))
    assert finite_width(flow, PLAN, Traits(0.0, reference)) == finite_width(flow, PLAN)


def test_without_hold_out_only_training_is_forecast() -> None:
    scores = finite_width(flow_of(SPECS[0], problem_with(None)), PLAN)
    assert math.isfinite(scores.train_psnr_db)
    assert (scores.held_out_psnr_db, scores.low_db, scores.high_db) == (None, None, None)
    assert scores.shifted(1.0) == scores


def test_a_signal_that_is_learned_at_once_has_finite_scores() -> None:
    """As silence is: it has the value that networks start at."""
    given = problem_with(RandomHoldOut(0.1))
    assert given.held_out is not None
    training, held_out = (replace(s, values=0 * s.values + 0.5) for s in (given.training, given.held_out))
    for spec in SPECS:
        scores = finite_width(flow_of(spec, replace(given, training=training, held_out=held_out)), PLAN)
        assert math.isfinite(scores.train_psnr_db)
        assert scores.held_out_psnr_db is not None
        assert 100 < scores.held_out_psnr_db < 200


sizes = st.tuples(st.integers(1, 20), st.integers(1, 5000), st.integers(1, 5000))


@given(density=densities, directed=st.floats(0, 3), gap=st.floats(-50, 200))
def test_gains_are_bounded(density: float, directed: float, gap: float) -> None:
    terms = gain_terms("mapped", density, Signs(directed, 0.0, gap, 0.2))
    assert terms[0] == 1
    assert ((terms >= -0.5) & (terms <= 1.5)).all()


@given(density=densities, sizes=sizes, steps=st.integers(1, 10**6))
def test_delays_do_not_go_beyond_what_was_tried(density: float, sizes: tuple[int, int, int], steps: int) -> None:
    assert (delay_terms("mapped", density, 3.0, sizes, steps).abs() <= 4).all()


@given(density=densities, factor=st.floats(1.0, 1.05))
def test_gains_are_smooth(density: float, factor: float) -> None:
    near, far = (gain_terms("mapped", d, Signs(2.0, 0.0, 8.0, 0.5)) for d in (density, density * factor))
    assert float((far - near).abs().max()) < 0.1


def test_gains_differ_over_the_bandwidths_and_signals_that_are_tried() -> None:
    rng = np.random.default_rng(0)
    tried = [(2.0 ** rng.uniform(-1, 3.5) / 64, Signs(*rng.uniform(0, (3, 5, 60, 1)))) for _ in range(200)]
    terms = torch.stack([gain_terms("mapped", *one) for one in tried])
    assert torch.linalg.matrix_rank(terms) == terms.shape[1]


def test_an_encoding_of_frequency_zero_alone_is_judged_too() -> None:
    values = np.random.default_rng(0).random((8, 8, 8)).astype(np.float32)
    record = fourierfield.fit(values, steps=2, features=4, width=8).record
    assert record["forecast"]["train_psnr_db"] is not None
