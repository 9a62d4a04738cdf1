"""State the problem of fitting a signal on a regular grid: its samples, held-out ones, and the range of its values."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Generic, Self, TypeVar

import numpy as np
import torch
from torch import Tensor

from ..grids._domain import Domain, Grid
from ..grids._sample_format import SampleFormat
from ..grids._signal import GridSignal, SignalDescription
from ..grids._splits import HoldOut, NoHoldOut, Split
from ..networks._values import ValueRange


def range_of_samples(training_values: np.ndarray, kind: str, sample_format: SampleFormat) -> ValueRange:
    """Choose the range of values that counts as [0, 1], and so the peak of the PSNR, from training values alone.

    Audio: [−a, a] with the largest magnitude a, so that silence is ½, where a sigmoid network starts. 8-bit files: 0 to
    255. Deeper integers: 0 to the largest number of the fewest bits that hold the maximum (4095 for a 12-bit sensor).
    Floats and what scanners measured: [0, 1] if they lie in it and exceed ½, else from minimum to maximum.

    >>> range_of_samples(np.array([0.1, -0.5]), "audio", SampleFormat("float32"))
    ValueRange(offset=-0.5, peak=1.0)
    """
    low, high = float(np.nanmin(training_values)), float(np.nanmax(training_values))
    if kind == "audio":
        largest = max(abs(low), abs(high)) or 1.0
        return ValueRange(-largest, 2 * largest)
    if sample_format.dtype == "uint8" and sample_format.peak:
        return ValueRange()
    if sample_format.peak:
        bits = max(8, round(high * sample_format.peak).bit_length())
        return ValueRange(0.0, (2**bits - 1) / sample_format.peak)
    if low >= 0 and 0.5 < high <= 1:
        return ValueRange()
    return ValueRange(low, high - low if high > low else 1.0)


class KnownValues(ABC):
    """What samples of a grid and at points have in common: ``values`` (N, C), NaN where missing."""

    values: Tensor

    def __len__(self) -> int:
        return len(self.values)

    @property
    def complete(self) -> bool:
        """Whether every channel of every sample was measured."""
        return not bool(torch.isnan(self.values).any())

    @abstractmethod
    def at(self, rows: Tensor) -> Self:
        """Return the samples at ``rows``, indices or a mask."""

    def subset(self, most: int) -> Self:
        """Return at most ``most`` samples, a fixed pseudo-random choice; all of them if there are fewer."""
        if len(self) <= most:
            return self
        return self.at(torch.randperm(len(self), generator=torch.Generator().manual_seed(0))[:most].sort().values)


@dataclass(frozen=True)
class GridSamples(KnownValues):
    """Values at chosen samples of a grid.

    ``flat`` (N,) int64 are C-order indices into ``grid``; ``values`` (N, C) float32 lie in [0, 1] of the training
    range, NaN where a channel is missing. Coordinates are computed on demand, so a large grid takes no memory for them.
    """

    grid: Grid
    flat: Tensor
    values: Tensor
    weights: ClassVar[None] = None  # all samples of a grid count alike

    def coordinates(self, rows: Tensor | slice = slice(None)) -> Tensor:
        """Return the coordinates (n, d), float32, of the samples at ``rows``."""
        along = torch.stack(torch.unravel_index(self.flat[rows], self.grid.shape), dim=-1)
        lower, spacing = (torch.tensor(row, dtype=torch.float64) for row in (self.grid.lower, self.grid.spacing))
        return (lower + (along.double() + 0.5) * spacing).float()

    def at(self, rows: Tensor) -> GridSamples:
        """Return the samples at ``rows``, indices or a mask."""
        return GridSamples(self.grid, self.flat[rows], self.values[rows])


S = TypeVar("S", bound=KnownValues)


@dataclass(frozen=True)
class SplitSamples(Generic[S]):
    """A signal with its split: fit ``training``, score on ``held_out`` (None without a hold-out)."""

    domain: Domain
    training: S
    held_out: S | None
    value_range: ValueRange
    source: SignalDescription

    @property
    def channels(self) -> int:
        """The number of values per sample."""
        return self.source.channels

    @property
    def samples_per_unit(self) -> float:
        """The number of training samples per coordinate unit along an axis, (N/volume)^{1/d}: twice Nyquist."""
        volume = float(np.prod(self.domain.sides))
        return float((len(self.training) / volume) ** (1 / self.domain.dimensions))


class GridProblem(SplitSamples[GridSamples]):
    """A signal on a grid with its split."""

    @classmethod
    def from_split(cls, signal: GridSignal, split: Split, value_range: ValueRange) -> GridProblem:
        """Scale a signal's values and split its samples."""

        def samples(flat: np.ndarray) -> GridSamples:
            chosen = signal.values.reshape(-1, signal.channels)[flat]
            scaled = torch.from_numpy(np.ascontiguousarray(value_range.normalise(chosen), dtype=np.float32))
            return GridSamples(signal.grid, torch.from_numpy(flat), scaled)

        held_out = samples(split.held_out) if split.held_out.size else None
        return cls(signal.domain, samples(split.training), held_out, value_range, signal.description)


def grid_problem(signal: GridSignal, hold_out: HoldOut | None = None) -> GridProblem:
    """Make the problem of fitting a signal on a grid, without the samples that ``hold_out`` keeps back.

    Values are scaled to [0, 1] by the range of the training samples alone, x = (value − offset)/peak; missing samples
    (NaN in all channels) belong to neither part.

    Args:
        signal: The values on a grid, in their own units.
        hold_out: The rule that keeps samples back to score the fit; None keeps back none.

    Returns:
        The domain, the training samples, the held-out samples (None without a hold-out), the range of the values, and
        the description of the signal.

    Raises:
        SettingsError: The hold-out leaves nothing to train on or nothing to score.

    >>> from fourierfield.grids._splits import GridHoldOut
    >>> values = np.arange(16, dtype=np.float32).reshape(4, 4, 1)
    >>> signal = GridSignal(values, Domain.of_samples((4, 4)), "image", SampleFormat("float32"))
    >>> problem = grid_problem(signal, GridHoldOut())
    >>> problem.training.values.flatten(), problem.held_out.flat
    (tensor([0.0000, 0.2000, 0.8000, 1.0000]), tensor([ 5,  7, 13, 15]))
    """
    split = (hold_out or NoHoldOut()).split(signal.present)
    training_values = signal.values.reshape(-1, signal.channels)[split.training]
    value_range = range_of_samples(training_values, signal.kind, signal.sample_format)
    return GridProblem.from_split(signal, split, value_range)
