"""One readable loop from a problem and a network to a NetworkField, with what it needs around it.

Schedules, batches, precision, checkpoints and memory estimates; the loop is in ``loop``.
May import everything down to problems.
"""

from .allocation import keep_freed_memory
from .checkpoint import Checkpoint, read_checkpoint
from .effort import estimate_seconds, in_words
from .loop import Objective, Progress, TrainingRun, optimise, train
from .memory import MemoryEstimate, check_memory
from .plan import Loss, TrainingPlan
from .precision import choose_device, choose_precision
from .rays import RayObjective, RayPlan
from .scans import AfterPilot, ImageObjective, LineObjective, LinePlan, measurement_psnr
from .schedules import ConstantRate, ExponentialDecay, Schedule, WarmupCosine
from .scoring import curve_steps

__all__ = [
    "AfterPilot",
    "Checkpoint",
    "ConstantRate",
    "ExponentialDecay",
    "ImageObjective",
    "LineObjective",
    "LinePlan",
    "Loss",
    "MemoryEstimate",
    "Objective",
    "Progress",
    "RayObjective",
    "RayPlan",
    "Schedule",
    "TrainingPlan",
    "TrainingRun",
    "WarmupCosine",
    "check_memory",
    "choose_device",
    "choose_precision",
    "curve_steps",
    "estimate_seconds",
    "in_words",
    "keep_freed_memory",
    "measurement_psnr",
    "optimise",
    "read_checkpoint",
    "train",
]
