"""How much memory a run needs, before anything large is allocated."""

from __future__ import annotations

from dataclasses import dataclass

import psutil
import torch

from ..errors import TooLargeError
from ..networks import MLPSpec
from .gradients import rows_at_once
from .plan import TrainingPlan

__all__ = ["MemoryEstimate", "available_memory", "check_memory"]

_SHARE = 0.8  # of the free memory that a run may plan with
_TABLE_SHARE = 0.4  # of the free memory that the precomputed features may take


@dataclass(frozen=True)
class MemoryEstimate:
    """Bytes: ``parameters`` with gradients and Adam's moments, ``activations`` of one step, ``data`` (samples and
    their indices), and the ``table`` of precomputed features γ of all training samples."""

    parameters: int
    activations: int
    data: int
    table: int
    available: int

    @classmethod
    def of(cls, mlp: MLPSpec, samples: int, plan: TrainingPlan) -> MemoryEstimate:
        """Estimate for training ``mlp`` on ``samples`` samples by ``plan``."""
        size = torch.finfo(plan.precision).bits // 8
        batch = min(plan.batch_size or samples, samples)
        outputs = sum(fan_out for _, fan_out in mlp.layer_sizes)
        activations = rows_at_once(batch, plan) * 2 * outputs * size + batch * mlp.in_features * (size + 8)
        return cls(
            parameters=mlp.parameters * (16 + size),
            activations=activations,
            data=samples * (mlp.out_features * 4 + 16),
            table=samples * mlp.in_features * size,
            available=available_memory(plan.device),
        )

    @property
    def needed(self) -> int:
        """Bytes without the table, which is optional."""
        return self.parameters + self.activations + self.data

    @property
    def words(self) -> str:
        """What is needed, with the features if they are kept, of what is free."""
        needed = self.needed + (self.table if self.table_fits else 0)
        return f"{needed / 1e9:.2g} GB of memory ({self.available / 1e9:.2g} GB free)"

    @property
    def table_fits(self) -> bool:
        """Whether the features of all training samples can be computed once and kept."""
        room = self.available * _SHARE - self.needed
        return self.table <= min(room, self.available * _TABLE_SHARE)


def available_memory(device: torch.device) -> int:
    """Free bytes on a device."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    return int(psutil.virtual_memory().available)


def check_memory(mlp: MLPSpec, samples: int, plan: TrainingPlan) -> MemoryEstimate:
    """The estimate, or ``TooLargeError`` with the numbers where the run would not fit."""
    estimate = MemoryEstimate.of(mlp, samples, plan)
    if estimate.needed > estimate.available * _SHARE:
        raise TooLargeError(
            f"a network of {mlp.parameters:,} parameters "
            f"(features {mlp.in_features // 2}, width {mlp.width}, depth {mlp.depth}) "
            f"with batches of {min(plan.batch_size or samples, samples):,} needs {estimate.needed / 1e9:.1f} GB and "
            f"{estimate.available / 1e9:.1f} GB are free; lower --features, --width, --depth or --batch-size"
        )
    return estimate
