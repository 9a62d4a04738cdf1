"""How noisy a scan's measurements are, from themselves."""

from __future__ import annotations

import numpy as np

from ...signals.scans import KSpaceSignal, SinogramSignal
from .problem import Scan

__all__ = ["measurement_noise"]

_GAUSSIAN = 0.6745  # median |x| of a standard normal
_ENOUGH = 50  # pairs of opposite samples
_OUTER = 0.2  # of the places in k-space, the farthest from its middle: noise for the most part


def measurement_noise(scan: Scan) -> float:
    """Standard deviation of a measurement's noise: of line integrals from third differences along the detector, whose
    variance is 20σ² and which smooth projections hardly have; of Fourier samples, real and imaginary part each, of a
    real field from how far those at opposite places are from conjugate, of others from those farthest out. Medians
    (Donoho & Johnstone 1994), so that edges do not matter; what is left of them, and fine texture, is taken for noise.
    """
    if isinstance(scan, SinogramSignal):
        if scan.shape[2] < 4:
            return 0.0
        differences = np.abs(np.diff(scan.projections.astype(np.float64), 3, axis=2))
        return _spread(differences) / np.sqrt(20)
    opposite = _opposite(scan) if scan.real else None
    if opposite is not None and len(opposite) >= _ENOUGH:
        off = scan.samples[:, opposite[:, 0]] - scan.samples[:, opposite[:, 1]].conj()
        return _spread(np.abs(np.concatenate([off.real, off.imag]))) / np.sqrt(2)
    radius = np.sqrt(((scan.places / np.array(scan.image_shape)) ** 2).sum(axis=1))
    outer = scan.samples[:, radius >= np.quantile(radius, 1 - _OUTER)]
    return _spread(np.abs(np.concatenate([outer.real, outer.imag])))


def _opposite(scan: KSpaceSignal) -> np.ndarray | None:
    """Numbers (P, 2) of samples at places k and −k; None beside the grid."""
    if not scan.cartesian:
        return None
    shape = np.array(scan.image_shape)
    places = np.rint(scan.places).astype(np.int64)
    here, there = (np.ravel_multi_index(tuple((sign * places % shape).T), scan.image_shape) for sign in (1, -1))
    order = np.argsort(here)
    at = np.clip(np.searchsorted(here[order], there), 0, len(here) - 1)
    found = (here[order][at] == there) & (here < there)
    return np.stack([np.flatnonzero(found), order[at[found]]], axis=1)


def _spread(magnitudes: np.ndarray) -> float:
    known = magnitudes[~np.isnan(magnitudes)]
    return float(np.median(known) / _GAUSSIAN) if known.size else 0.0
