"""What a fit of a scan is expected to reach on measurements that it will not see."""

from __future__ import annotations

from typing import Any

import torch

from ...problems.scans import ScanProblem, measurements
from ...regression.scans import Reconstruction
from ...training import measurement_psnr

__all__ = ["foreseen", "in_a_few_words"]

_UNSEEN = {"ct": "projections that are not seen", "mri": "samples beyond the middle of k-space that are not seen"}


def foreseen(problem: ScanProblem, found: Reconstruction) -> dict[str, Any] | None:
    """The ``forecast`` of ``fit --json``: from training measurements that a fit by kernel to the others did not see,
    None where nothing was kept back.

    A network begins with what the kernel finds, and ends as near to the measurements that neither sees unless it cannot
    draw it: edges between constants.
    """
    chosen = found.chosen
    if chosen is None:
        return None
    error = torch.full((1,), chosen.error * chosen.size, dtype=torch.float64)
    return {
        "held_out_psnr_db": measurement_psnr(error, measurements(problem.training)),
        "held_out_low_db": None,
        "held_out_high_db": None,
        "train_psnr_db": None,
        "held_out_samples": _UNSEEN[problem.training.kind],
        "curve": [],
    }


def in_a_few_words(forecast: dict[str, Any]) -> str:
    """For those who wait."""
    return f"{forecast['held_out_psnr_db']:.1f} dB on {forecast['held_out_samples']}"
