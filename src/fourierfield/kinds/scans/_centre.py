"""Find where the axis of rotation projects to, from the projections themselves."""

from __future__ import annotations

import numpy as np

_ROWS = 32  # most pairs of opposite angles that are compared; bounds the work
_SLICES = 8  # most slices that are compared; bounds the work
_COARSE = 256  # fewest bins of the first search, to which finer detectors are binned
_FINER = 4  # steps per bin of the second search
_OVERLAP = 0.35  # smallest share of the detector that opposite projections have in common
_MISMATCH = 0.3  # largest misfit, relative to the variance, of projections that count as mirror images
_WIDEST = np.radians(20)  # widest gap between neighbouring angles that is interpolated
_EMPTY = 0.05  # of the 95th percentile: below it, an edge of the detector sees past the object
_TURNS = 40  # cycles per turn beyond which there is more noise than trace of the seam
_UPSAMPLED = 8  # shifts per bin at which the energy outside the double wedge is evaluated


def centre_of_rotation(projections: np.ndarray, angles: np.ndarray) -> float | None:
    """Return the bin that the axis of rotation of a parallel-beam scan projects to, or None if it cannot be determined.

    ``projections`` are (A, B) or (A, S, B), at ``angles`` (A,) in radians. The bin may be fractional.

    Parallel beams from opposite directions follow the same lines: p(θ + π, c + s) = p(θ, c − s). For a scan over 360°,
    one half is compared with the mirror image of the other. For a scan over 180° (to within 2 angular steps), the
    continuation past its last projection is compared with the mirror image of the continuation before its first. If the
    detector sees past the object on both sides, c is refined with all projections together: the scan and its mirror
    image make a full turn whose spectrum lies in a double wedge (Vo et al., Optics Express 22 (2014) 19078).
    """
    stack = projections if projections.ndim == 3 else projections[:, None]
    angles = np.asarray(angles, dtype=np.float64) - np.min(angles)
    if angles.max() > 2 * np.pi + 1e-6:
        angles = np.mod(angles, 2 * np.pi)
    stack = _thinned(np.asarray(stack)[np.argsort(angles, kind="stable")])
    angles = np.sort(angles)
    pairs = _opposites(stack, angles)
    if pairs is None:
        return None
    found = _mirror_centre(*pairs)
    half = angles < angles[0] + np.pi - 1e-6
    if found is None or half.sum() < len(angles) - 1 or not _evenly(angles[half]) or not _empty_edges(stack):
        return found
    return _refined(stack[half], found)


def _thinned(stack: np.ndarray) -> np.ndarray:
    """Return some of the slices as float64, with unmeasured bins filled in from their neighbours."""
    chosen = np.unique(np.linspace(0, stack.shape[1] - 1, _SLICES).round().astype(int))
    rows = stack[:, chosen].astype(np.float64, order="C")
    bins = np.arange(rows.shape[-1])
    for row in rows.reshape(-1, rows.shape[-1]):
        missing = np.isnan(row)
        if missing.any():
            row[missing] = np.interp(bins[missing], bins[~missing], row[~missing]) if not missing.all() else 0.0
    return rows


