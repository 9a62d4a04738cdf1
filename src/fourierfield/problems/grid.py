"""Samples of a field on a regular grid, some trained on, some held out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from ..networks import ValueRange
from ..signals import Domain, Grid, GridSignal, HoldOut, NoHoldOut, SignalDescription, Split
from .ranges import range_of_samples

__all__ = ["GridProblem", "GridSamples", "grid_problem"]


@dataclass(frozen=True)
class GridSamples:
    """Values at chosen samples of a grid.

    ``flat`` (N,) int64 are C-order indices into ``grid``; ``values`` (N, C) float32 lie in [0, 1] of the training
    range, NaN where a channel is missing. Coordinates are made when asked for, so a large grid costs no memory.
    """

    grid: Grid
    flat: Tensor
    values: Tensor
    weights: ClassVar[None] = None  # all samples of a grid count alike

    def __len__(self) -> int:
        return len(self.flat)

    @property
    def complete(self) -> bool:
        """Whether every channel of every sample was measured."""
        return not bool(torch.isnan(self.values).any())

    def coordinates(self, rows: Tensor | slice = slice(None)) -> Tensor:
        """Coordinates (n, d), float32, of the samples at ``rows``."""
        along = torch.stack(torch.unravel_index(self.flat[rows], self.grid.shape), dim=-1)
        lower, spacing = (torch.tensor(row, dtype=torch.float64) for row in (self.grid.lower, self.grid.spacing))
        return (lower + (along.double() + 0.5) * spacing).float()

    def subset(self, most: int) -> GridSamples:
        """At most ``most`` samples, spread by a fixed pseudo-random choice; all of them if there are fewer."""
        if len(self) <= most:
            return self
        rows = torch.randperm(len(self), generator=torch.Generator().manual_seed(0))[:most].sort().values
        return GridSamples(self.grid, self.flat[rows], self.values[rows])


@dataclass(frozen=True)
class GridProblem:
    """A signal on a grid with its split: fit ``training``, score on ``held_out`` (None without hold-out)."""

    domain: Domain
    training: GridSamples
    held_out: GridSamples | None
    value_range: ValueRange
    source: SignalDescription

    @classmethod
    def from_split(cls, signal: GridSignal, split: Split, value_range: ValueRange) -> GridProblem:
        """Scale a signal's values and divide its samples."""

        def samples(flat: np.ndarray) -> GridSamples:
            chosen = signal.values.reshape(-1, signal.channels)[flat]
            scaled = torch.from_numpy(np.ascontiguousarray(value_range.normalise(chosen), dtype=np.float32))
            return GridSamples(signal.grid, torch.from_numpy(flat), scaled)

        held_out = samples(split.held_out) if split.held_out.size else None
        return cls(signal.domain, samples(split.training), held_out, value_range, signal.description)

    @property
    def channels(self) -> int:
        """Values per sample."""
        return self.source.channels

    @property
    def samples_per_unit(self) -> float:
        """Training samples per coordinate unit along an axis, (N / volume)^{1/d}: twice the Nyquist frequency."""
        volume = float(np.prod(self.domain.sides))
        return float((len(self.training) / volume) ** (1 / self.domain.dimensions))


def grid_problem(signal: GridSignal, hold_out: HoldOut | None = None) -> GridProblem:
    """The problem of fitting a signal on a grid, with the samples that ``hold_out`` keeps back (none by default).

    Raises ``SettingsError`` where the hold-out leaves nothing to train on or to score.
    """
    split = (hold_out or NoHoldOut()).split(signal.present)
    training_values = signal.values.reshape(-1, signal.channels)[split.training]
    value_range = range_of_samples(training_values, signal.kind, signal.sample_format)
    return GridProblem.from_split(signal, split, value_range)
