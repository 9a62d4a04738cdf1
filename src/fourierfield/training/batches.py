"""Which samples each step sees: a function of the seed and the step alone, so that a resumed run sees the same."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["Batches"]

_MOST_SHUFFLED = 1 << 25  # beyond this a permutation costs too much memory; draw with replacement


class Batches:
    """Rows of ``count`` samples for each step, ``size`` at a time, reshuffled every epoch (no row twice in one).

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
        """Row indices (size,) of step ``step``."""
        if self.count > _MOST_SHUFFLED:
            return torch.randint(self.count, (self.size,), generator=self._generator(step))
        epoch, place = divmod(step, self.per_epoch)
        if epoch != self._epoch:
            self._order = torch.randperm(self.count, generator=self._generator(epoch))
            self._epoch = epoch
        return self._order[place * self.size : (place + 1) * self.size]

    def _generator(self, index: int) -> torch.Generator:
        return torch.Generator().manual_seed((self._seed * 1_000_003 + index + 1) % (1 << 63))
