"""Learning rates over the steps of a run."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

_FEWEST_RISING = 50  # steps of the warm-up: with fewer, a ReLU network at a large rate loses units for good


class Schedule(Protocol):
    """The learning rate of each step. Schedules are values: equal ones have equal hashes."""

    def __hash__(self) -> int: ...

    @property
    def peak(self) -> float:
        """The largest rate of the run."""

    def rate(self, step: int, steps: int) -> float:
        """Return the learning rate of step ``step`` (from 0) of ``steps``."""


@dataclass(frozen=True)
class ConstantRate:
    """The same learning rate at every step, as in the paper's experiments with images.

    Args:
        peak: The learning rate.

    >>> ConstantRate(1e-3).rate(500, 2000)
    0.001
    """

    peak: float

    def rate(self, step: int, steps: int) -> float:
        """Return the learning rate, ``peak``, whatever the step."""
        return self.peak


@dataclass(frozen=True)
class ExponentialDecay:
    """The learning rate peak·factor^(step/every), whatever the length of the run, as in the paper's shapes.

    >>> schedule = ExponentialDecay(5e-4, factor=0.1, every=5000)
    >>> [round(schedule.rate(step, 10_000), 6) for step in (0, 5000, 10_000)]
    [0.0005, 5e-05, 5e-06]
    """

    peak: float
    factor: float = 0.1
    every: int = 5000

    def rate(self, step: int, steps: int) -> float:
        """Return the learning rate of step ``step`` (from 0)."""
        return self.peak * self.factor ** (step / self.every)


@dataclass(frozen=True)
class WarmupCosine:
    """A linear warm-up times half a cosine that ends at zero.

    At step t of n the learning rate is peak·min(1, (t + 1)/rising)·½(1 + cos πt/n), with
    rising = max(1, warmup·n, min(50, n/3)). At a large rate, a ReLU network that is rushed through its first steps
    loses units for good.

    Args:
        peak: The rate that the half cosine starts from.
        warmup: The share of the steps that the rise takes; it takes at least 50 steps, or a third of a shorter run.

    >>> schedule = WarmupCosine(1.0, warmup=0.1)
    >>> [round(schedule.rate(step, 1000), 3) for step in (0, 99, 500, 999)]
    [0.01, 0.976, 0.5, 0.0]
    """

    peak: float
    warmup: float = 0.05

    def rate(self, step: int, steps: int) -> float:
        """Return the learning rate of step ``step`` (from 0) of ``steps``."""
        rising = max(1.0, self.warmup * steps, min(_FEWEST_RISING, steps / 3))
        rise = min(1.0, (step + 1) / rising)
        return self.peak * rise * 0.5 * (1 + math.cos(math.pi * step / steps))
