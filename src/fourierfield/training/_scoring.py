"""Score a network along its run, on fixed subsets of the samples, and the finished field on all of them."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from ..grids._metrics import psnr
from ..networks._field import NetworkField
from ..networks._mlp import CoordinateNetwork
from ..problems._points import Problem, Samples
from ._data import encode
from ._plan import TrainingPlan

_MOST_ON_CURVE = 1 << 13  # training, and held-out, samples that the curve is scored on: bounds the time of a score
MOST_TRAINING = 1 << 20  # training samples that a finished field is scored on: bounds the time
_ROWS = 1 << 16  # samples that are evaluated at once: bounds memory
MOST_DECIBELS = 999.0  # stands for an infinite PSNR, since JSON has no infinity


def curve_steps(steps: int, points: int = 24) -> frozenset[int]:
    """Return the steps at which a run is scored: about ``points``, spread by their logarithm, including the last.

    >>> sorted(curve_steps(100, points=5))
    [1, 3, 10, 32, 100]
    """
    return frozenset(round(float(step)) for step in np.geomspace(1, steps, min(points, steps)))


class CurveScorer:
    """A scorer of the network in training, on at most 8,192 training and as many held-out samples, always the same."""

    def __init__(self, problem: Problem, network: CoordinateNetwork, plan: TrainingPlan) -> None:
        self._network = network
        self._plan = plan
        self._training = self._encoded(problem.training)
        self._held_out = self._encoded(problem.held_out) if problem.held_out else None

    def score(self, step: int, loss: float) -> dict[str, float | None]:
        """Compute one point of the learning curve."""
        return {
            "step": step,
            "loss": loss,
            "train_psnr_db": self._psnr(self._training),
            "held_out_psnr_db": self._psnr(self._held_out) if self._held_out else None,
        }

    def _encoded(self, samples: Samples) -> tuple[Tensor, np.ndarray]:
        """Return the features and the true values of a fixed subset."""
        chosen = samples.subset(_MOST_ON_CURVE)
        features = encode(chosen, self._network.encoding, self._plan.precision, self._plan.device)
        return features, chosen.values.numpy()

    @torch.no_grad()
    def _psnr(self, encoded: tuple[Tensor, np.ndarray]) -> float:
        features, truth = encoded
        plan = self._plan
        with torch.autocast(plan.device.type, plan.precision, enabled=plan.precision != torch.float32):
            output = self._network.mlp(features)
        return min(psnr(output.float().cpu().numpy(), truth), MOST_DECIBELS)


def score_field(field: NetworkField, problem: Problem) -> dict[str, float | None]:
    """Compute the PSNR in dB of a finished field on up to 2²⁰ training samples, always the same, and all held out."""
    held_out = _psnr_on(field, problem.held_out) if problem.held_out else None
    return {"train_psnr_db": _psnr_on(field, problem.training.subset(MOST_TRAINING)), "held_out_psnr_db": held_out}


def _psnr_on(field: NetworkField, samples: Samples) -> float:
    squares, count = 0.0, 0
    for start in range(0, len(samples), _ROWS):
        rows = slice(start, start + _ROWS)
        estimate = field.value_range.normalise(field(samples.coordinates(rows))).cpu()
        error = (estimate - samples.values[rows]).double()
        squares += float(error.square().nansum())
        count += int((~error.isnan()).sum())
    return min(-10 * math.log10(max(squares / count, 1e-300)), MOST_DECIBELS)
