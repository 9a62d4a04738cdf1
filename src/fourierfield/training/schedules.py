"""Learning rates over the steps of a run."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

__all__ = ["ConstantRate", "ExponentialDecay", "Schedule", "WarmupCosine"]

_FEWEST_RISING = 50


class Schedule(Protocol):
    """The learning rate of each step. Schedules are values: equal ones hash alike."""

    def __hash__(self) -> int: ...

    @property
    def peak(self) -> float:
        """The largest rate of the run."""
        ...

    def rate(self, step: int, steps: int) -> float:
        """Learning rate of step ``step`` (from 0) of ``steps``."""
        ...


@dataclass(frozen=True)
class ConstantRate:
    """The same rate throughout, as the paper has it."""

    peak: float

    def rate(self, step: int, steps: int) -> float:
        return self.peak


@dataclass(frozen=True)
class ExponentialDecay:
    """peak·factor^(step/every), whatever the length of the run, as the paper has it for shapes.

    >>> schedule = ExponentialDecay(5e-4, factor=0.1, every=5000)
    >>> [round(schedule.rate(step, 10_000), 6) for step in (0, 5000, 10_000)]
    [0.0005, 5e-05, 5e-06]
    """

    peak: float
    factor: float = 0.1
    every: int = 5000

    def rate(self, step: int, steps: int) -> float:
        return self.peak * self.factor ** (step / self.every)


@dataclass(frozen=True)
class WarmupCosine:
    """Linear warm-up, times a half cosine that ends at zero.

    The rise takes the first ``warmup`` share of the steps, but no fewer than 50 unless that is over a third of the
    run: at a large rate a ReLU network that is rushed through its first steps loses units for good.

    >>> schedule = WarmupCosine(1.0, warmup=0.1)
    >>> [round(schedule.rate(step, 1000), 3) for step in (0, 99, 500, 999)]
    [0.01, 0.976, 0.5, 0.0]
    """

    peak: float
    warmup: float = 0.05

    def rate(self, step: int, steps: int) -> float:
        rising = max(1.0, self.warmup * steps, min(_FEWEST_RISING, steps / 3))
        rise = min(1.0, (step + 1) / rising)
        return self.peak * rise * 0.5 * (1 + math.cos(math.pi * step / steps))
