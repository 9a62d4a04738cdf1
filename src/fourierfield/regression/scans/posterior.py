"""One solve: what a kernel makes of measurements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Generator, Tensor

from ...operators import LinearOperator, Repeated, ScaledIdentity
from ...problems.scans import Scan, forward_map, measurements
from ...signals.scans import SinogramSignal
from ...solvers import Watch, conjugate_gradients
from .inverse import approximate_inverse

__all__ = ["Posterior", "PosteriorSolver", "Prior", "System"]

_PROBES = 3
_STEPS = {2: 60, 3: 20}  # of conjugate gradients, in planes and volumes


class Prior(Protocol):
    """A covariance K of a field's values on a grid, one part of it if it is complex."""

    shape: tuple[int, int]

    def spectrum(self) -> Tensor:
        """Eigenvalues (n₁, …) on the grid's discrete frequencies, on average over shifts."""
        ...

    def draw(self, count: int, generator: Generator) -> Tensor:
        """Samples of N(0, K), (n, count)."""
        ...


@dataclass(frozen=True)
class Posterior:
    """The field's vector ``mean`` f = K Aᵀα with α = (A K Aᵀ + νI)⁻¹ y for the kernel K of ``prior`` and the noise
    ν = ``ridge``·mean diagonal of A K Aᵀ, its values ``parts`` (p, n₁, …), of CT none below zero, and how the solver
    ended. ``power`` = yᵀα/m is by how much K and ν have to be multiplied to be the likeliest covariances."""

    mean: Tensor
    parts: Tensor
    prior: Prior
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
    def of(cls, scan: Scan, prior: Prior, ridge: float, forward: LinearOperator | None = None) -> System:
        """With ν = ridge·mean diagonal of A K Aᵀ, so that K's own size does not matter."""
        forward = forward or forward_map(scan)
        assert isinstance(prior, LinearOperator)
        parts = forward.shape[1] // prior.shape[0]
        covariance = Repeated(prior, parts) if parts > 1 else prior
        noise = ridge * _mean_diagonal(forward, covariance)
        return cls(forward, covariance, noise, approximate_inverse(scan, prior.spectrum(), noise))

    def solve(self, measured: Tensor, most: int, tolerance: float, watch: Watch) -> tuple[Tensor, int, float]:
        """α (m,) or (m, k), iterations and relative residual."""
        rows = self.forward.shape[0]
        whole = self.forward @ self.covariance @ self.forward.H + ScaledIdentity(rows, self.noise)
        found = conjugate_gradients(
            whole, measured, preconditioner=self.inverse, tolerance=tolerance, most=most, watch=watch
        )
        return found.value, found.iterations, found.error

    def image(self, dual: Tensor) -> Tensor:
        """K Aᵀα."""
        return self.covariance @ (self.forward.H @ dual)


class PosteriorSolver:
    """f = K Aᵀ(A K Aᵀ + νI)⁻¹ y for one scan and the kernel of a ``prior`` (Rasmussen & Williams 2006, Eq. 2.25,
    through A), by at most ``most`` steps of preconditioned conjugate gradients."""

    def __init__(
        self,
        scan: Scan,
        prior: Prior,
        watch: Watch = lambda step, error: None,
        *,
        most: int | None = None,
        tolerance: float = 1e-4,
    ) -> None:
        self._scan, self._prior, self._watch, self._tolerance = scan, prior, watch, tolerance
        self._most = most or _STEPS[len(scan.image_shape)]
        self._measured, self._forward = measurements(scan), forward_map(scan)

    def fit(self, ridge: float) -> Posterior:
        """With ν = ridge·mean diagonal of A K Aᵀ."""
        scan = self._scan
        system = System.of(scan, self._prior, ridge, self._forward)
        dual, iterations, residual = system.solve(self._measured, self._most, self._tolerance, self._watch)
        power = float(self._measured @ dual) / len(self._measured)
        mean = system.image(dual)
        parts = mean.reshape(scan.channels, *scan.image_shape)
        if isinstance(scan, SinogramSignal):  # nothing emits what was sent through it
            parts = parts.clamp(min=0)
        return Posterior(mean, parts, self._prior, ridge, system.noise, power, iterations, residual)


def _mean_diagonal(forward: LinearOperator, covariance: LinearOperator) -> float:
    """trace(A K Aᵀ)/m, to about a tenth: its share along A K Aᵀ1, most of it where a smooth kernel is seen along
    lines, and the rest by random signs (Meyer et al. 2021)."""
    rows = forward.shape[0]

    def share(directions: Tensor) -> float:
        back = forward.H @ directions
        return float((back * (covariance @ back)).sum())

    main = forward @ (covariance @ (forward.H @ torch.ones(rows, dtype=torch.float64)))
    main = main / main.norm().clamp_min(torch.finfo(main.dtype).tiny)
    generator = torch.Generator().manual_seed(0)
    signs = torch.randint(0, 2, (rows, _PROBES), generator=generator).double() * 2 - 1
    return (share(main) + share(signs - torch.outer(main, main @ signs)) / _PROBES) / rows
