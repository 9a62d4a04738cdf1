"""What a training run is told, beside the problem and the network."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

import torch

from ..errors import SettingsError
from .schedules import Schedule, WarmupCosine

__all__ = ["Loss", "TrainingPlan"]

Loss = Literal["squares", "cross-entropy"]


@dataclass(frozen=True)
class TrainingPlan:
    """Steps, rates, batches and where to compute.

    ``batch_size`` None sees every sample in every step. The optimiser is Adam (β = (0.9, 0.999), ε = 1e-8) with
    decoupled ``weight_decay`` (AdamW, Loshchilov & Hutter 2019): w ← (1 − rate·decay)·w before each step. Above zero,
    ``orthogonal`` takes the matrices before the last layer from Adam: they move by rate·orthogonal·√max(1, out/in)
    times a nearly orthogonal matrix (``Optimiser``).
    ``margin`` continues the training samples beyond the border as their mirror image, so many sample distances wide.
    ``precision`` is the format of matrix products; weights and optimiser stay in float32. ``seed`` orders the batches.
    ``loss`` "squares" is ½·mean (f − y)²; "cross-entropy" −mean (y log f + (1 − y) log(1 − f)), for the probabilities
    of a network with a sigmoid output, computed from its logits.
    """

    steps: int
    schedule: Schedule = field(default_factory=lambda: WarmupCosine(1e-2))
    batch_size: int | None = None
    weight_decay: float = 0.0
    orthogonal: float = 0.0
    margin: float = 0.0
    precision: torch.dtype = torch.float32
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    seed: int = 0
    loss: Loss = "squares"

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise SettingsError(f"the number of steps is 1 or more, not {self.steps}")
        if self.loss not in get_args(Loss):
            raise SettingsError(f"no loss is called {self.loss}; use {' or '.join(get_args(Loss))}")
        if self.batch_size is not None and self.batch_size < 1:
            raise SettingsError(f"the batch size is 1 or more, not {self.batch_size}")
        if not 0 <= self.orthogonal < float("inf"):
            raise SettingsError(f"the orthogonal steps' share of the rate is 0 or more, not {self.orthogonal:g}")
        if not 0 <= self.margin < 1000:
            raise SettingsError(f"the margin is 0 to 1,000 sample distances, not {self.margin:g}")
        if not 0 < self.schedule.peak < float("inf"):
            raise SettingsError(f"the learning rate is a positive number, not {self.schedule.peak:g}")
        if not 0 <= self.weight_decay * self.schedule.peak < 1:
            raise SettingsError(
                f"weight decay times learning rate lies in [0, 1), not {self.weight_decay * self.schedule.peak:g}"
            )
