"""The standard deviation of a kernel field, as a field of its own."""

from __future__ import annotations

from typing import overload

import numpy as np
from torch import Tensor

from ..errors import SettingsError
from ..networks import Field
from ..signals import Grid
from .field import KernelField

__all__ = ["DeviationField"]


class DeviationField:
    """v ↦ standard deviation of a kernel field at v, in the signal's values: to be drawn like any field.

    Raises ``SettingsError`` for a field that is none of kernels, and for its own gradient.
    """

    def __init__(self, field: Field) -> None:
        if not isinstance(field, KernelField):
            raise SettingsError("--uncertainty: a network does not know it; fit with --method kernel")
        self._field = field
        self.domain, self.value_range, self.source = field.domain, field.value_range, field.source
        self.record, self.placement = field.record, field.placement

    @overload
    def __call__(self, coordinates: Tensor) -> Tensor: ...
    @overload
    def __call__(self, coordinates: np.ndarray) -> np.ndarray: ...
    def __call__(self, coordinates: Tensor | np.ndarray) -> Tensor | np.ndarray:
        """Standard deviations (…, C) at ``coordinates`` (…, d)."""
        return self._field.deviation(coordinates)

    def gradient(self, coordinates: Tensor | np.ndarray) -> Tensor | np.ndarray:
        raise SettingsError("the gradient of a standard deviation is not known")

    def sample(self, grid: Grid) -> np.ndarray:
        """Standard deviations (n₁, …, n_d, C), float32, at the centres of a grid's cells."""
        found = self._field.deviation(grid.coordinates(np.arange(grid.size)))
        return np.asarray(found, dtype=np.float32).reshape(*grid.shape, -1)

    def save(self, path: object) -> None:
        raise SettingsError("a standard deviation is saved with its field")
