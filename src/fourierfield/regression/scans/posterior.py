"""One solve: what a kernel makes of measurements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Generator, Tensor

from ...operators import LinearOperator, Repeated, ScaledIdentity
from ...problems.scans import Scan, forward_map
from ...solvers import Watch, conjugate_gradients
from .inverse import approximate_inverse

__all__ = ["Posterior", "Prior", "posterior_mean"]

_PROBES = 3


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
    """The field's vector ``mean`` f = K Aᵀα with α = (A K Aᵀ + νI)⁻¹ y, ``noise`` ν, and how the solver ended.

    ``power`` = yᵀα/m is by how much K and ν have to be multiplied to be the likeliest covariances."""

    mean: Tensor
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


def posterior_mean(
    scan: Scan,
    measured: Tensor,
    prior: Prior,
    ridge: float,
    *,
    forward: LinearOperator | None = None,
    most: int = 60,
    tolerance: float = 1e-4,
    watch: Watch = lambda step, error: None,
) -> Posterior:
    """f = K Aᵀ(A K Aᵀ + νI)⁻¹ y for the ``measured`` y of a scan (Rasmussen & Williams 2006, Eq. 2.25, through A), by
    at most ``most`` steps of preconditioned conjugate gradients. ``forward`` is the scan's map, where it was made
    before."""
    system = System.of(scan, prior, ridge, forward)
    dual, iterations, residual = system.solve(measured, most, tolerance, watch)
    power = float(measured @ dual) / len(measured)
    return Posterior(system.image(dual), system.noise, power, iterations, residual)


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
