"""The network of finite width as an estimator."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_diabetes
from sklearn.model_selection import cross_val_score

import fourierfield
from fourierfield import FourierFeatureRegressor
from fourierfield.estimators._network import usual_batch, usual_steps

SMALL = {"features": 32, "width": 32, "random_state": 0}


def table(rows: int, inputs: int, noise: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    columns = rng.normal(size=(rows, inputs))
    return columns, np.sin(2 * columns[:, 0]) + columns.sum(axis=1) + noise * rng.normal(size=rows)


@pytest.mark.parametrize("inputs", [1, 3, 7])
def test_it_learns(inputs: int) -> None:
    columns, targets = table(400, inputs)
    model = FourierFeatureRegressor(**SMALL).fit(columns[:300], targets[:300])
    assert model.score(columns[300:], targets[300:]) > 0.95


def test_noise_stops_it_earlier() -> None:
    columns, targets = table(300, 2, noise=0.02)
    clean = FourierFeatureRegressor(**SMALL).fit(columns, targets)
    noisy = FourierFeatureRegressor(**SMALL).fit(columns, targets + 2 * np.random.default_rng(1).normal(size=300))
    assert noisy.noise_ > 0.05 > 0.01 > clean.noise_
    assert noisy.steps_ < clean.steps_ / 2
    assert clean.steps_ == usual_steps(300, clean.noise_)


def test_noise_is_not_learned() -> None:
    inputs, targets = load_diabetes(return_X_y=True)
    assert cross_val_score(FourierFeatureRegressor(random_state=0), inputs, targets, cv=3).mean() > 0.45


def test_weights_tell_good_samples_from_bad_ones() -> None:
    rng = np.random.default_rng(0)
    columns = rng.random((200, 1))
    spread = np.where(rng.random(200) < 0.5, 0.02, 1.0)
    truth = np.sin(9 * columns[:, 0])
    targets = truth + spread * rng.normal(size=200)
    errors = [
        np.sqrt(np.mean((FourierFeatureRegressor(**SMALL).fit(columns, targets, w).predict(columns) - truth) ** 2))
        for w in (None, 1 / spread**2)
    ]
    assert errors[1] < 0.05 < errors[0]


def test_the_seed_decides() -> None:
    columns, targets = table(60, 2)
    found = [
        FourierFeatureRegressor(**{**SMALL, "random_state": seed}, steps=30).fit(columns, targets).predict(columns)
        for seed in (0, 0, np.random.RandomState(0), 1)
    ]
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])
    assert np.abs(found[0] - found[3]).max() > 1e-6


def test_what_is_given_is_used() -> None:
    columns, targets = table(60, 3)
    model = FourierFeatureRegressor(bandwidth=[0.1, 0.2, 0.3], steps=25, batch_size=16, **SMALL).fit(columns, targets)
    np.testing.assert_allclose(model.bandwidth_, [0.1, 0.2, 0.3])
    assert model.steps_ == 25
    assert model.noise_ is None
    assert model.field_.network.mlp.spec.width == 32
    one = FourierFeatureRegressor(bandwidth=0.2, **SMALL).fit(columns, targets)
    assert one.bandwidth_ == pytest.approx(0.2)
    assert one.steps_ == usual_steps(60, one.noise_)


def test_one_step_is_near_the_mean() -> None:
    columns, targets = table(60, 2)
    model = FourierFeatureRegressor(steps=1, learning_rate=1e-6, **SMALL).fit(columns, targets + 100)
    np.testing.assert_allclose(model.predict(10 * columns), np.mean(targets) + 100, atol=1e-3)


@pytest.mark.parametrize(
    ("encoding", "inputs", "score"),
    [
        ("laplace", 5, 0.8),
        ("uniform", 5, 0.8),
        ("log-uniform", 5, 0.2),
        ("log-uniform", 2, 0.8),
        ("positional", 5, 0.5),
        ("nerf", 2, 0.3),
        ("power-law", 2, 0.3),
        ("basic", 2, 0.5),
        ("none", 5, 0.8),
    ],
)
def test_other_encodings(encoding: str, inputs: int, score: float) -> None:
    columns, targets = table(300, inputs)
    model = FourierFeatureRegressor(encoding=encoding, **SMALL).fit(columns[:250], targets[:250])
    assert model.score(columns[250:], targets[250:]) > score
    assert model.steps_ >= 50


@pytest.mark.parametrize("depth", [1, 2])
def test_shallow_networks(depth: int) -> None:
    columns, targets = table(200, 2)
    model = FourierFeatureRegressor(depth=depth, learning_rate=1e-2, **SMALL).fit(columns, targets)
    assert model.score(columns, targets) > 0.8


def test_the_field_can_be_saved_and_read_back(tmp_path: Path) -> None:
    columns, targets = table(60, 4)
    model = FourierFeatureRegressor(steps=50, **SMALL).fit(columns, targets)
    model.field_.save(tmp_path / "table.safetensors")
    field = fourierfield.load(tmp_path / "table.safetensors")
    found = field(field.placement.to_coordinates(columns))  # type: ignore[union-attr]
    np.testing.assert_allclose(found[:, 0], model.predict(columns), rtol=1e-4, atol=1e-4)


def test_rules() -> None:
    assert usual_steps(10, 100.0) == 50
    assert usual_steps(10**6, 1e-6) == 5000
    assert [usual_batch(n) for n in (1, 1000, 10_000, 10**6)] == [64, 64, 512, 1024]
