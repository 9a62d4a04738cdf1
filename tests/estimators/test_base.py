"""Parameters are looked at in ``fit``, and refused in one line."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fourierfield import FourierFeatureRegressor, NeuralTangentRegressor
from fourierfield.errors import SettingsError

INPUTS = np.random.default_rng(0).random((20, 4))
TARGETS = INPUTS.sum(axis=1)
COMMON: list[dict[str, Any]] = [
    {"bandwidth": "large"},
    {"bandwidth": 0.0},
    {"bandwidth": -1},
    {"bandwidth": np.nan},
    {"bandwidth": True},
    {"bandwidth": [1.0, 2.0]},
    {"bandwidth": [1.0, 2.0, -1.0, 1.0]},
    {"bandwidth": ["a", "b", "c", "d"]},
    {"encoding": "fourier"},
    {"encoding": "power-law"},
    {"depth": 0},
    {"depth": 2.5},
    {"features": -3},
]
KERNEL: list[dict[str, Any]] = [
    {"ridge": "some"},
    {"ridge": 0},
    {"ridge": np.inf},
    {"kernel": "rbf"},
    {"encoding": "none"},
    {"encoding": "log-uniform"},
]
NETWORK: list[dict[str, Any]] = [
    {"width": 0},
    {"steps": "many"},
    {"steps": 0},
    {"steps": 10.5},
    {"batch_size": "all"},
    {"batch_size": 0},
    {"learning_rate": 0},
    {"learning_rate": "slow"},
    {"features": None},
]


@pytest.mark.parametrize(
    ("model", "choice"),
    [(NeuralTangentRegressor, choice) for choice in COMMON + KERNEL]
    + [(FourierFeatureRegressor, choice) for choice in COMMON + NETWORK],
    ids=lambda value: value.__name__ if isinstance(value, type) else str(value),
)
def test_impossible_parameters_are_refused_in_fit(model: type, choice: dict[str, Any]) -> None:
    estimator = model(**choice)
    assert estimator.get_params()[next(iter(choice))] is next(iter(choice.values()))
    with pytest.raises(SettingsError) as caught:
        estimator.fit(INPUTS, TARGETS)
    assert "\n" not in str(caught.value)
    assert next(iter(choice)) in str(caught.value) or "log-uniform" in str(caught.value)


def test_weights_that_are_all_zero_or_negative_are_refused() -> None:
    for model in (NeuralTangentRegressor(), FourierFeatureRegressor()):
        with pytest.raises(ValueError, match="zero"):
            model.fit(INPUTS, TARGETS, sample_weight=np.zeros(20))
        with pytest.raises(ValueError, match=r"[Nn]egative"):
            model.fit(INPUTS, TARGETS, sample_weight=-np.ones(20))
