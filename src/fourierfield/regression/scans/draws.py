"""How uncertain the values of a scan's field are, by drawing others that go with its measurements."""

from __future__ import annotations

import torch
from torch import Tensor

from ...problems.scans import ScanProblem, measurements
from ...solvers import Watch
from .posterior import System
from .reconstruction import Reconstruction

__all__ = ["standard_deviation"]

_STEPS = {2: 60, 3: 20}


def standard_deviation(
    problem: ScanProblem,
    found: Reconstruction,
    *,
    draws: int = 24,
    seed: int = 0,
    watch: Watch = lambda step, error: None,
) -> Tensor:
    """The posterior's standard deviation at each place, (p, n₁, …), for the kernel and ridge that were found.

    For f₀ ~ N(0, K) and noise e the difference f₀ − K Aᵀ(A K Aᵀ + νI)⁻¹(A f₀ + e) is distributed as f around its mean
    (Matheron's rule; Wilson et al. 2021): the root mean square of so many, good to 1/√(2·draws). K and ν are scaled to
    be the likeliest.
    """
    generator = torch.Generator().manual_seed(seed)
    system = System.of(problem.training, found.prior, found.ridge)
    parts = problem.channels
    fields = torch.cat([found.prior.draw(draws, generator) for _ in range(parts)])
    count = len(measurements(problem.training))
    noise = torch.randn(count, draws, dtype=torch.float64, generator=generator) * system.noise**0.5
    seen = system.forward @ fields + noise
    dual, _, _ = system.solve(seen, _STEPS[len(problem.image_shape)], 1e-4, watch)
    off = fields - system.image(dual)
    power = max(found.last.power, 0.0)
    return (power * off.square().mean(1)).sqrt().reshape(parts, *problem.image_shape)
