"""Sensitivities of coils, from the middle of k-space."""

from __future__ import annotations

import numpy as np
import torch

from ...errors import SignalError
from ...operators import nonuniform_fourier
from ...signals.scans import KSpaceSignal

__all__ = ["estimate_maps"]

_LEAST, _MOST = 8, 24  # places along each axis of the middle that is taken
_WHOLLY, _HARDLY = 0.9, 0.4  # shares of it that were measured
_PATCH = 5  # pixels of the low-resolution images that tell of one sensitivity together
_FAINT = 0.02  # weight of what lies farther around, which decides where there is nothing to see


def estimate_maps(scan: KSpaceSignal) -> np.ndarray:
    """Sensitivities (C, n₁, …) complex64 of the coils, with Σ|S|² = 1 at each pixel.

    The samples in the middle of k-space, of a calibration if there is one, give a smooth image by each coil; at each
    pixel the sensitivities are the strongest eigenvector of the images' covariance around it (Walsh, Gmitro & Marcellin
    2000), its phase that of the coils' sum. Where there is nothing to see, they go on from what lies around. Raises
    ``SignalError`` where the middle was hardly measured.
    """
    images = _smooth_images(scan if scan.calibration is None else scan.calibration)
    covariance = np.einsum("i...,j...->...ij", images, images.conj())
    for i, j in np.ndindex(scan.coils, scan.coils):
        covariance[..., i, j] = _around(covariance[..., i, j])
    strongest = np.linalg.eigh(covariance)[1][..., -1]
    phase = np.exp(-1j * np.angle(strongest.sum(axis=-1, keepdims=True)))
    return np.ascontiguousarray(np.moveaxis(strongest * phase, -1, 0)).astype(np.complex64)


def _around(part: np.ndarray) -> np.ndarray:
    """The mean over a patch, and a little of that over a wide one."""
    from scipy.ndimage import gaussian_filter, uniform_filter

    near = uniform_filter(part.real, _PATCH) + 1j * uniform_filter(part.imag, _PATCH)
    wide = gaussian_filter(part.real, 4 * _PATCH) + 1j * gaussian_filter(part.imag, 4 * _PATCH)
    return np.asarray(near + _FAINT * wide)


def _smooth_images(scan: KSpaceSignal) -> np.ndarray:
    """Images (C, n₁, …) from the places near zero, tapered (Hann), those that share a cell of the grid as one."""
    reach = _measured_middle(scan)
    near = (np.abs(scan.places) <= reach).all(axis=1)
    places, index = scan.places[near].astype(np.float64), _cells(scan, near)
    counts = np.zeros(scan.image_shape)
    np.add.at(counts, index, 1)
    weights = np.prod(np.cos(0.5 * np.pi * places / (reach + 1)) ** 2, axis=1) / counts[index]
    fourier = nonuniform_fourier(scan.image_shape, torch.from_numpy(places))
    samples = torch.from_numpy((scan.samples[:, near] * weights).astype(np.complex128).T)
    return (fourier.H @ samples).T.reshape(scan.coils, *scan.image_shape).numpy()


def _cells(scan: KSpaceSignal, chosen: np.ndarray) -> tuple[np.ndarray, ...]:
    """The nearest place of the discrete transform to each of the places ``chosen``, DC at n//2."""
    shape = np.array(scan.image_shape)
    return tuple(((np.rint(scan.places[chosen]).astype(int) + shape // 2) % shape).T)


def _measured_middle(scan: KSpaceSignal) -> int:
    """Half the side of the largest middle block that is measured almost wholly, else of a small one that is in part; of
    a trajectory that runs through the middle, the most."""
    mask, middle = np.zeros(scan.image_shape, dtype=bool), np.array(scan.image_shape) // 2
    mask[_cells(scan, np.arange(len(scan.places)))] = True
    share = {
        reach: mask[tuple(slice(max(0, m - reach), m + reach + 1) for m in middle)].mean()
        for reach in range(2, _MOST // 2 + 1)
    }
    least, most = _LEAST // 2, _MOST // 2
    if not scan.cartesian:
        found = [most] if share[least] > _HARDLY else []
    else:
        whole = [reach for reach in range(most, 1, -1) if share[reach] > _WHOLLY]
        found = whole or [reach for reach in range(least, most + 1) if share[reach] > _HARDLY]
    if found:
        return found[0]
    raise SignalError(
        f"{scan.name}: too little of the middle of k-space was measured to tell the coils' sensitivities; "
        "give them by --maps"
    )
