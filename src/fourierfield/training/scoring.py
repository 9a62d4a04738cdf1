"""PSNR along a run, on fixed subsets, and of the finished field on everything."""

from __future__ import annotations

import numpy as np
import torch

from ..networks import CoordinateNetwork, NetworkField
from ..problems import GridProblem, GridSamples
from ..signals import psnr
from .plan import TrainingPlan

__all__ = ["CurveScorer", "curve_steps", "score_samples"]

_MOST_ON_CURVE = 1 << 14
_MOST_TRAINING = 1 << 20
_ROWS = 1 << 13


def curve_steps(steps: int, points: int = 24) -> frozenset[int]:
    """Steps at which a run is scored: about ``points`` of them, spread by their logarithm, the last one included.

    >>> sorted(curve_steps(100, points=5))
    [1, 3, 10, 32, 100]
    """
    return frozenset(round(float(step)) for step in np.geomspace(1, steps, min(points, steps)))


class CurveScorer:
    """Scores the network in training on at most 16,384 training and as many held-out samples, always the same."""

    def __init__(self, problem: GridProblem, network: CoordinateNetwork, plan: TrainingPlan) -> None:
        self.steps = curve_steps(plan.steps)
        self._network = network
        self._plan = plan
        self._training = problem.training.subset(_MOST_ON_CURVE)
        self._held_out = problem.held_out.subset(_MOST_ON_CURVE) if problem.held_out else None

    def score(self, step: int, loss: float) -> dict[str, float | None]:
        """One point of the learning curve."""
        return {
            "step": step,
            "loss": loss,
            "train_psnr_db": self._psnr(self._training),
            "held_out_psnr_db": self._psnr(self._held_out) if self._held_out else None,
        }

    @torch.no_grad()
    def _psnr(self, samples: GridSamples) -> float:
        plan = self._plan
        outputs = []
        for start in range(0, len(samples), _ROWS):
            points = samples.coordinates(slice(start, start + _ROWS)).to(plan.device)
            with torch.autocast(plan.device.type, plan.precision, enabled=plan.precision != torch.float32):
                outputs.append(self._network(points).float().cpu())
        return min(psnr(torch.cat(outputs).numpy(), samples.values.numpy()), 999.0)


def score_samples(field: NetworkField, samples: GridSamples, most: int = _MOST_TRAINING) -> float:
    """PSNR in dB of a finished field, in float32, on ``samples`` (a fixed choice of ``most`` if there are more)."""
    chosen = samples.subset(most)
    blocks = [field(chosen.coordinates(slice(i, i + _ROWS))) for i in range(0, len(chosen), _ROWS)]
    estimate = field.value_range.normalise(torch.cat(blocks).cpu().numpy())
    return psnr(estimate, chosen.values.numpy())