def _opposites(stack: np.ndarray, angles: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Return projections (P, B) and the projections half a turn later, or None if there are no such pairs.

    The latter are interpolated between neighbouring angles, or extrapolated to the seam of half a turn.
    """
    if len(angles) < 4:
        return None
    bins = stack.shape[-1]
    opposite = angles + np.pi
    after = np.searchsorted(angles, opposite - 1e-9).clip(1, len(angles) - 1)
    gap = angles[after] - angles[after - 1]
    inside = np.flatnonzero((opposite <= angles[-1] + 1e-9) & (gap > 0) & (gap < _WIDEST))
    if not len(inside):
        return _seam(stack, angles)
    inside = inside[np.unique(np.linspace(0, len(inside) - 1, _ROWS).astype(int))]
    after, gap = after[inside], gap[inside]
    weight = ((opposite[inside] - angles[after - 1]) / gap)[:, None, None].clip(0, 1)
    there = (1 - weight) * stack[after - 1] + weight * stack[after]
    return stack[inside].reshape(-1, bins), there.reshape(-1, bins)


def _seam(stack: np.ndarray, angles: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Return both ends of half a turn, each extrapolated by half of the step between them.

    Returns None if they are too far apart.
    """
    rest = angles[0] + np.pi - angles[-1]
    first, last = angles[1] - angles[0], angles[-1] - angles[-2]
    if not 0 < rest <= 2.5 * np.median(np.diff(angles)) or min(first, last) <= 0:
        return None
    before = stack[0] + (stack[0] - stack[1]) * rest / 2 / first
    behind = stack[-1] + (stack[-1] - stack[-2]) * rest / 2 / last
    return before, behind


def _evenly(angles: np.ndarray) -> bool:
    step = np.pi / len(angles)
    return bool(np.abs(np.diff(angles) - step).max() < 0.1 * step)


def _empty_edges(stack: np.ndarray) -> bool:
    edges = stack[..., [0, 1, -2, -1]].mean(axis=(0, 1))
    return bool(np.abs(edges).max() < _EMPTY * np.percentile(stack, 95))


def _mirror_centre(first: np.ndarray, opposite: np.ndarray) -> float | None:
    """Return the bin about which ``opposite`` best mirrors ``first``, or None if it does not mirror it.

    With lag k between ``first`` and the reversed ``opposite``, 2c = B − 1 − k.
    """
    from scipy.ndimage import gaussian_filter1d

    bins = first.shape[-1]
    first, mirrored = (gaussian_filter1d(rows, 1.0, axis=-1) for rows in (first, opposite[:, ::-1]))
    factor = max(1, bins // _COARSE)
    coarser, coarser_mirrored = _binned(first, factor), _binned(mirrored, factor)
    count = coarser.shape[-1]
    lags = np.arange(-int(count * (1 - _OVERLAP)), int(count * (1 - _OVERLAP)) + 1)
    misfits = _misfits(coarser, coarser_mirrored, lags)
    best = int(np.argmin(misfits))
    elsewhere = np.abs(lags - lags[best]) > 0.1 * count
    if misfits[best] > _MISMATCH or misfits[elsewhere].min() < 1.5 * misfits[best]:
        return None
    around = int(lags[best]) * factor * _FINER + np.arange(-2 * factor * _FINER, 2 * factor * _FINER + 1)
    lag = _lowest(around.astype(np.float64), _misfits(_finer(first), _finer(mirrored), around)) / _FINER
    return float((bins - 1 - lag) / 2)


def _binned(rows: np.ndarray, factor: int) -> np.ndarray:
    count = rows.shape[-1] // factor
    return rows[:, : count * factor].reshape(len(rows), count, factor).mean(axis=-1)


def _finer(rows: np.ndarray) -> np.ndarray:
    bins = np.arange(rows.shape[-1])
    places = np.arange((rows.shape[-1] - 1) * _FINER + 1) / _FINER
    return np.stack([np.interp(places, bins, row) for row in rows])


def _misfits(rows: np.ndarray, others: np.ndarray, lags: np.ndarray) -> np.ndarray:
    """Compute Σ(u − v)² / (Σu² + Σv²) over the overlap of u = rows[x] and v = others[x + lag], for each lag.

    The mean of each row is subtracted first.
    """
    n = rows.shape[-1]
    misfits = np.full(len(lags), np.inf)
    for i, lag in enumerate(lags):
        if abs(lag) >= (1 - _OVERLAP / 2) * n:
            continue
        u, v = rows[:, max(0, -lag) : n - max(0, lag)], others[:, max(0, lag) : n + min(0, lag)]
        u, v = u - u.mean(axis=1, keepdims=True), v - v.mean(axis=1, keepdims=True)
        size = (u * u).sum() + (v * v).sum()
        misfits[i] = ((u - v) ** 2).sum() / size if size > 0 else np.inf
    return misfits


def _lowest(places: np.ndarray, values: np.ndarray) -> float:
    """Return the place at which the parabola through the lowest value and its neighbours is lowest."""
    i = int(np.argmin(values))
    if not 0 < i < len(values) - 1 or not np.isfinite(values[i - 1 : i + 2]).all():
        return float(places[i])
    below, lowest, above = values[i - 1 : i + 2]
    bend = below - 2 * lowest + above
    return float(places[i] + (0.5 * (below - above) / bend if bend > 0 else 0.0) * (places[1] - places[0]))


def _refined(stack: np.ndarray, found: float) -> float:
    """Return the minimum near ``found`` of the energy outside the double wedge, or ``found`` if there is none."""
    centres, energy = _energy_outside(stack)
    near = np.flatnonzero(np.abs(centres - found) <= 1.5)
    lowest = near[np.argmin(energy[near])]
    if lowest in (near[0], near[-1]):
        return found
    around = slice(lowest - 1, lowest + 2)
    return _lowest(centres[around], energy[around])


def _energy_outside(stack: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return candidate centres c and, up to a constant, the energy outside the double wedge for each.

    A scan and its mirror image about c make a full turn. Its energy outside the wedge is Σ |F(n, ω)|² over |n| > r|ω|,
    with n in cycles per turn, ω in radians per bin and r half the width of the detector.

    With G the transform of the scan and H that of its mirror image about the middle of the detector, F = G + (−1)ⁿ
    e^{−2iω(c − middle)} H. The part that depends on c is therefore a single Fourier transform over ω, of Σ_n conj(G)
    (−1)ⁿ H.
    """
    count, _, bins = stack.shape
    turns = np.fft.fftfreq(2 * count, 1 / (2 * count))[:, None, None]
    given, mirrored = (
        np.fft.fft(np.fft.rfft(rows, 2 * bins, axis=-1), 2 * count, axis=0) for rows in (stack, stack[..., ::-1])
    )
    omega = 2 * np.pi * np.arange(given.shape[-1]) / (2 * bins)
    outside = (np.abs(turns) > 1.1 * omega * bins / 2 + 2) & (np.abs(turns) < _TURNS)
    cross = np.where(outside, np.conj(given) * mirrored * (-1.0) ** turns, 0).sum(axis=(0, 1))
    size = 2 * bins * _UPSAMPLED
    energy = np.fft.irfft(np.conj(cross), size) * size
    shifts = np.fft.fftfreq(size, 1 / size) / _UPSAMPLED
    order = np.argsort(shifts)
    return shifts[order] / 2 + (bins - 1) / 2, energy[order]
