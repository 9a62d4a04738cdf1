"""The detail of a signal: differences of samples to their neighbours, and slopes."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

# Values in a piece and number of pieces that a large signal is judged by, four million values: bounds the work.
_PIECE, _PIECES = 1 << 18, 16
_ROWS = 4  # the least thickness of a piece, in samples: those at its border lack a neighbour
_KEPT = 0.99  # share of the detail that the principal channels which are kept must hold; bounds the forecasts' work


def neighbour_differences(values: np.ndarray) -> np.ndarray:
    """Compute each sample of (n₁, …, n_d, C) minus the mean of its neighbours along the axes.

    The difference is NaN where the sample or all of its neighbours are missing.

    >>> neighbour_differences(np.array([[0.0], [1.0], [0.0], [0.0]]))[:, 0]
    array([-1. ,  1. , -0.5,  0. ])
    """
    total, count = np.zeros_like(values), np.zeros_like(values)
    for axis in range(values.ndim - 1):
        for ahead in (1, -1):
            inside = [slice(None)] * values.ndim
            there = list(inside)
            inside[axis], there[axis] = (slice(1, None), slice(None, -1))[::ahead]
            found = values[tuple(there)]
            total[tuple(inside)] += np.nan_to_num(found)
            count[tuple(inside)] += ~np.isnan(found)
    return values - np.divide(total, count, out=np.full_like(values, np.nan), where=count > 0)


def detail_of(values: np.ndarray) -> tuple[float, np.ndarray | None]:
    """Compute the mean square difference to neighbours, and the principal axes (C, c) that hold 99 % of the detail.

    The axes are orthonormal, or None if samples lack some of their channels, as these cannot be rotated. Large signals
    are judged by a few million values, spread evenly.
    """
    channels = values.shape[-1]
    power, rows, partial = np.zeros((channels, channels)), 0, False
    squares, count = 0.0, 0
    for piece in _pieces(values):
        differences = neighbour_differences(piece).reshape(-1, channels).astype(np.float64)
        missing = np.isnan(differences)
        partial |= bool((missing.any(1) != missing.all(1)).any())
        squares += float(np.square(differences[~missing]).sum())
        count += int((~missing).sum())
        known = differences[~missing.any(1)]
        power, rows = power + known.T @ known, rows + len(known)
    partial |= bool((np.isnan(values).any(-1) != np.isnan(values).all(-1)).any())
    return squares / max(1, count), None if partial or rows == 0 else _principal(power)


def mean_square_slopes(values: np.ndarray, spacing: tuple[float, ...]) -> tuple[float, ...]:
    """Compute the mean square slope along each axis, over the samples that are known; 0 along an axis of one sample."""
    squares, counts = np.zeros((2, len(spacing)))
    for piece in _pieces(values):
        for axis in range(len(spacing)):
            steps = np.diff(piece, axis=axis).astype(np.float64)
            squares[axis] += np.nansum(np.square(steps))
            counts[axis] += (~np.isnan(steps)).sum()
    return tuple(float(s) / max(1.0, n) / h**2 for s, n, h in zip(squares, counts, spacing, strict=True))


def _principal(power: np.ndarray) -> np.ndarray:
    powers, axes = np.linalg.eigh(power)
    shares = np.cumsum(powers[::-1]) / max(powers.sum(), np.finfo(float).tiny)
    kept = min(len(powers), int(np.searchsorted(shares, _KEPT)) + 1)
    return axes[:, ::-1][:, :kept]


def _pieces(values: np.ndarray) -> Iterator[np.ndarray]:
    """Yield a small signal in one piece, or some slabs across the first axis of a large one."""
    if values.size <= _PIECE * _PIECES:
        yield values
        return
    rows = min(len(values), max(_ROWS, _PIECE // math.prod(values.shape[1:])))
    for first in np.unique(np.linspace(0, len(values) - rows, _PIECES).astype(int)):
        yield values[first : first + rows]
