"""The standard deviation of a field, as something that can be drawn."""

from __future__ import annotations

from typing import overload

import numpy as np
from torch import Tensor

from ..grids._domain import Grid
from ..networks._field import Field


class DeviationField:
    """The standard deviation of a kernel field at v, in the signal's values, as a field that can be drawn.

    Evaluating it raises ``SettingsError`` for any other field.
    """

    def __init__(self, field: Field) -> None:
        self._field = field
        self.domain, self.value_range, self.source = field.domain, field.value_range, field.source
        self.record, self.placement = field.record, field.placement

    @overload
    def __call__(self, coordinates: Tensor) -> Tensor: ...
    @overload
    def __call__(self, coordinates: np.ndarray) -> np.ndarray: ...
    def __call__(self, coordinates: Tensor | np.ndarray) -> Tensor | np.ndarray:
        """Compute the standard deviations (…, C) at ``coordinates`` (…, d)."""
        return self._field.deviation(coordinates)

    def sample(self, grid: Grid) -> np.ndarray:
        """Compute the standard deviations (n₁, …, n_d, C), float32, at the centres of a grid's cells."""
        found = self._field.deviation(grid.coordinates(np.arange(grid.size)))
        return np.asarray(found, dtype=np.float32).reshape(*grid.shape, -1)
