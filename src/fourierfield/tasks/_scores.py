"""Scores of a finished field on the samples of its problem."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from ..networks._field import Field
from ..problems._grid import GridProblem, GridSamples
from ..problems._points import PointProblem, PointSamples, Samples
from ..regression._field import KernelField
from ..regression._solve import places_of
from ..training._scoring import MOST_DECIBELS

Scores = dict[str, float | None]
KindScores = Callable[[Field, GridProblem, Scores, int], Scores]
"""What a kind of signal on a grid adds to PSNRs: field, problem, PSNRs and the number of training samples scored."""


def no_more_scores(field: Field, problem: GridProblem, scores: Scores, most: int) -> Scores:
    """Add nothing to the PSNRs of a field."""
    return {"ssim": None}


def errors_of(field: Field, samples: Samples) -> Tensor:
    """Return estimate minus value in [0, 1] of the range, (N, C) float64; NaN where a channel was not measured."""
    found = field.at(samples) if isinstance(field, KernelField) else field(places_of(samples))
    return field.value_range.normalise(found).double() - samples.values.double()


def decibels(mse: float) -> float:
    """Return the PSNR of values in [0, 1], −10 log₁₀ MSE, at most 999 dB.

    >>> decibels(0.01)
    20.0
    """
    return min(-10 * math.log10(max(mse, 1e-300)), MOST_DECIBELS)


def points_scores(name: str, samples: PointSamples | None, errors: Tensor | None, problem: PointProblem) -> Scores:
    """Return R² = 1 − Σe²/Σ(y − ȳ)² and the RMSE in the outputs' own units, as means over the outputs.

    ``errors`` (N, C) are in [0, 1] of each output's range. Both scores are None without samples; R² is also None where
    an output does not vary.
    """
    if samples is None or errors is None:
        return {f"{name}_r2": None, f"{name}_rmse": None}
    spread = (samples.values - samples.values.mean(0)).square().sum(0)
    lost = errors.square().sum(0)
    peak = torch.tensor(problem.value_range.peak, dtype=torch.float64)
    r2 = float((1 - lost / spread).mean()) if bool((spread > 0).all()) else None
    return {f"{name}_r2": r2, f"{name}_rmse": float((errors.square().mean(0).sqrt() * peak).mean())}


def snr(psnr_db: float | None, samples: GridSamples | None, silence: float) -> float | None:
    """Return the SNR in dB, 10 log₁₀(Σ y² / Σ (y − f)²), from the PSNR; ``silence`` is zero's value. None if silent."""
    if psnr_db is None or samples is None:
        return None
    power = float((samples.values.double() - silence).square().nanmean())
    return min(psnr_db + 10 * math.log10(power), MOST_DECIBELS) if power > 0 else None
