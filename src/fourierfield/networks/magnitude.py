"""The magnitude of a complex field."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import overload

import numpy as np
import torch
from torch import Tensor

from ..errors import SettingsError
from ..signals import Grid
from .field import Field
from .values import ValueRange

__all__ = ["MagnitudeField"]


class MagnitudeField:
    """v ↦ |f(v)| of a field with real and imaginary part: what pictures of it show. Of their standard deviations it is
    that of the complex value, √(σ_re² + σ_im²)."""

    def __init__(self, field: Field) -> None:
        self._field = field
        source, (_, peak) = field.source, field.value_range.common
        self.source = replace(source, channels=1, sample_format=replace(source.sample_format, dtype="float32"))
        self.domain, self.value_range = field.domain, ValueRange(0.0, peak)
        self.record, self.placement = field.record, field.placement

    @overload
    def __call__(self, coordinates: Tensor) -> Tensor: ...
    @overload
    def __call__(self, coordinates: np.ndarray) -> np.ndarray: ...
    def __call__(self, coordinates: Tensor | np.ndarray) -> Tensor | np.ndarray:
        """Magnitudes (…, 1) at ``coordinates`` (…, d)."""
        values = self._field(coordinates)
        if isinstance(values, Tensor):
            return values.square().sum(-1, keepdim=True).sqrt()
        return np.linalg.norm(values, axis=-1, keepdims=True)

    def gradient(self, coordinates: Tensor | np.ndarray) -> Tensor | np.ndarray:
        """∂|f|/∂v_a = Re(f̄ ∂f/∂v_a)/|f| at coordinates (N, d) → (N, 1, d); nothing where f is zero."""
        points = torch.as_tensor(coordinates)
        values, slopes = (torch.as_tensor(of(points)) for of in (self._field, self._field.gradient))
        size = values.norm(dim=-1, keepdim=True).clamp_min(torch.finfo(values.dtype).tiny)
        found = (values[..., None] * slopes).sum(dim=-2, keepdim=True) / size[..., None]
        return found if isinstance(coordinates, Tensor) else found.numpy()

    def sample(self, grid: Grid) -> np.ndarray:
        """Magnitudes (n₁, …, n_d, 1), float32, on a grid."""
        return np.linalg.norm(self._field.sample(grid), axis=-1, keepdims=True)

    def save(self, path: Path | str) -> None:
        """Raises ``SettingsError``: the field itself is what is saved."""
        raise SettingsError(f"{path}: a magnitude is drawn and not saved; save the field itself")
