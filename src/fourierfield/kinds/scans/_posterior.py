"""Compute the posterior mean of a field by one solve for a kernel and measurements, with its preconditioner."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ...operators._base import Diagonal, LinearOperator, Sampling, ScaledIdentity
from ...operators._fourier import Repeated
from ...operators._toeplitz import Circulant
from ...solvers._cg import Watch, conjugate_gradients
from ._kspace import KSpaceSignal
from ._problem import Scan, forward_map, measurements
from ._sinogram import SinogramSignal

_LEAST = 1e-10  # of the largest eigenvalue: added to all of them before they are inverted


def approximate_inverse(scan: Scan, spectrum: Tensor, noise: float) -> LinearOperator:
    """Return a rough (A K Aᵀ + noise·I)⁻¹, for a K whose eigenvalues on the image's grid are ``spectrum`` (n₁, …).

    K is taken as stationary, and each measurement as knowing only its own wave. For Fourier samples the eigenvalues are
    those at their places. For line integrals in one direction they are those of waves along the detector, times the
    length of the rays (Fourier slices), since rays of different directions have little in common. For fan beams the
    result is the identity.
    """
    if isinstance(scan, KSpaceSignal):
        return _by_places(scan, spectrum, noise)
    if scan.geometry.fan:
        return ScaledIdentity(int((~np.isnan(scan.projections)).sum()))
    return _by_projections(scan, spectrum, noise)


def _by_places(scan: KSpaceSignal, spectrum: Tensor, noise: float) -> LinearOperator:
    known = spectrum[tuple(torch.from_numpy(axis) for axis in scan.cells())]
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


_PROBES = 3  # vectors of random signs by which a trace is estimated, to about a tenth
_STEPS = {2: 60, 3: 20}  # most steps of conjugate gradients, in planes and volumes


@dataclass(frozen=True)
class Posterior:
    """The posterior mean of a field for the kernel K of a ``prior``, and how the solver ended.

    ``mean`` is the field's vector f = K Aᵀα with α = (A K Aᵀ + νI)⁻¹ y, where the ``noise`` ν is ``ridge``·mean
    diagonal of A K Aᵀ. ``parts`` (p, n₁, …) are its values, for CT none below zero. ``power`` = yᵀα/m is the factor by
    which K and ν must be multiplied to be the likeliest covariances.
    """

    mean: Tensor
    parts: Tensor
    prior: Circulant
    ridge: float
    noise: float
    power: float
    iterations: int
    residual: float


@dataclass(frozen=True)
class System:
    """A K Aᵀ + νI with its parts and a rough inverse."""

    forward: LinearOperator
    covariance: LinearOperator
    noise: float
    inverse: LinearOperator

    @classmethod
    def of(cls, scan: Scan, prior: Circulant, ridge: float, forward: LinearOperator | None = None) -> System:
        """Return the system with ν = ridge·mean diagonal of A K Aᵀ, so that K's own size does not matter."""
        forward = forward or forward_map(scan)
        parts = forward.shape[1] // prior.shape[0]
        covariance: LinearOperator = Repeated(prior, parts) if parts > 1 else prior
        noise = ridge * _mean_diagonal(forward, covariance)
        return cls(forward, covariance, noise, approximate_inverse(scan, prior.spectrum(), noise))

    def solve(self, measured: Tensor, most: int, tolerance: float, watch: Watch) -> tuple[Tensor, int, float]:
        """Solve for α (m,) or (m, k), and return it with the iterations and the relative residual."""
        rows = self.forward.shape[0]
        whole = self.forward @ self.covariance @ self.forward.H + ScaledIdentity(rows, self.noise)
        found = conjugate_gradients(
            whole, measured, preconditioner=self.inverse, tolerance=tolerance, most=most, watch=watch
        )
        return found.value, found.iterations, found.error

    def image(self, dual: Tensor) -> Tensor:
        """Compute K Aᵀα."""
        return self.covariance @ (self.forward.H @ dual)


class PosteriorSolver:
    """A solver for f = K Aᵀ(A K Aᵀ + νI)⁻¹ y with one scan and the kernel of a ``prior``.

    This is Rasmussen & Williams 2006, Eq. 2.25, through A, by at most ``most`` steps of preconditioned conjugate
    gradients.
    """

    def __init__(
        self,
        scan: Scan,
        prior: Circulant,
        watch: Watch = lambda step, error: None,
        *,
        most: int | None = None,
        tolerance: float = 1e-4,
    ) -> None:
        self._scan, self._prior, self._watch, self._tolerance = scan, prior, watch, tolerance
        self._most = most or _STEPS[len(scan.image_shape)]
        self._measured, self._forward = measurements(scan), forward_map(scan)

    def fit(self, ridge: float) -> Posterior:
        """Compute the posterior with ν = ridge·mean diagonal of A K Aᵀ."""
        scan = self._scan
        system = System.of(scan, self._prior, ridge, self._forward)
        dual, iterations, residual = system.solve(self._measured, self._most, self._tolerance, self._watch)
        power = float(self._measured @ dual) / len(self._measured)
        mean = system.image(dual)
        parts = mean.reshape(scan.channels, *scan.image_shape)
        if isinstance(scan, SinogramSignal):  # an absorption is never negative
            parts = parts.clamp(min=0)
        return Posterior(mean, parts, self._prior, ridge, system.noise, power, iterations, residual)


def _mean_diagonal(forward: LinearOperator, covariance: LinearOperator) -> float:
    """Estimate trace(A K Aᵀ)/m to about a tenth.

    Its share along A K Aᵀ1 is measured by itself, and is most of it if a smooth kernel is seen along lines; the rest is
    estimated with random signs (Meyer et al. 2021).
    """
    rows = forward.shape[0]

    def share(directions: Tensor) -> float:
        back = forward.H @ directions
        return float((back * (covariance @ back)).sum())

    main = forward @ (covariance @ (forward.H @ torch.ones(rows, dtype=torch.float64)))
    main = main / main.norm().clamp_min(torch.finfo(main.dtype).tiny)
    generator = torch.Generator().manual_seed(0)
    signs = torch.randint(0, 2, (rows, _PROBES), generator=generator).double() * 2 - 1
    return (share(main) + share(signs - torch.outer(main, main @ signs)) / _PROBES) / rows
