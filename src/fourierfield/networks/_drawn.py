"""Draw what a field can say beside its values: the magnitude of complex ones, and their standard deviation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from torch import Tensor

from ..grids._domain import Grid
from ._field import Drawable, Field, Points, Report, unreported
from ._values import ValueRange

_ROWS = 1 << 13  # standard deviations that are computed before they are reported: about a second


class MagnitudeField:
    """The magnitude |f(v)| of a field with a real and an imaginary part, for pictures of it.

    For a field of their standard deviations it is that of the complex value, √(σ_re² + σ_im²).
    """

    def __init__(self, field: Drawable) -> None:
        self._field = field
        source, (_, peak) = field.source, field.value_range.common
        self.source = replace(source, channels=1, sample_format=replace(source.sample_format, dtype="float32"))
        self.domain, self.value_range = field.domain, ValueRange(0.0, peak)
        self.record, self.placement = field.record, field.placement

    def __call__(self, coordinates: Points) -> Points:
        """Compute the magnitudes (…, 1) at ``coordinates`` (…, d)."""
        values = self._field(coordinates)
        if isinstance(values, Tensor):
            return values.square().sum(-1, keepdim=True).sqrt()
        return np.linalg.norm(values, axis=-1, keepdims=True)

    def sample(self, grid: Grid, report: Report = unreported) -> np.ndarray:
        """Compute the magnitudes (n₁, …, n_d, 1), float32, at the centres of a grid's cells."""
        return np.linalg.norm(self._field.sample(grid, report), axis=-1, keepdims=True)


class DeviationField:
    """The standard deviation of a kernel field at v, in the signal's values; ``SettingsError`` for any other field."""

    def __init__(self, field: Field) -> None:
        self._field = field
        self.domain, self.value_range, self.source = field.domain, field.value_range, field.source
        self.record, self.placement = field.record, field.placement

    def __call__(self, coordinates: Points) -> Points:
        """Compute the standard deviations (…, C) at ``coordinates`` (…, d)."""
        return self._field.deviation(coordinates)

    def sample(self, grid: Grid, report: Report = unreported) -> np.ndarray:
        """Compute the standard deviations (n₁, …, n_d, C), float32, at the centres of a grid's cells."""
        values = np.empty((grid.size, self.source.channels), dtype=np.float32)
        for start in range(0, grid.size, _ROWS):
            flat = np.arange(start, min(start + _ROWS, grid.size))
            values[flat] = self._field.deviation(grid.coordinates(flat))
            report(int(flat[-1]) + 1)
        return values.reshape(*grid.shape, -1)
