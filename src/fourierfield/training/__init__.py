"""Train a network on an objective: one readable loop, with schedules, batches, precision, checkpoints and estimates.

May import everything down to problems.
"""

from ._loop import train
from ._plan import TrainingPlan
from ._schedules import ConstantRate, WarmupCosine

__all__ = ["ConstantRate", "TrainingPlan", "WarmupCosine", "train"]
