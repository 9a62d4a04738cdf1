"""What all that runs on scans minimise have in common."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from ...networks import CoordinateNetwork, ValueRange
from ..plan import TrainingPlan
from ..scoring import MOST_DECIBELS, curve_steps

__all__ = ["ObjectiveOfScan", "measurement_psnr"]


class ObjectiveOfScan:
    """What all have in common: the network's values, and the plan."""

    def __init__(self, network: CoordinateNetwork, plan: TrainingPlan, values: ValueRange) -> None:
        self._network, self._plan, self._values = network, plan, values

    @property
    def parameters(self) -> dict[str, nn.Parameter]:
        return dict(self._network.mlp.named_parameters())

    @property
    def scored_steps(self) -> frozenset[int]:
        return curve_steps(self._plan.steps)

    def _field(self, points: Tensor) -> Tensor:
        """Values (P, C) in the scan's own units at points (P, d)."""
        return self._of(self._network.encoding(points))

    def _of(self, features: Tensor) -> Tensor:
        plan = self._plan
        with torch.autocast(plan.device.type, plan.precision, enabled=plan.precision != torch.float32):
            output = self._network.mlp(features.to(plan.precision) if plan.device.type == "cpu" else features)
        return self._values.restore(output.float())


def measurement_psnr(errors: Tensor, values: Tensor) -> float:
    """−10 log₁₀(mean e²/peak²), the peak being the range of the measured values.

    >>> measurement_psnr(torch.tensor([0.1, -0.1]), torch.tensor([0.0, 1.0]))
    20.0
    """
    peak = float(values.max() - values.min()) or float(values.abs().max()) or 1.0
    error = float(errors.double().square().mean()) / peak**2
    return round(min(-10 * math.log10(max(error, 1e-30)), MOST_DECIBELS), 6)
