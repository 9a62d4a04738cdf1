"""The signal-to-noise ratio of a fitted sound."""

from __future__ import annotations

from ...networks._field import Field
from ...problems._grid import GridProblem
from ...tasks._scores import Scores, snr


def audio_scores(field: Field, problem: GridProblem, scores: Scores, most: int) -> Scores:
    """Return ``train_snr_db``, ``held_out_snr_db`` and ``ssim``, which sound does not have.

    SNR is 10 log₁₀(Σ y² / Σ (y − f)²) over the samples that the PSNRs in ``scores`` were taken of: at most ``most``
    training samples, all held-out ones. It is None without a hold-out, and for silence.
    """
    silence = problem.value_range.normalise(0.0)
    return {
        "train_snr_db": snr(scores["train_psnr_db"], problem.training.subset(most), silence),
        "held_out_snr_db": snr(scores["held_out_psnr_db"], problem.held_out, silence),
        "ssim": None,
    }
