"""The scores of a finished field, those that suit its kind of signal."""

from __future__ import annotations

import math

from ..networks import NetworkField
from ..problems import GridProblem, GridSamples
from ..signals import GridSignal, structural_similarity
from ..training.scoring import MOST_DECIBELS, MOST_TRAINING, score_field

__all__ = ["measure"]

_MOST_FOR_SSIM = 1 << 24  # samples; beyond this drawing the whole image takes minutes


def measure(signal: GridSignal, problem: GridProblem, field: NetworkField) -> dict[str, float | None]:
    """PSNR of every signal, SSIM of images (None for others), SNR of audio: ``train_snr_db``, ``held_out_snr_db``.

    SNR is 10 log₁₀(Σ y² / Σ (y − f)²) over the samples that PSNR is taken of; None without hold-out, and for silence.
    """
    scores = score_field(field, problem)
    if signal.kind == "audio":
        offset = problem.value_range.normalise(0.0)
        scores["train_snr_db"] = _snr(scores["train_psnr_db"], problem.training.subset(MOST_TRAINING), offset)
        scores["held_out_snr_db"] = _snr(scores["held_out_psnr_db"], problem.held_out, offset)
    return {**scores, "ssim": _ssim(signal, problem, field)}


def _snr(psnr_db: float | None, samples: GridSamples | None, silence: float) -> float | None:
    """SNR in dB from PSNR: both have the same error, and Σ y² stands in the place of N·peak²."""
    if psnr_db is None or samples is None:
        return None
    power = float((samples.values.double() - silence).square().nanmean())
    return min(psnr_db + 10 * math.log10(power), MOST_DECIBELS) if power > 0 else None


def _ssim(signal: GridSignal, problem: GridProblem, field: NetworkField) -> float | None:
    if signal.kind != "image" or signal.grid.size > _MOST_FOR_SSIM:
        return None
    return structural_similarity(field.sample(signal.grid), signal.values, problem.value_range.peak)
