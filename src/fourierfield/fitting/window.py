"""The part of a signal that its spectrum is taken of."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..problems import GridProblem
from ..signals import Grid, GridSignal

__all__ = ["Window", "coarser_window", "lost_variance", "middle_window"]

MOST_SAMPLES = 1 << 17  # the middle of a larger signal stands for all of it
MOST_DENSE = 48 * 48


@dataclass(frozen=True)
class Window:
    """The part of a signal that is analysed: normalised values (N,) on a grid in the signal's own coordinates."""

    grid: Grid
    values: Tensor
    notes: list[str]

    def some_points(self, count: int) -> Tensor:
        """At most ``count`` of the grid's points, evenly through it in C order, (n, d) float64."""
        chosen = np.linspace(0, self.grid.size - 1, min(count, self.grid.size)).astype(np.int64)
        return torch.from_numpy(self.grid.coordinates(chosen))


def middle_window(problem: GridProblem, signal: GridSignal) -> Window:
    """The middle of the signal, one value for each sample, in [0, 1] of the signal's range."""
    notes = []
    values = problem.value_range.normalise(signal.values.astype(np.float64))
    missing = np.isnan(values).all(-1)
    plane = np.where(missing, np.nan, np.nansum(values, -1) / np.maximum(1, (~np.isnan(values)).sum(-1)))
    if missing.any():
        plane = np.where(missing, np.nanmean(plane), plane)
        notes.append(f"{int(missing.sum()):,} missing samples set to the mean")
    grid = signal.grid
    shrink = min(1.0, (MOST_SAMPLES / plane.size) ** (1 / plane.ndim))
    shape = tuple(max(min(n, 2), int(n * shrink)) for n in plane.shape)
    first = [(n - m) // 2 for n, m in zip(plane.shape, shape, strict=True)]
    if shape != plane.shape:
        notes.append(f"the middle {'×'.join(map(str, shape))} samples stand for the whole signal")
    origin = tuple(o + f * h for o, f, h in zip(grid.origin, first, grid.spacing, strict=True))
    inside = plane[tuple(slice(f, f + n) for f, n in zip(first, shape, strict=True))]
    window = Grid.from_origin(origin, grid.spacing, shape)
    return Window(window, torch.from_numpy(np.ascontiguousarray(inside)).reshape(-1), notes)


def coarser_window(window: Window) -> Window:
    """Means over blocks of samples, few enough for dense algebra."""
    block = math.ceil((window.grid.size / MOST_DENSE) ** (1 / len(window.grid.shape)))
    if block == 1:
        return window
    shape = tuple(n // block for n in window.grid.shape)
    inside = window.values.reshape(window.grid.shape)[tuple(slice(0, n * block) for n in shape)]
    folded = inside.reshape([size for n in shape for size in (n, block)])
    values = folded.mean(tuple(range(1, 2 * len(shape), 2))).reshape(-1)
    spacing = tuple(step * block for step in window.grid.spacing)
    origin = tuple(o + 0.5 * (block - 1) * h for o, h in zip(window.grid.origin, window.grid.spacing, strict=True))
    note = f"dense algebra on means of {'×'.join([str(block)] * len(shape))} samples: its kernel is not stationary"
    return Window(Grid.from_origin(origin, spacing, shape), values, [*window.notes, note])


def lost_variance(whole: Window, coarse: Window) -> float:
    """Mean square of what a coarser window cannot hold."""
    return max(0.0, float(whole.values.var(unbiased=False) - coarse.values.var(unbiased=False)))
