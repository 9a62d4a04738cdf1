"""From tables to problems."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourierfield.errors import SettingsError
from fourierfield.estimators._samples import merge_equal, tabular_problem


def table(rows: int = 40, inputs: int = 3, seed: int = 0) -> tuple[np.ndarray, np.ndarray, list[str]]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(rows, inputs)) * 10.0 ** np.arange(inputs), rng.normal(size=(rows, 2)), list("abcdef")


def test_features_and_targets_have_a_standard_deviation_of_one_in_common_units() -> None:
    inputs, targets, names = table()
    found = tabular_problem(inputs, targets, np.ones(40), names)
    points, values = found.problem.training.points.numpy(), found.problem.training.values.numpy()
    np.testing.assert_allclose(points.std(axis=0) * found.unit, 1.0)
    np.testing.assert_allclose(points.min(axis=0), 0.0)
    np.testing.assert_allclose(points.max(axis=0), found.problem.domain.sides)
    assert points.max() == pytest.approx(1.0)
    np.testing.assert_allclose(values.mean(axis=0), 0.0, atol=1e-12)
    np.testing.assert_allclose(values.std(axis=0), 1.0)
    np.testing.assert_allclose(found.placement.to_coordinates(inputs[np.argsort(inputs[:, 0])]), points)
    np.testing.assert_allclose(found.problem.value_range.restore(values), targets[np.argsort(inputs[:, 0])])
    assert found.problem.training.weights is None


@given(st.integers(0, 1000))
def test_repeated_is_weighted_in_any_order(seed: int) -> None:
    inputs, targets, names = table(15, 2, seed)
    rng = np.random.default_rng(seed)
    counts = rng.integers(0, 4, 15)
    counts[0] = 1
    inputs[5] = inputs[6]
    order = rng.permutation(counts.sum())
    repeated = tabular_problem(
        inputs.repeat(counts, axis=0)[order], targets.repeat(counts, axis=0)[order], np.ones(counts.sum()), names
    )
    weighted = tabular_problem(inputs, targets, counts.astype(float), names)
    for a, b in zip(training(repeated), training(weighted), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)
    assert repeated.problem.domain == weighted.problem.domain
    np.testing.assert_allclose(repeated.scatter.squares, weighted.scatter.squares, rtol=1e-9)
    np.testing.assert_array_equal(repeated.scatter.freedom, weighted.scatter.freedom)


def training(found) -> list[np.ndarray]:  # type: ignore[no-untyped-def]
    samples = found.problem.training
    weights = np.ones(len(samples)) if samples.weights is None else samples.weights.numpy()
    return [samples.points.numpy(), samples.values.numpy(), weights]


def test_the_scatter_of_equal_inputs_is_their_pooled_variance() -> None:
    inputs = np.repeat([[0.0], [1.0], [2.0]], [3, 2, 1], axis=0)
    targets = np.array([[1.0, 0.1], [2.0, 0.1], [6.0, 0.1], [4.0, 0.3], [8.0, 0.5], [9.0, 0.0]])
    scatter = merge_equal(inputs, targets, np.ones(6)).scatter
    np.testing.assert_allclose(scatter.squares, [14 + 8, 0.02])
    np.testing.assert_array_equal(scatter.freedom, [2 + 1, 1])  # three times 0.1 says nothing


def test_features_that_do_not_vary_are_left_out() -> None:
    inputs, targets, names = table(10, 4)
    inputs[:, 1] = 1e9 + 1e-7 * np.arange(10)  # rounding
    inputs[:, 2] = 3.0
    found = tabular_problem(inputs, targets, np.ones(10), names)
    np.testing.assert_array_equal(found.features, [0, 3])
    assert found.placement.names == ("a", "d")
    alike = tabular_problem(np.ones((4, 2)), targets[:4], np.ones(4), names)
    assert len(alike.problem.training) == 1
    assert alike.placement.names == ("a",)


def test_the_features_of_weightless_samples_do_not_count() -> None:
    inputs, targets, names = table(10, 2)
    inputs[0] = 1e6
    weights = np.ones(10)
    weights[0] = 0
    found, without = (
        tabular_problem(*part, names) for part in ((inputs, targets, weights), (inputs[1:], targets[1:], weights[1:]))
    )
    assert found.placement == without.placement


def test_spans_beyond_numbers_are_told() -> None:
    inputs = np.array([[0.0, -1.7e308], [1.0, 1.7e308]])
    with pytest.raises(SettingsError, match="feature 1 spans more"):
        tabular_problem(inputs, np.ones((2, 1)), np.ones(2), ["a", "b"])
