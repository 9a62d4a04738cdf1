"""Amplitudes of a kernel from place to place, by what was found there."""

from __future__ import annotations

import torch
from torch import Tensor

from ...operators import HaarBands, haar_bands

__all__ = ["levels_for", "local_variances"]

_SMOOTHED = 0.5  # pixels
_LEAST = 1e-4  # of the field's size
_MOST_LEVELS = {2: 4, 3: 2}


def levels_for(shape: tuple[int, ...]) -> int:
    """Levels of wavelets: four in a plane and two in a volume, fewer where the grid is small."""
    longest = max(shape)
    return max(1, min(_MOST_LEVELS[len(shape)], longest.bit_length() - 4))


def local_variances(parts: Tensor) -> HaarBands:
    """Variances √(c̄² + ε²) for the wavelet coefficients c of a field with ``parts`` (p, n₁, …): one, or real and
    imaginary part, which share theirs; c̄² is the square of c smoothed over half a pixel, ε 1e-4 of the field's size.

    A field of least Σ c²/|c₀| has, once c and c₀ agree, the least Σ|c| that goes with its measurements (iteratively
    reweighted least squares; Daubechies et al. 2010): few large coefficients, at edges and where there is anything at
    all, rather than many small ones.
    """
    size = float(parts.square().sum(0).amax().sqrt()) or 1.0
    levels = levels_for(tuple(parts.shape[1:]))
    each = [haar_bands(part / size, levels) for part in parts]
    coarse = _variance(sum(b.coarse.square() for b in each))  # type: ignore[arg-type]
    details = tuple(
        torch.stack([_variance(band) for band in sum(b.details[level].square() for b in each)])  # type: ignore[union-attr]
        for level in range(levels)
    )
    return HaarBands(coarse, details)


def _variance(squares: Tensor) -> Tensor:
    from scipy.ndimage import gaussian_filter

    smooth = torch.from_numpy(gaussian_filter(squares.numpy(), _SMOOTHED, mode="wrap"))
    return (smooth.clamp_min(0) + _LEAST**2).sqrt()
