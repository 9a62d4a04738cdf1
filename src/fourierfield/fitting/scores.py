"""The scores of a finished field, those that suit its kind of signal."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ..networks import Field, NetworkField
from ..problems import GridProblem, GridSamples, PointProblem, PointSamples, Samples
from ..regression import KernelField, places_of
from ..signals import GridSignal, structural_similarity
from ..training.scoring import MOST_DECIBELS, MOST_TRAINING, score_field

__all__ = ["MOST_DECIBELS", "decibels", "errors_of", "measure", "points_scores", "snr", "whole_image_ssim"]

_MOST_FOR_SSIM = 1 << 24  # samples; beyond this drawing the whole image takes minutes


def measure(signal: GridSignal, problem: GridProblem, field: NetworkField) -> dict[str, float | None]:
    """PSNR of every signal, SSIM of images (None for others), SNR of audio: ``train_snr_db``, ``held_out_snr_db``.

    SNR is 10 log₁₀(Σ y² / Σ (y − f)²) over the samples that PSNR is taken of; None without hold-out, and for silence.
    """
    scores = score_field(field, problem)
    if signal.kind == "audio":
        offset = problem.value_range.normalise(0.0)
        scores["train_snr_db"] = snr(scores["train_psnr_db"], problem.training.subset(MOST_TRAINING), offset)
        scores["held_out_snr_db"] = snr(scores["held_out_psnr_db"], problem.held_out, offset)
    return {**scores, "ssim": whole_image_ssim(signal, problem, field)}


def errors_of(field: Field, samples: Samples) -> Tensor:
    """Estimate minus value in [0, 1] of the range, (N, C) float64, NaN where none was measured."""
    found = field.at(samples) if isinstance(field, KernelField) else field(places_of(samples))
    return field.value_range.normalise(found).double() - samples.values.double()


def decibels(mse: float) -> float:
    """PSNR of values in [0, 1], at most 999 dB.

    >>> decibels(0.01)
    20.0
    """
    return min(-10 * math.log10(max(mse, 1e-300)), MOST_DECIBELS)


def points_scores(
    name: str, samples: PointSamples | None, errors: Tensor | None, problem: PointProblem
) -> dict[str, float | None]:
    """R² = 1 − Σe²/Σ(y − ȳ)² and the root mean square error in the outputs' own units, means over the outputs, for
    errors (N, C) in [0, 1] of each output's range; None without samples, R² too where the outputs do not vary."""
    if samples is None or errors is None:
        return {f"{name}_r2": None, f"{name}_rmse": None}
    spread = (samples.values - samples.values.mean(0)).square().sum(0)
    lost = errors.square().sum(0)
    peak = torch.tensor(problem.value_range.peak, dtype=torch.float64)
    r2 = float((1 - lost / spread).mean()) if bool((spread > 0).all()) else None
    return {f"{name}_r2": r2, f"{name}_rmse": float((errors.square().mean(0).sqrt() * peak).mean())}


def snr(psnr_db: float | None, samples: GridSamples | None, silence: float) -> float | None:
    """SNR in dB from PSNR: both have the same error, and Σ y² stands in the place of N·peak²."""
    if psnr_db is None or samples is None:
        return None
    power = float((samples.values.double() - silence).square().nanmean())
    return min(psnr_db + 10 * math.log10(power), MOST_DECIBELS) if power > 0 else None


def whole_image_ssim(signal: GridSignal, problem: GridProblem | PointProblem, field: Field) -> float | None:
    """SSIM of an image on its own grid; None for other signals and images beyond 2²⁴ samples."""
    if signal.kind != "image" or signal.grid.size > _MOST_FOR_SSIM:
        return None
    return structural_similarity(field.sample(signal.grid), signal.values, problem.value_range.common[1])
