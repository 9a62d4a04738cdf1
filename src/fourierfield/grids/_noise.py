"""Estimate the noise of samples from the samples alone."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import numpy as np

_FEWEST = 64  # fewest differences in a block whose median counts
_BLOCK = 256  # differences in a block: few enough to lie between edges, many enough for a median
_QUANTILE = 0.25  # of the blocks' medians: some blocks hold texture, all hold noise
_BIAS = 0.96  # that quantile for pure noise, relative to the median of all its differences
_GAUSSIAN = 0.6745  # the median of |x| for a standard normal x


def noise_level(values: np.ndarray) -> float | None:
    """Estimate the standard deviation of white noise in samples (n₁, …, n_d, C), as the RMS over the channels.

    None for too few samples; NaN marks missing ones. The highest frequencies of a signal are mostly noise: differences
    (1, −2, 1)/√6 along every axis in turn, or (1, −4, 6, −4, 1)/√70 along a single one, have its variance and nothing
    of a smooth signal's. Their median magnitude (Donoho & Johnstone 1994) is taken in blocks of 256, to exclude edges,
    and of the blocks the lower quartile, to exclude texture. Texture that is everywhere is still taken for noise.

    >>> rng = np.random.default_rng(0)
    >>> y, x = np.mgrid[0:64, 0:64] / 64
    >>> wave = np.sin(6 * x + 4 * y)[..., None]
    >>> round(noise_level(wave + rng.normal(0, 0.1, wave.shape)), 2), round(noise_level(wave), 2)
    (0.1, 0.0)
    """
    levels = [_of_channel(values[..., c].astype(np.float64)) for c in range(values.shape[-1])]
    known = [level for level in levels if level is not None]
    return math.sqrt(sum(level**2 for level in known) / len(known)) if known else None


def _of_channel(values: np.ndarray) -> float | None:
    differences = _differences(values)
    medians = [np.median(block) for block in _blocks(np.abs(differences)) if len(block) >= _FEWEST]
    return float(np.quantile(medians, _QUANTILE)) / (_GAUSSIAN * _BIAS) if medians else None


def _differences(values: np.ndarray) -> np.ndarray:
    """Return second differences along every axis of at least three samples, or fourth ones along a single such axis."""
    axes = [axis for axis, n in enumerate(values.shape) if n >= 3]
    order = 2 if len(axes) > 1 else 4
    for axis in axes:
        values = np.diff(values, order, axis=axis) / math.sqrt(math.comb(2 * order, order))
    return values if axes else np.full_like(values, np.nan)


def _blocks(values: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the known values of blocks that are roughly cubes."""
    axes = sum(n > 1 for n in values.shape)
    side = [max(1, min(n, math.ceil(_BLOCK ** (1 / max(1, axes))))) for n in values.shape]
    for corner in itertools.product(*(range(0, n - s + 1, s) for n, s in zip(values.shape, side, strict=True))):
        block = values[tuple(slice(first, first + s) for first, s in zip(corner, side, strict=True))]
        yield block[~np.isnan(block)]
