"""Measure how far a reconstruction is from the truth."""

from __future__ import annotations

import math

import numpy as np


def psnr(estimate: np.ndarray, truth: np.ndarray, peak: float = 1.0) -> float:
    """Compute the peak signal-to-noise ratio in dB, −10 log₁₀(MSE / peak²); infinite for equal arrays.

    Entries whose truth is NaN do not count.

    >>> psnr(np.array([0.1, 0.9]), np.array([0.0, 1.0]))
    20.0
    """
    difference = np.asarray(estimate, dtype=np.float64) - np.asarray(truth, dtype=np.float64)
    error = float(np.nanmean(difference**2)) / peak**2
    return math.inf if error == 0 else round(-10 * math.log10(error), 12)


def structural_similarity(estimate: np.ndarray, truth: np.ndarray, peak: float = 1.0) -> float | None:
    """Compute the mean SSIM (Wang et al. 2004, 7×7 windows) of images (H, W, C); None if smaller, or with NaN."""
    if min(truth.shape[:2]) < 7 or np.isnan(truth).any():
        return None
    from skimage.metrics import structural_similarity as ssim

    return float(ssim(truth, np.asarray(estimate, dtype=truth.dtype), data_range=peak, channel_axis=-1))
