"""The loop on scattered points, in any number of dimensions, weighted or not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from fourierfield.encodings._families import gaussian
from fourierfield.grids._domain import Domain
from fourierfield.grids._sample_format import SampleFormat
from fourierfield.grids._signal import SignalDescription
from fourierfield.networks._mlp import MLP, CoordinateNetwork, MLPSpec
from fourierfield.networks._values import ValueRange
from fourierfield.problems._margin import training_with_margin
from fourierfield.problems._points import PointProblem, PointSamples
from fourierfield.training._data import TrainingData
from fourierfield.training._loop import train
from fourierfield.training._optimiser import accumulate_gradients
from fourierfield.training._plan import TrainingPlan
from fourierfield.training._schedules import WarmupCosine
from fourierfield.training._scoring import score_field

PLAN = TrainingPlan(steps=150, schedule=WarmupCosine(1e-2), batch_size=50)


def samples(count: int, dimensions: int, seed: int = 0) -> PointSamples:
    points = torch.from_numpy(np.random.default_rng(seed).random((count, dimensions)))
    waves = torch.sin(4 * points[:, :1]) + points.sum(1, keepdim=True)
    return PointSamples(points, torch.cat([0.5 + 0.2 * waves, 0.5 - 0.1 * waves], dim=1))


def problem(dimensions: int, training: PointSamples | None = None) -> PointProblem:
    source = SignalDescription("table", (200,), 2, SampleFormat("float64"))
    domain = Domain((1.0,) * dimensions, ("",) * dimensions)
    value_range = ValueRange((10.0, 0.0), (2.0, 1.0))
    return PointProblem(
        domain, training or samples(200, dimensions), samples(100, dimensions, seed=1), value_range, source
    )


def network(dimensions: int) -> CoordinateNetwork:
    generator = torch.Generator().manual_seed(0)
    encoding = gaussian(dimensions, 0.4 / dimensions, 16, generator=generator)
    return CoordinateNetwork(encoding, MLP(MLPSpec(32, 2, depth=3, width=24, output="none"), generator))


def weights(made: CoordinateNetwork) -> torch.Tensor:
    return nn.utils.parameters_to_vector(made.mlp.parameters())


@pytest.mark.parametrize("dimensions", [1, 3, 6])
def test_points_in_any_dimension_are_learned_and_scored(dimensions: int) -> None:
    given = problem(dimensions)
    field, curve = train(given, network(dimensions), replace(PLAN, steps=400))
    last = curve[-1]
    assert last["held_out_psnr_db"] > 20  # type: ignore[operator]
    scores = score_field(field, given)
    for name in ("train_psnr_db", "held_out_psnr_db"):
        assert scores[name] == pytest.approx(last[name], abs=1e-2)  # type: ignore[arg-type]
    assert given.held_out is not None
    error = field(given.held_out.coordinates()).double() - given.value_range.restore(given.held_out.values)
    assert error[:, 0].square().mean().sqrt() == pytest.approx(2 * error[:, 1].square().mean().sqrt(), rel=4)


def test_a_margin_leaves_points_as_they_are() -> None:
    given = problem(2)
    assert training_with_margin(given, 4.0) is given.training
    with_margin, without = network(2), network(2)
    train(given, with_margin, replace(PLAN, margin=4.0))
    train(given, without, PLAN)
    assert torch.equal(weights(with_margin), weights(without))


def test_targets_are_single_precision_and_features_the_same_computed_or_kept() -> None:
    given, encoding = samples(200, 2), network(2).encoding
    kept, computed = (TrainingData(given, encoding, PLAN, precompute=p).batch(3) for p in (True, False))
    assert kept.targets.dtype == torch.float32
    assert kept.weights is None
    for a, b in zip(kept[:2], computed[:2], strict=True):
        assert torch.equal(a, b)


@pytest.mark.parametrize("precompute", [True, False])
def test_weights_go_with_their_samples_and_are_one_in_the_mean(precompute: bool) -> None:
    weighted = replace(samples(200, 2), weights=torch.arange(1, 201, dtype=torch.float64))
    encoding = network(2).encoding
    batch = TrainingData(weighted, encoding, PLAN, precompute=precompute).batch(1)
    plain = TrainingData(replace(weighted, values=weighted.weights[:, None]), encoding, PLAN, precompute=precompute)  # type: ignore[index]
    assert batch.weights is not None
    torch.testing.assert_close(batch.weights, plain.batch(1).targets[:, 0] / 100.5)
    whole = TrainingData(weighted, encoding, replace(PLAN, batch_size=None), precompute=precompute).batch(0)
    assert whole.weights is not None
    assert whole.weights.mean().item() == pytest.approx(1.0)


def test_twice_the_weight_is_twice_the_sample() -> None:
    given = samples(60, 2)
    twice = torch.arange(60) < 20
    repeated = given.at(torch.cat([torch.arange(60), torch.arange(20)]))
    weighted = replace(given, weights=1.0 + twice.double())
    found = []
    for training in (repeated, weighted):
        made = network(2)
        train(problem(2, training), made, replace(PLAN, batch_size=None, steps=20, schedule=WarmupCosine(1e-3)))
        found.append(weights(made))
    torch.testing.assert_close(*found, rtol=0, atol=1e-4)


def test_weighted_blocks_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = torch.Generator().manual_seed(0)
    features, targets, w = (torch.rand(50, n, generator=generator) for n in (8, 2, 1))
    found = []
    for rows in (50, 7):
        monkeypatch.setattr("fourierfield.training._optimiser._CACHED_ROWS", rows)
        mlp = MLP(MLPSpec(8, 2, depth=3, width=16), torch.Generator().manual_seed(1))
        found.append((accumulate_gradients(mlp, features, targets, PLAN, w[:, 0]), mlp.layers[0].weight.grad))
    torch.testing.assert_close(found[0], found[1], rtol=1e-5, atol=1e-7)
    outputs = MLP(MLPSpec(8, 2, depth=3, width=16), torch.Generator().manual_seed(1))(features)
    torch.testing.assert_close(found[0][0], 0.5 * (w * (outputs - targets).square()).mean().detach())


def test_fewer_points_keep_their_weights() -> None:
    weighted = replace(samples(30, 1), weights=torch.arange(30, dtype=torch.float64))
    some = weighted.subset(10)
    assert some.weights is not None
    torch.testing.assert_close(some.points, weighted.points[some.weights.long()])
