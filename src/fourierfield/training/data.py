"""The training samples as a step sees them: encoded features and targets."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from ..encodings import FourierEncoding
from ..problems import Samples
from .batches import Batches
from .plan import TrainingPlan

__all__ = ["Batch", "TrainingData", "encode"]

_ROWS = 1 << 14


class Batch(NamedTuple):
    """Features (B, F) and targets (B, C) of a step, and the weights (B,) of its samples if they are not all 1."""

    features: Tensor
    targets: Tensor
    weights: Tensor | None


class TrainingData:
    """Batches of (γ(v), value) pairs on the device of the plan, with weights that are 1 in the mean.

    The points are fixed, so where it fits γ is computed once and kept in the format of the matrix products
    (``precompute``); otherwise it is computed for each batch.
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
        """What one step sees."""
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
    """γ of all samples, (N, F), computed in float32 a block at a time and kept as ``dtype``."""
    table = torch.empty(len(samples), encoding.out_features, dtype=dtype, device=device)
    for start in range(0, len(samples), _ROWS):
        rows = slice(start, start + _ROWS)
        table[rows] = encoding(samples.coordinates(rows).to(device))
    return table
