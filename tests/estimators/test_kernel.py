"""The infinitely wide network as an estimator: against the algebra, and against its rivals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.datasets import load_diabetes, make_friedman1
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import fourierfield
from fourierfield import NeuralTangentRegressor
from fourierfield.errors import TooLargeError


def table(rows: int, inputs: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    columns = rng.normal(size=(rows, inputs))
    return columns, np.sin(2 * columns[:, 0]) + columns.sum(axis=1) + 0.1 * rng.normal(size=rows)


@pytest.mark.parametrize("inputs", [1, 2, 5])
@pytest.mark.parametrize("weighted", [False, True])
def test_it_is_kernel_ridge_regression_with_the_ntk(inputs: int, weighted: bool) -> None:
    columns, targets = table(50, inputs)
    weights = np.random.default_rng(1).uniform(0.2, 5.0, 50) if weighted else np.ones(50)
    model = NeuralTangentRegressor(bandwidth=0.2, ridge=0.05, kernel="ntk").fit(columns, targets, weights)
    field = model.field_
    everywhere = np.random.default_rng(2).normal(size=(30, inputs))
    points, at = (torch.from_numpy(field.placement.to_coordinates(x)) for x in (columns, everywhere))
    kernel = field.spec.kernel(inputs)
    matrix = kernel.between(points, points) + torch.diag(0.05 / torch.from_numpy(weights))
    offset = field.value_range.restore(field.weights.mean).numpy()[0]
    cross = kernel.between(at, points)
    expected = offset + (cross @ torch.linalg.solve(matrix, torch.from_numpy(targets - offset))).numpy()
    found, deviation = model.predict(everywhere, return_std=True)
    np.testing.assert_allclose(found, expected, atol=1e-9)
    variance = 1.05 - (cross * torch.linalg.solve(matrix, cross.T).T).sum(1).numpy()
    np.testing.assert_allclose(deviation / deviation[0], np.sqrt(variance / variance[0]), rtol=1e-6)
    assert (model.bandwidth_, model.ridge_, model.kernel_) == (pytest.approx(0.2), 0.05, "ntk")


def test_a_large_weight_pins_and_weight_zero_leaves_out() -> None:
    columns, targets = table(40, 2)
    targets[3] += 5
    model = NeuralTangentRegressor(bandwidth=0.2, ridge=0.1)
    weights = np.ones(40)
    weights[3] = 1e6
    pinned = model.fit(columns, targets, weights).predict(columns[3:4])
    assert pinned[0] == pytest.approx(targets[3], abs=1e-3)
    weights[3] = 0
    left_out = model.fit(columns, targets, weights).predict(columns)
    rest = np.arange(40) != 3
    np.testing.assert_array_equal(left_out, model.fit(columns[rest], targets[rest]).predict(columns))


def test_weights_tell_good_samples_from_bad_ones() -> None:
    rng = np.random.default_rng(0)
    columns = rng.random((200, 1))
    spread = np.where(rng.random(200) < 0.5, 0.02, 1.0)
    truth = np.sin(9 * columns[:, 0])
    targets = truth + spread * rng.normal(size=200)
    errors = [
        np.sqrt(np.mean((NeuralTangentRegressor().fit(columns, targets, w).predict(columns) - truth) ** 2))
        for w in (None, 1 / spread**2)
    ]
    assert errors[1] < 0.03 < 0.06 < errors[0]


def test_equal_inputs_tell_the_noise() -> None:
    rng = np.random.default_rng(0)
    columns = np.repeat(np.linspace(0, 1, 12), 60)[:, None]
    truth = np.sin(9 * columns[:, 0])
    targets = truth + 0.5 * rng.normal(size=720)
    found, deviation = NeuralTangentRegressor().fit(columns, targets).predict(columns, return_std=True)
    assert np.sqrt(np.mean((found - truth) ** 2)) < 0.1
    np.testing.assert_allclose(deviation, 0.5, rtol=0.1)


@pytest.mark.parametrize("inputs", [1, 2, 8])
def test_intervals_hold_what_they_promise(inputs: int) -> None:
    columns, targets = table(700, inputs)
    model = NeuralTangentRegressor().fit(columns[:400], targets[:400])
    found, deviation = model.predict(columns[400:], return_std=True)
    assert 0.84 < np.mean(np.abs(found - targets[400:]) < 1.645 * deviation) < 0.96


def test_beyond_the_dense_matrix_weights_count_alike() -> None:
    """More than 3,000 inputs go by NUFFT and the nearest, against the dense algebra."""
    columns, targets = table(3300, 2)
    weights = np.random.default_rng(1).uniform(0.2, 5.0, 3300)
    model = NeuralTangentRegressor(bandwidth=0.5, ridge=0.3, kernel="ntk").fit(columns, targets, weights)
    at = columns[:200] + 0.01
    points, elsewhere = (torch.from_numpy(model.field_.placement.to_coordinates(x)) for x in (columns, at))
    kernel = model.field_.spec.kernel(2)
    matrix = kernel.between(points, points) + torch.diag(0.3 / torch.from_numpy(weights))
    offset = model.field_.value_range.restore(model.field_.weights.mean).numpy()[0]
    cross = kernel.between(elsewhere, points)
    factor = torch.linalg.cholesky(matrix)
    expected = (
        offset + (cross @ torch.cholesky_solve(torch.from_numpy(targets - offset)[:, None], factor))[:, 0].numpy()
    )
    found, deviation = model.predict(at, return_std=True)
    np.testing.assert_allclose(found, expected, atol=2e-3 * targets.std())
    variance = 1.3 - (cross * torch.cholesky_solve(cross.T, factor).T).sum(1).numpy()
    shares = deviation / np.sqrt(variance)
    np.testing.assert_allclose(shares, np.median(shares), rtol=0.02)


def test_a_bandwidth_for_each_feature() -> None:
    columns, targets = table(150, 3)
    targets = np.sin(3 * columns[:, 0])
    alike = NeuralTangentRegressor().fit(columns[:100], targets[:100])
    apart = NeuralTangentRegressor(bandwidth=[0.3, 0.01, 0.01]).fit(columns[:100], targets[:100])
    np.testing.assert_allclose(apart.bandwidth_, [0.3, 0.01, 0.01])
    assert apart.score(columns[100:], targets[100:]) > max(0.95, alike.score(columns[100:], targets[100:]))


@pytest.mark.parametrize(
    ("encoding", "inputs", "score"),
    [
        ("laplace", 6, 0.9),
        ("uniform", 6, 0.9),
        ("log-uniform", 2, 0.8),
        ("positional", 2, 0.7),
        ("nerf", 2, 0.5),
        ("power-law", 2, 0.5),
        ("basic", 2, 0.5),
    ],
)
def test_other_encodings(encoding: str, inputs: int, score: float) -> None:
    columns, targets = table(150, inputs)
    model = NeuralTangentRegressor(encoding=encoding, random_state=0).fit(columns[:120], targets[:120])
    assert model.score(columns[120:], targets[120:]) > score
    assert (model.bandwidth_ is None) == (encoding == "basic")


def test_few_frequencies_are_drawn_by_the_random_state() -> None:
    columns, targets = table(60, 2)
    found = [
        NeuralTangentRegressor(features=8, random_state=s).fit(columns, targets).predict(columns) for s in (0, 0, 1)
    ]
    np.testing.assert_array_equal(found[0], found[1])
    assert np.abs(found[0] - found[2]).max() > 1e-6


@pytest.mark.parametrize("inputs", [2, 5])
def test_the_field_can_be_saved_and_read_back(inputs: int, tmp_path: Path) -> None:
    columns, targets = table(40, inputs)
    model = NeuralTangentRegressor().fit(columns, targets, np.linspace(0.5, 2, 40))
    model.field_.save(tmp_path / "table.safetensors")
    field = fourierfield.load(tmp_path / "table.safetensors")
    coordinates = field.placement.to_coordinates(columns)  # type: ignore[union-attr]
    found, deviation = model.predict(columns, return_std=True)
    np.testing.assert_allclose(field(coordinates)[:, 0], found, rtol=1e-12)
    np.testing.assert_allclose(field.deviation(coordinates)[:, 0], deviation, rtol=1e-12)  # type: ignore[union-attr]


def test_far_outside_it_returns_towards_the_mean_and_is_unsure() -> None:
    columns, targets = table(80, 4)
    model = NeuralTangentRegressor().fit(columns, targets)
    found, deviation = model.predict(np.vstack([columns, 1e6 * np.ones((1, 4))]), return_std=True)
    assert np.isfinite(found).all()
    assert deviation[-1] > 2 * np.median(deviation[:-1])


def test_too_many_samples_in_many_dimensions_are_refused_before_anything_is_computed() -> None:
    columns = np.random.default_rng(0).random((200_000, 4))
    with pytest.raises(TooLargeError, match="GB"):
        NeuralTangentRegressor().fit(columns, columns[:, 0])


def test_it_is_level_with_a_tuned_gaussian_process() -> None:
    kernel = ConstantKernel() * Matern(nu=2.5, length_scale_bounds=(1e-2, 1e3)) + WhiteKernel(0.1)
    rival = make_pipeline(StandardScaler(), GaussianProcessRegressor(kernel, normalize_y=True))
    diabetes = load_diabetes(return_X_y=True)
    friedman = make_friedman1(250, noise=1.0, random_state=0)
    for inputs, targets in (diabetes, friedman):
        scores = [cross_val_score(m, inputs, targets, cv=3).mean() for m in (NeuralTangentRegressor(), rival)]
        assert scores[0] > scores[1] - 0.01
