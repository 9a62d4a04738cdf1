"""Estimate the sensitivities of coils from the middle of k-space."""

from __future__ import annotations

import numpy as np
import torch

from ...errors import SignalError
from ...operators._fourier import nonuniform_fourier
from ._kspace import KSpaceSignal

_LEAST, _MOST = 8, 24  # fewest and most places along each axis of the middle that is used
_WHOLLY, _HARDLY = 0.9, 0.4  # shares of it above which it counts as measured almost wholly, or in part
_PATCH = 5  # pixels: width of the patch of smooth images that determines one sensitivity
_FAINT = 0.02  # weight of the wider surroundings, which decide where the patch is empty


def estimate_maps(scan: KSpaceSignal) -> np.ndarray:
    """Estimate the coils' sensitivities (C, n₁, …) complex64, with Σ|S|² = 1 at each pixel.

    The samples in the middle of k-space, of a calibration if there is one, give a smooth image for each coil. At each
    pixel the sensitivities are the strongest eigenvector of the images' covariance around it (Walsh, Gmitro & Marcellin
    2000), with phases relative to that of the sum over coils. Where the images are empty, sensitivities continue from
    the surroundings. Raises ``SignalError`` if too little of the middle was measured.
    """
    images = _smooth_images(scan if scan.calibration is None else scan.calibration)
    covariance = np.einsum("i...,j...->...ij", images, images.conj())
    for i, j in np.ndindex(scan.coils, scan.coils):
        covariance[..., i, j] = _around(covariance[..., i, j])
    strongest = np.linalg.eigh(covariance)[1][..., -1]
    phase = np.exp(-1j * np.angle(strongest.sum(axis=-1, keepdims=True)))
    return np.ascontiguousarray(np.moveaxis(strongest * phase, -1, 0)).astype(np.complex64)


def _around(part: np.ndarray) -> np.ndarray:
    """Return the mean over a patch, plus a little of that over a wide one."""
    from scipy.ndimage import gaussian_filter, uniform_filter

    near = uniform_filter(part.real, _PATCH) + 1j * uniform_filter(part.imag, _PATCH)
    wide = gaussian_filter(part.real, 4 * _PATCH) + 1j * gaussian_filter(part.imag, 4 * _PATCH)
    return np.asarray(near + _FAINT * wide)


def _smooth_images(scan: KSpaceSignal) -> np.ndarray:
    """Return images (C, n₁, …) from the places near zero, tapered by a Hann window.

    Samples that share a cell of the grid count as one.
    """
    reach = _measured_middle(scan)
    near = (np.abs(scan.places) <= reach).all(axis=1)
    places, index = scan.places[near].astype(np.float64), tuple(axis[near] for axis in scan.cells())
    counts = np.zeros(scan.image_shape)
    np.add.at(counts, index, 1)
    weights = np.prod(np.cos(0.5 * np.pi * places / (reach + 1)) ** 2, axis=1) / counts[index]
    fourier = nonuniform_fourier(scan.image_shape, torch.from_numpy(places))
    samples = torch.from_numpy((scan.samples[:, near] * weights).astype(np.complex128).T)
    return (fourier.H @ samples).T.reshape(scan.coils, *scan.image_shape).numpy()


def _measured_middle(scan: KSpaceSignal) -> int:
    """Return half the side of the block in the middle of k-space that is used.

    It is the largest block that was measured almost wholly, otherwise the smallest allowed one that was measured in
    part; for a trajectory that runs through the middle, the largest allowed one.
    """
    mask, middle = scan.mask, np.array(scan.image_shape) // 2
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
        f"{scan.name}: too little of the middle of k-space was measured to estimate the coils' sensitivities; "
        "give them with --maps"
    )
