"""Estimate how uncertain a scan's field is, by drawing other fields that fit its measurements."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from ...operators._base import Diagonal, LinearOperator
from ...operators._cells import ValuesAndDetails
from ...operators._fourier import Repeated
from ...solvers._cg import Watch, conjugate_gradients
from ._judging import Unseen
from ._local import LocalFit
from ._posterior import Posterior, System
from ._problem import Scan, ScanProblem, forward_map, inner_problem, measurements
from ._reconstruction import Reconstruction

_STEPS = {2: 60, 3: 20}  # most steps of conjugate gradients for draws of a stationary kernel, in planes and volumes
_LOCAL_STEPS, _TOLERANCE = 150, 1e-3  # most steps for draws of local amplitudes, and the relative residual to reach
_DRAWS, _FOR_SCALE = 24, 8  # draws for the deviation, good to 15 % (1/√48), and for its scale
ALL_DRAWS = _DRAWS + _FOR_SCALE
_AT_ONCE = 1 << 24  # numbers in the bands of the draws made at a time: bounds memory at a few times 128 MiB


def standard_deviation(
    problem: ScanProblem,
    found: Reconstruction,
    *,
    draws: int = _DRAWS,
    seed: int = 0,
    watch: Watch = lambda step, error: None,
) -> Tensor:
    """Return the posterior's standard deviation at each place, (p, n₁, …), for the kernel and noise that were found.

    It is the root mean square of ``draws`` draws around the mean, good to 1/√(2·draws). K and ν are scaled to be the
    likeliest. Local amplitudes follow the field that they were learnt from; they are scaled so that draws of a fit to
    six sevenths of the measurements are as far from the rest as that fit itself is.
    """
    generator = torch.Generator().manual_seed(seed)
    scan, fit = problem.training, found.fit
    squares = torch.zeros(problem.unknowns, dtype=torch.float64)
    for off in _drawn(scan, fit, draws, generator, watch):
        squares += off.square().sum(1)
    power = max(fit.power, 0.0)
    if isinstance(found.trial, LocalFit):
        inner = inner_problem(problem, seed)
        deviations = torch.cat(list(_drawn(inner.training, found.trial, _FOR_SCALE, generator, watch)), dim=1)
        power = Unseen(inner).excess(found.trial.parts, deviations)
    return (power / draws * squares).sqrt().reshape(problem.channels, *problem.image_shape)


def _drawn(scan: Scan, fit: Posterior | LocalFit, count: int, generator: Generator, watch: Watch) -> Iterator[Tensor]:
    """Yield ``count`` draws around a fit, as differences from it (N, k), as many at a time as memory allows."""
    step = max(1, _AT_ONCE // _bands(scan))
    for first in range(0, count, step):
        some = min(step, count - first)
        if isinstance(fit, LocalFit):
            yield _local_draws(scan, fit, some, generator, watch)
        else:
            yield _stationary_draws(scan, fit, some, generator, watch)


def numbers_at_once(scan: Scan) -> int:
    """Return how many numbers the bands of the draws made at a time have; a few times as many are held in memory."""
    return min(_DRAWS, max(1, _AT_ONCE // _bands(scan))) * _bands(scan)


def _bands(scan: Scan) -> int:
    return scan.channels * math.prod(scan.image_shape) << len(scan.image_shape)


def _stationary_draws(scan: Scan, fit: Posterior, draws: int, generator: Generator, watch: Watch) -> Tensor:
    """Draw from the posterior of a stationary kernel by Matheron's rule.

    For f₀ ~ N(0, K) and noise e, the difference f₀ − K Aᵀ(A K Aᵀ + νI)⁻¹(A f₀ + e) is distributed as f around its mean
    (Wilson et al. 2021).
    """
    system = System.of(scan, fit.prior, fit.ridge)
    fields = torch.cat([fit.prior.draw(draws, generator) for _ in range(scan.channels)])
    noise = torch.randn(len(measurements(scan)), draws, dtype=torch.float64, generator=generator)
    seen = system.forward @ fields + system.noise**0.5 * noise
    dual, _, _ = system.solve(seen, _STEPS[len(scan.image_shape)], 1e-4, watch)
    return fields - system.image(dual)


def _local_draws(scan: Scan, fit: LocalFit, draws: int, generator: Generator, watch: Watch) -> Tensor:
    """Draw from the posterior of a kernel with local amplitudes.

    (AᵀA + Wᵀ diag(u) W)⁻¹(Aᵀe₁ + Wᵀ diag(√u) e₂), with standard normal e₁ and e₂, has the inverse of that matrix as its
    covariance (Papandreou & Yuille 2010).
    """
    forward, analysis = forward_map(scan), ValuesAndDetails(scan.image_shape)
    whole: LinearOperator = Repeated(analysis, scan.channels) if scan.channels > 1 else analysis
    u = fit.precisions().repeat(scan.channels)
    rays, bands = (torch.randn(n, draws, dtype=torch.float64, generator=generator) for n in (forward.shape[0], len(u)))
    sides = forward.H @ rays + whole.H @ (u.sqrt()[:, None] * bands)
    precision = forward.H @ forward + whole.H @ Diagonal(u) @ whole
    diagonal = analysis.gram_diagonal(fit.precisions()).repeat(scan.channels) + _mean_square(forward)
    found = conjugate_gradients(
        precision,
        sides,
        preconditioner=Diagonal(diagonal.reciprocal()),
        tolerance=_TOLERANCE,
        most=_LOCAL_STEPS,
        watch=watch,
    )
    return found.value


def _mean_square(forward: LinearOperator) -> float:
    """Estimate the mean of the diagonal of AᵀA with random signs."""
    signs = torch.randint(0, 2, (forward.shape[1], 3), generator=torch.Generator().manual_seed(0)).double() * 2 - 1
    return float((forward @ signs).square().sum()) / (3 * forward.shape[1])
