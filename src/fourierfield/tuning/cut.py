"""Windows cut out of training samples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..problems import GridProblem, GridSamples, lattice_of
from ..signals import Grid
from .detail import detail_of
from .windows import Box, window_boxes

__all__ = ["Cut"]

_CENTRE = 0.5  # where networks start: rotated channels are rotated about it


@dataclass(frozen=True)
class Cut:
    """Windows of the training samples: their places in all of them, and their rotated values."""

    grid: Grid
    values: np.ndarray
    boxes: list[Box]
    parts: list[np.ndarray]
    detail: float
    channels: int

    @classmethod
    def of(cls, problem: GridProblem, windows: int, most: int) -> Cut:
        grid, values = _as_array(problem.training)
        detail, axes = detail_of(values)
        boxes = window_boxes(~np.isnan(values).all(-1), windows, most)
        return cls(grid, values, boxes, [_rotated(values[box], axes) for box in boxes], detail, problem.channels)

    @property
    def side_by_side(self) -> np.ndarray:
        """The windows' channels in one array."""
        return np.concatenate(self.parts, axis=-1)

    @property
    def own_grid(self) -> Grid:
        """Where all windows are moved to."""
        return Grid.from_origin((0.0,) * len(self.grid.shape), self.grid.spacing, self.parts[0].shape[:-1])


def _as_array(samples: GridSamples) -> tuple[Grid, np.ndarray]:
    """The samples in their place (n₁, …, n_d, C), NaN between them, on their own lattice if they form one."""
    lattice = lattice_of(samples)
    channels = samples.values.shape[1]
    if lattice is not None:
        return lattice, samples.values.numpy().reshape(*lattice.shape, channels)
    values = np.full((samples.grid.size, channels), np.nan, np.float32)
    values[samples.flat.numpy()] = samples.values.numpy()
    return samples.grid, values.reshape(*samples.grid.shape, channels)


def _rotated(values: np.ndarray, axes: np.ndarray | None) -> np.ndarray:
    return values if axes is None else (_CENTRE + (values - _CENTRE) @ axes).astype(np.float32)
