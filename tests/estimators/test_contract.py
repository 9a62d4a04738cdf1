"""scikit-learn's own checks, and what its users put around an estimator."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_diabetes
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import QuantileTransformer
from sklearn.utils.estimator_checks import parametrize_with_checks

from fourierfield import FourierFeatureRegressor, NeuralTangentRegressor

SMALL = {"features": 16, "width": 32, "steps": 60, "learning_rate": 1e-2}
BOTH = [NeuralTangentRegressor(), FourierFeatureRegressor(**SMALL, random_state=0)]


@parametrize_with_checks([NeuralTangentRegressor(), FourierFeatureRegressor(**SMALL)])
def test_scikit_learn_has_no_objection(estimator, check: Callable) -> None:  # type: ignore[no-untyped-def]
    check(estimator)


@pytest.fixture
def table() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    inputs = rng.random((60, 3)) * [1.0, 1000.0, 1e-6]
    return inputs, np.sin(6 * inputs[:, 0]) + inputs[:, 1] / 1000


@pytest.mark.parametrize("model", BOTH, ids=repr)
def test_pipelines_searches_and_cross_validation(model, table: tuple[np.ndarray, np.ndarray]) -> None:  # type: ignore[no-untyped-def]
    inputs, targets = table
    pipeline = make_pipeline(QuantileTransformer(n_quantiles=20), model)
    assert cross_val_score(pipeline, inputs, targets, cv=3).min() > 0.6
    search = GridSearchCV(model, {"bandwidth": [0.05, 20.0]}, cv=3).fit(inputs, targets)
    assert search.best_params_ == {"bandwidth": 0.05}
    assert search.score(inputs, targets) > 0.9


@pytest.mark.parametrize("model", BOTH, ids=repr)
def test_clones_and_pickles_predict_the_same(model, table: tuple[np.ndarray, np.ndarray]) -> None:  # type: ignore[no-untyped-def]
    inputs, targets = table
    fitted = clone(model).fit(inputs, targets)
    expected = fitted.predict(inputs)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(fitted)).predict(inputs), expected)
    np.testing.assert_array_equal(clone(fitted).fit(inputs, targets).predict(inputs), expected)


@pytest.mark.parametrize("model", BOTH, ids=repr)
def test_frames_give_their_columns_names(model) -> None:  # type: ignore[no-untyped-def]
    frame, target = load_diabetes(return_X_y=True, as_frame=True)
    frame, target = frame[["bmi", "bp", "s5"]][:80].assign(site=1.0), target[:80]
    fitted = clone(model).fit(frame, target)
    assert list(fitted.feature_names_in_) == ["bmi", "bp", "s5", "site"]
    assert fitted.field_.placement.names == ("bmi", "bp", "s5")
    with pytest.raises(ValueError, match="feature names"):
        fitted.predict(frame[["bp", "bmi", "s5", "site"]])


@pytest.mark.parametrize("model", BOTH, ids=repr)
def test_the_order_of_rows_does_not_matter(model, table: tuple[np.ndarray, np.ndarray]) -> None:  # type: ignore[no-untyped-def]
    inputs, targets = table
    order = np.random.default_rng(1).permutation(len(inputs))
    straight, mixed = clone(model).fit(inputs, targets), clone(model).fit(inputs[order], targets[order])
    np.testing.assert_array_equal(straight.predict(inputs), mixed.predict(inputs))


@pytest.mark.parametrize("model", BOTH, ids=repr)
def test_units_do_not_matter(model, table: tuple[np.ndarray, np.ndarray]) -> None:  # type: ignore[no-untyped-def]
    inputs, targets = table
    factors, shift = np.array([1e3, 1e-200, 1e150]), np.array([0.0, 0.0, 1e150])
    straight, scaled = clone(model).fit(inputs, targets), clone(model).fit(inputs * factors + shift, 1e6 * targets - 7)
    np.testing.assert_allclose(scaled.predict(inputs * factors + shift), 1e6 * straight.predict(inputs) - 7, rtol=2e-2)


@pytest.mark.parametrize("model", BOTH, ids=repr)
def test_constant_features_and_targets_are_allowed(model, table: tuple[np.ndarray, np.ndarray]) -> None:  # type: ignore[no-untyped-def]
    inputs, targets = table
    padded = np.column_stack([np.full(len(inputs), 7.0), inputs])
    fitted = clone(model).fit(padded, targets)
    np.testing.assert_array_equal(fitted.features_, [1, 2, 3])
    np.testing.assert_array_equal(fitted.predict(padded), clone(model).fit(inputs, targets).predict(inputs))
    np.testing.assert_allclose(clone(model).fit(inputs, np.full(len(inputs), 3.5)).predict(inputs), 3.5, atol=1e-6)
    alike = clone(model).fit(np.ones((5, 2)), np.arange(5.0))
    np.testing.assert_allclose(alike.predict(np.ones((1, 2))), 2.0, atol=1e-6)


@pytest.mark.parametrize("model", BOTH, ids=repr)
def test_several_targets_at_once(model, table: tuple[np.ndarray, np.ndarray]) -> None:  # type: ignore[no-untyped-def]
    inputs, targets = table
    both = np.column_stack([targets, 1000 - 50 * targets])
    fitted = clone(model).fit(inputs, both)
    found = fitted.predict(inputs)
    assert found.shape == both.shape
    assert fitted.score(inputs, both) > 0.9
    one = clone(model).fit(inputs, both[:, :1])
    assert one.predict(inputs).shape == (60, 1)
    np.testing.assert_allclose(1000 - 50 * found[:, 0], found[:, 1], atol=20)


@pytest.mark.parametrize(
    ("statement", "unwanted"),
    [
        ("import fourierfield.cli._app", ("sklearn", "torch")),
        ("from fourierfield import NeuralTangentRegressor, FourierFeatureRegressor", ("torch",)),
    ],
)
def test_nothing_heavy_is_imported_before_it_is_used(statement: str, unwanted: tuple[str, ...]) -> None:
    code = f"import sys; {statement}; sys.exit(any(name in sys.modules for name in {unwanted}))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
