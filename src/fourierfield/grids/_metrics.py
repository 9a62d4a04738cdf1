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

    # Scaled to a range of 1, since it squares squares of values: 1e-11 and 1e11 would leave what floats can hold.
    images = ((np.asarray(x, dtype=np.float64) / peak).astype(truth.dtype) for x in (truth, estimate))
    with np.errstate(all="ignore"):  # of a constant 1e30, whose range is 1
        found = float(ssim(*images, data_range=1.0, channel_axis=-1))
    return found if math.isfinite(found) else None
