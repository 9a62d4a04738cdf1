"""The standard deviation of a field from a scan, known at the samples of its grid."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from ..errors import SettingsError
from ..problems import GridSamples, Samples

__all__ = ["between_samples"]


def between_samples(samples: Samples, spread: Tensor | None, points: Tensor) -> Tensor:
    """Numbers (…, C) at points (…, d), linear between those at the samples (N, C) of a whole grid, and beyond them
    those of the nearest place in it. Raises ``SettingsError`` without any."""
    from scipy.interpolate import RegularGridInterpolator

    if spread is None or not isinstance(samples, GridSamples):
        raise SettingsError("this field was found from a scan, without its uncertainty; fit again with --uncertainty")
    grid = samples.grid
    axes = [grid.axis(a) for a in range(len(grid.shape))]
    axes = [np.append(axis, axis[0] + 1) if len(axis) == 1 else axis for axis in axes]
    table = spread.reshape(*grid.shape, -1).numpy()
    for a, count in enumerate(grid.shape):
        table = np.repeat(table, 2, axis=a) if count == 1 else table
    low, high = (np.array([axis[i] for axis in axes]) for i in (0, -1))
    places = np.clip(points.reshape(-1, len(axes)).numpy(), low, high)
    found = RegularGridInterpolator(axes, table)(places)
    return torch.from_numpy(found).reshape(*points.shape[:-1], -1)
