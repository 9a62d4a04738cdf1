"""How fine the pictures are: their spectral scale."""

from __future__ import annotations

import numpy as np

from .signal import ViewsSignal

__all__ = ["spectral_scale"]

_MOST_VIEWS = 32


def spectral_scale(signal: ViewsSignal, views: np.ndarray) -> float:
    """The root mean square frequency of the pictures, in cycles per pixel: √(Σ|∇I|² / Σ|I − Ī|²) / 2π.

    ∇I are differences of neighbouring pixels, Ī is a picture's mean colour; sums over the colours of at most 32 of the
    ``views``, evenly chosen. By Parseval it is the spread of the power spectrum about zero, to the extent that
    differences stand for derivatives. Zero for pictures of one colour.
    """
    chosen = np.asarray(views)[np.linspace(0, len(views) - 1, min(_MOST_VIEWS, len(views))).astype(int)]
    slopes, power = 0.0, 0.0
    for view in chosen:
        picture = signal.view(int(view)).astype(np.float64)
        across, down = np.diff(picture, axis=1), np.diff(picture, axis=0)
        slopes += (across**2).sum() + (down**2).sum()
        power += ((picture - picture.mean(axis=(0, 1))) ** 2).sum()
    return float(np.sqrt(slopes / power) / (2 * np.pi)) if power > 0 else 0.0
