"""Windows: the part of a large signal that its spectrum and its report look at."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..grids._domain import Grid
from ..grids._signal import GridSignal
from ..problems._grid import GridProblem
from ..tuning._windows import shrunk

MOST_SAMPLES = 1 << 17  # samples that represent a larger signal: three seconds of forecast a channel
MOST_DENSE = 48 * 48  # samples of a dense matrix: 2,304² numbers, whose eigenvalues take a second


@dataclass(frozen=True)
class Window:
    """The part of a signal that is analysed: normalised values (N, C) on a grid in the signal's own coordinates.

    The window holds a ``share`` of the signal's samples. ``nearest`` (N, C) is the row that each value was taken from,
    where samples are missing; None if none are. ``notes`` state how the window differs from the signal.
    """

    grid: Grid
    values: Tensor
    notes: list[str]
    share: float = 1.0
    nearest: Tensor | None = None

    def some_points(self, count: int) -> Tensor:
        """Return at most ``count`` of the grid's points, evenly spaced in C order, (n, d) float64."""
        chosen = np.linspace(0, self.grid.size - 1, min(count, self.grid.size)).astype(np.int64)
        return torch.from_numpy(self.grid.coordinates(chosen))

    def filled(self, values: Tensor) -> Tensor:
        """Return values (N, C) whose missing samples take the nearest sample's value, as the window's own do."""
        return values if self.nearest is None else values.gather(0, self.nearest)

    @property
    def measured(self) -> Tensor:
        """The values, NaN where they are missing."""
        if self.nearest is None:
            return self.values
        own = torch.arange(len(self.values))[:, None]
        return torch.where(self.nearest == own, self.values, torch.nan)


def fullest_window(problem: GridProblem, signal: GridSignal, *, every: int = 1, most: int = MOST_SAMPLES) -> Window:
    """Return at most ``most`` adjacent samples of every ``every``-th, in the middle or where fewest are missing."""
    every_other = signal.values[(slice(None, None, every),) * len(signal.shape)]
    whole = every_other.shape[:-1]
    shape = shrunk(whole, most)
    first = _fullest(np.isnan(every_other).any(-1), shape)
    inside = every_other[tuple(slice(f, f + n) for f, n in zip(first, shape, strict=True))]
    values = problem.value_range.normalise(inside.reshape(-1, signal.channels).astype(np.float64))
    notes = []
    if shape != whole:
        where = "middle" if first == _middle(whole, shape) else "fullest"
        notes.append(f"the {where} {'×'.join(map(str, shape))} samples stand for the whole signal")
    missing = np.isnan(values)
    nearest = None
    if missing.any():
        nearest = _nearest(missing, shape)
        values = np.nan_to_num(np.take_along_axis(values, nearest, 0))
        notes.append(f"{missing.any(-1).mean():.0%} of the samples are missing there and take the nearest's values")
    spacing = tuple(every * step for step in signal.grid.spacing)
    origin = tuple(o + f * h for o, f, h in zip(signal.grid.origin, first, spacing, strict=True))
    return Window(
        Grid.from_origin(origin, spacing, shape),
        torch.from_numpy(values),
        notes,
        math.prod(shape) / math.prod(whole),
        None if nearest is None else torch.from_numpy(nearest),
    )


def _nearest(missing: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return, for each value (N, C), the row of the nearest known value of its channel, or its own if none is known."""
    from scipy.ndimage import distance_transform_edt

    rows = np.tile(np.arange(len(missing))[:, None], (1, missing.shape[1]))
    for channel in range(missing.shape[1]):
        if not missing[:, channel].all():
            holes = missing[:, channel].reshape(shape)
            places = distance_transform_edt(holes, return_distances=False, return_indices=True)
            rows[:, channel] = np.ravel_multi_index(tuple(places), shape).ravel()
    return rows


def _middle(whole: tuple[int, ...], part: tuple[int, ...]) -> tuple[int, ...]:
    return tuple((n - m) // 2 for n, m in zip(whole, part, strict=True))


def _fullest(missing: np.ndarray, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the first sample of the window that misses the fewest, among the middle window and a coarse search."""
    middle = _middle(missing.shape, shape)
    if not missing.any():
        return middle
    steps = [sorted({*np.linspace(0, n - m, 9).astype(int)}) for n, m in zip(missing.shape, shape, strict=True)]
    candidates = [middle, *itertools.product(*steps)]
    losses = [missing[tuple(slice(f, f + n) for f, n in zip(c, shape, strict=True))].sum() for c in candidates]
    return tuple(int(f) for f in candidates[int(np.argmin(losses))])


def coarser_window(window: Window) -> Window:
    """Return a window of means over blocks, few enough for dense algebra."""
    whole = window.grid.shape
    blocks = tuple(math.ceil(n / m) for n, m in zip(whole, shrunk(whole, MOST_DENSE), strict=True))
    if max(blocks) == 1:
        return window
    shape = tuple(n // block for n, block in zip(whole, blocks, strict=True))
    cut = tuple(slice(0, n * block) for n, block in zip(shape, blocks, strict=True))
    inside = window.values.reshape(*whole, -1)[cut]
    folded = inside.reshape([size for pair in zip(shape, blocks, strict=True) for size in pair] + [inside.shape[-1]])
    values = folded.mean(tuple(range(1, 2 * len(shape), 2))).reshape(-1, inside.shape[-1])
    spacing = tuple(step * block for step, block in zip(window.grid.spacing, blocks, strict=True))
    origin = tuple(
        o + 0.5 * (block - 1) * h for o, h, block in zip(window.grid.origin, window.grid.spacing, blocks, strict=True)
    )
    note = f"dense algebra on means of {'×'.join(map(str, blocks))} samples: its kernel is not stationary"
    return Window(Grid.from_origin(origin, spacing, shape), values, [*window.notes, note], window.share)


def lost_variance(whole: Window, coarse: Window) -> float:
    """Return the mean square, over the channels, of what a coarser window cannot hold."""
    fine, kept = (float(w.values.var(0, unbiased=False).mean()) for w in (whole, coarse))
    return max(0.0, fine - kept)
