"""Preconditioners: what A K Aᵀ + ρI would be if K were stationary and each measurement knew its own wave only."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from ...operators import Circulant, Diagonal, LinearOperator, Repeated, Sampling, ScaledIdentity
from ...problems.scans import Scan
from ...signals.scans import KSpaceSignal, SinogramSignal

__all__ = ["approximate_inverse"]

_LEAST = 1e-10  # of the largest eigenvalue


def approximate_inverse(scan: Scan, spectrum: Tensor, noise: float) -> LinearOperator:
    """(A K Aᵀ + noise·I)⁻¹, roughly, for a K whose eigenvalues on the image's grid are ``spectrum`` (n₁, …).

    Of Fourier samples those at their places. Of the line integrals in one direction the eigenvalues of waves along the
    detector, times the rays' length (Fourier slices); rays of different directions know little of each other.
    """
    if isinstance(scan, KSpaceSignal):
        return _by_places(scan, spectrum, noise)
    if scan.geometry.fan:
        return ScaledIdentity(int((~np.isnan(scan.projections)).sum()))
    return _by_projections(scan, spectrum, noise)


def _by_places(scan: KSpaceSignal, spectrum: Tensor, noise: float) -> LinearOperator:
    index = tuple(
        torch.from_numpy(np.rint(axis).astype(np.int64) % n)
        for axis, n in zip(scan.places.T, scan.image_shape, strict=True)
    )
    known = spectrum[index]
    if scan.maps is not None:
        known = known * float((np.abs(scan.maps) ** 2).mean())
    least = _LEAST * float(known.max()) + noise
    return Diagonal((known + least).reciprocal().repeat(2 * scan.coils))


def _by_projections(scan: SinogramSignal, spectrum: Tensor, noise: float) -> LinearOperator:
    geometry, plane = scan.geometry, spectrum.mean(0) if spectrum.ndim == 3 else spectrum
    count, pixel = 2 * geometry.bins, geometry.side / max(plane.shape)
    waves = np.abs(np.fft.fftfreq(count)) * pixel / geometry.spacing  # cycles per pixel
    half = plane.shape[1] // 2
    along = 0.5 * (plane[0, :half] + plane[:half, 0])  # the plane is square
    known = np.interp(waves, np.arange(half) / plane.shape[1], along.numpy()) * np.sinc(waves) ** 2
    known *= 0.8 * max(plane.shape) * pixel**2 * pixel / geometry.spacing
    least = _LEAST * known.max() + noise
    padded = Circulant(torch.from_numpy(1 / (known + least)))
    kept = Sampling(torch.arange(geometry.bins), count)
    inverse: LinearOperator = Repeated(kept @ padded @ kept.H, len(geometry.angles) * scan.slices)
    present = ~np.isnan(scan.projections.transpose(1, 0, 2).ravel())
    if present.all():
        return inverse
    picked = Sampling(torch.from_numpy(np.flatnonzero(present)), math.prod(present.shape))
    return picked @ inverse @ picked.H
