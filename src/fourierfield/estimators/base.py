"""What both regressors share: how they read arrays and how they hand them back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from ..errors import SettingsError

if TYPE_CHECKING:
    from .samples import Tabular

__all__ = ["FieldRegressor", "in_deviations"]


class FieldRegressor(MultiOutputMixin, RegressorMixin, BaseEstimator):
    """A regressor whose ``field_`` maps coordinates to targets."""

    def _table(self, X: Any, y: Any, sample_weight: Any) -> Tabular:  # noqa: N803
        """The problem of a call of ``fit``."""
        from .samples import tabular_problem

        X, y = validate_data(  # noqa: N806
            self, X, y, dtype=np.float64, multi_output=True, y_numeric=True
        )
        weights = np.ones(len(X))
        if sample_weight is not None:
            weights = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
        if not weights.any():
            raise SettingsError("all sample weights are zero; at least one has to be positive")
        names = getattr(self, "feature_names_in_", [f"x{i}" for i in range(X.shape[1])])
        self._flat = y.ndim == 1
        return tabular_problem(X, y.reshape(len(y), -1).astype(np.float64), weights, names)

    def _keep(self, table: Tabular) -> None:
        """Attributes that say how inputs become coordinates."""
        self.features_ = table.features
        self.field_.placement = table.placement

    def _coordinates(self, X: Any) -> np.ndarray:  # noqa: N803
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)  # noqa: N806
        return self.field_.placement.to_coordinates(X[:, self.features_])

    def _shaped(self, values: np.ndarray) -> np.ndarray:
        """Values (N, C) as the targets were given."""
        return values[:, 0] if self._flat else values

    def _seed(self) -> int:
        return int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))


def in_deviations(bandwidth: float | tuple[float, ...] | None, unit: float) -> float | np.ndarray | None:
    """Cycles per standard deviation of cycles per coordinate unit."""
    if bandwidth is None:
        return None
    return np.array(bandwidth) / unit if isinstance(bandwidth, tuple) else bandwidth / unit
