"""Select and encode the samples of each step, by the seed and the step alone: a resumed run sees the same ones."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from ..encodings._fourier import FourierEncoding
from ..problems._points import Samples
from ._plan import TrainingPlan

_MOST_SHUFFLED = 1 << 25  # samples: the permutation takes 256 MiB; more are drawn with replacement


class Batches:
    """The rows that each step takes of ``count`` samples, ``size`` at a time, shuffled again in every epoch.

    No row occurs twice in an epoch, unless there are more than 2²⁵ samples: these are drawn with replacement.

    >>> Batches(10, 5, seed=0).rows(0).shape
    torch.Size([5])
    """

    def __init__(self, count: int, size: int, seed: int) -> None:
        self.count = count
        self.size = min(size, count)
        self.per_epoch = count // self.size
        self._seed = seed
        self._epoch = -1
        self._order = torch.empty(0, dtype=torch.int64)

    @property
    def full(self) -> bool:
        """Whether every step sees every sample."""
        return self.size == self.count

    def rows(self, step: int) -> Tensor:
        """Return the row indices (size,) of step ``step``."""
        if self.count > _MOST_SHUFFLED:
            return torch.randint(self.count, (self.size,), generator=self._generator(step))
        epoch, place = divmod(step, self.per_epoch)
        if epoch != self._epoch:
            self._order = torch.randperm(self.count, generator=self._generator(epoch))
            self._epoch = epoch
        return self._order[place * self.size : (place + 1) * self.size]

    def _generator(self, index: int) -> torch.Generator:
        return torch.Generator().manual_seed((self._seed * 1_000_003 + index + 1) % (1 << 63))


_ROWS = 1 << 14  # samples that are encoded at once: bounds memory


class Batch(NamedTuple):
    """The features (B, F) and targets (B, C) of a step, and the weights (B,) of its samples if they are not all 1."""

    features: Tensor
    targets: Tensor
    weights: Tensor | None


class TrainingData:
    """Batches of (γ(v), value) pairs on the device of the plan, with weights whose mean is 1.

    γ of the fixed points is kept as the matrix products take it (``precompute``), or computed for each batch.
    """

    def __init__(self, samples: Samples, encoding: FourierEncoding, plan: TrainingPlan, *, precompute: bool) -> None:
        self._samples = samples
        self._encoding = encoding
        self._plan = plan
        self._batches = Batches(len(samples), plan.batch_size or len(samples), plan.seed)
        self._values = samples.values.to(plan.device, torch.float32)
        self._weights = _relative(samples.weights, plan.device)
        self._table = encode(samples, encoding, plan.precision, plan.device) if precompute else None

    def batch(self, step: int) -> Batch:
        """Return the batch of one step."""
        if self._batches.full and self._table is not None:
            return Batch(self._table, self._values, self._weights)
        rows = self._batches.rows(step).to(self._plan.device)
        weights = None if self._weights is None else self._weights.index_select(0, rows)
        return Batch(self._features(rows), self._values.index_select(0, rows), weights)

    def _features(self, rows: Tensor) -> Tensor:
        if self._table is not None:
            return self._table.index_select(0, rows)
        points = self._samples.coordinates(rows.cpu()).to(self._plan.device)
        return self._encoding(points).to(self._plan.precision)


def _relative(weights: Tensor | None, device: torch.device) -> Tensor | None:
    return None if weights is None else (weights / weights.mean()).to(device, torch.float32)


@torch.no_grad()
def encode(samples: Samples, encoding: FourierEncoding, dtype: torch.dtype, device: torch.device) -> Tensor:
    """Compute γ of all samples, (N, F), in float32 a block at a time, and keep it as ``dtype``."""
    table = torch.empty(len(samples), encoding.out_features, dtype=dtype, device=device)
    for start in range(0, len(samples), _ROWS):
        rows = slice(start, start + _ROWS)
        table[rows] = encoding(samples.coordinates(rows).to(device))
    return table
