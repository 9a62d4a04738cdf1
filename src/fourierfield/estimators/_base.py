"""The base class of the regressors, and the checks and units of their parameters."""

from __future__ import annotations

import math
from collections.abc import Collection
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from ..errors import SettingsError

if TYPE_CHECKING:
    from ..encodings._spec import EncodingSpec
    from ..regression._choice import KernelChoice
    from ..regression._spec import KernelSpec
    from ._samples import Tabular

_MOST_ON_LATTICE = 3  # most inputs of a power law, whose frequencies fill a lattice


class FieldRegressor(MultiOutputMixin, RegressorMixin, BaseEstimator):
    """A regressor whose ``field_`` maps coordinates to targets."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:  # noqa: N803
        """Choose what is "auto", and solve for the field or train it.

        A network's loss is ½·Σ w (f − y)²/Σ w. For a kernel the noise of a sample has the variance ridge/w.

        Args:
            X: Inputs (N, p).
            y: Targets (N,) or (N, C).
            sample_weight: Weights w (N,) ≥ 0, 1 by default. Samples of weight 0 are left out.

        Returns:
            The regressor itself.

        Raises:
            ValueError: If an array or a parameter cannot be used (``SettingsError``), or if there are more samples than
                fit in memory (``TooLargeError``).
        """
        self._check()
        table = self._table(X, y, sample_weight)
        self.bandwidth_ = in_deviations(self._fit(table).bandwidth, table.unit)
        self.features_ = table.features
        self.field_.placement = table.placement
        return self

    def _check(self) -> None:
        """Raise ``SettingsError`` for parameters that can be judged without data."""

    def _fit(self, table: Tabular) -> EncodingSpec:
        """Set ``field_``; return its encoding, in coordinate units."""
        raise NotImplementedError

    def _likeliest(
        self, table: Tabular, kernels: list[KernelSpec], free: bool, ridge: float | None = None
    ) -> KernelChoice:
        """Choose by likelihood among kernels whose bandwidth is ``free`` or fixed."""
        from ..regression._choice import Candidates, choose_kernel

        training = table.problem.training
        candidates = Candidates(free=kernels) if free else Candidates(fixed=kernels)
        values = training.values - training.values.mean(0)
        return choose_kernel(training, values, candidates, ridge=ridge, scatter=table.scatter)

    def _table(self, X: Any, y: Any, sample_weight: Any) -> Tabular:  # noqa: N803
        """Validate the arguments of ``fit`` and return their problem."""
        from ._samples import tabular_problem

        X, y = validate_data(  # noqa: N806
            self, X, y, dtype=np.float64, multi_output=True, y_numeric=True
        )
        weights = np.ones(len(X))
        if sample_weight is not None:
            weights = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
        if not weights.any():
            raise SettingsError("all sample weights are zero; at least one must be positive")
        names = getattr(self, "feature_names_in_", [f"x{i}" for i in range(X.shape[1])])
        self._flat = y.ndim == 1
        return tabular_problem(X, y.reshape(len(y), -1).astype(np.float64), weights, names)

    def _coordinates(self, X: Any) -> np.ndarray:  # noqa: N803
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)  # noqa: N806
        return self.field_.placement.to_coordinates(X[:, self.features_])

    def _shaped(self, values: np.ndarray) -> np.ndarray:
        """Return values (N, C) in the shape of the targets that were given to ``fit``."""
        return values[:, 0] if self._flat else values

    def _seed(self) -> int:
        return int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))


def in_deviations(bandwidth: float | tuple[float, ...] | None, unit: float) -> float | np.ndarray | None:
    """Convert a bandwidth from cycles per coordinate unit to cycles per standard deviation."""
    if bandwidth is None:
        return None
    return np.array(bandwidth) / unit if isinstance(bandwidth, tuple) else bandwidth / unit


def require_word(name: str, value: Any, words: Collection[str]) -> None:
    """Raise ``SettingsError`` unless a parameter is one of ``words``."""
    if not isinstance(value, str) or value not in words:
        raise SettingsError(f"{name}={value!r}: use {', '.join(words)}")


def require_counts(**counts: Any) -> None:
    """Raise ``SettingsError`` unless all parameters are whole numbers of at least 1."""
    for name, value in counts.items():
        if not isinstance(value, Integral) or isinstance(value, bool) or value < 1:
            raise SettingsError(f"{name}={value!r}: must be a whole number, 1 or more")


def is_auto(name: str, value: Any) -> bool:
    """Return whether a parameter is "auto". Raise ``SettingsError`` for any other string."""
    if not isinstance(value, str):
        return False
    require_word(name, value, ["auto"])
    return True


def require(name: str, value: Any) -> float:
    """Return a parameter as a float. Raise ``SettingsError`` unless it is a positive number."""
    if not isinstance(value, Real) or isinstance(value, bool) or not 0 < float(value) < math.inf:
        raise SettingsError(f"{name}={value!r}: must be a positive number")
    return float(value)


def bandwidth_in_units(bandwidth: Any, table: Tabular, inputs: int) -> float | tuple[float, ...] | None:
    """Convert a bandwidth, or one per input, from cycles per deviation to cycles per unit; None for "auto"."""
    if is_auto("bandwidth", bandwidth):
        return None
    if isinstance(bandwidth, Real):
        return require("bandwidth", bandwidth) * table.unit
    numbers = np.asarray(bandwidth, dtype=object)
    if numbers.shape != (inputs,):
        raise SettingsError(
            f"bandwidth: give one number or {inputs}, one for each input, not the shape {numbers.shape}"
        )
    return tuple(require("bandwidth", numbers[i]) * table.unit for i in table.features)


def encoding_for(
    family: str, bandwidth: float | tuple[float, ...] | None, features: int | None, dimensions: int
) -> EncodingSpec:
    """Return a family's encoding with about ``features`` frequencies; None is infinitely many, or its own number."""
    from ..encodings._registry import FAMILIES
    from ..encodings._spec import EncodingSpec

    require_word("encoding", family, FAMILIES)
    if family == "power-law" and dimensions > _MOST_ON_LATTICE:
        raise SettingsError(f"encoding='power-law' takes up to {_MOST_ON_LATTICE} inputs, not {dimensions}")
    if FAMILIES[family].sets_features:
        features = None
    if FAMILIES[family].on_axes and features is not None:
        features = dimensions * max(1, round(features / dimensions))
    if not FAMILIES[family].has_bandwidth:
        return EncodingSpec(family, None, features)
    return EncodingSpec(family, 1.0 if bandwidth is None else bandwidth, features)  # 1 is replaced by the choice
