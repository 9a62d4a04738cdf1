"""How long a reconstruction will take, before it starts."""

from __future__ import annotations

import time

import torch

from ...operators import LinearOperator, Repeated
from ...problems.scans import ScanProblem, forward_map
from .adapt import local_kernel

__all__ = ["estimate_seconds"]

_PRODUCTS = {2: 1500, 3: 300}  # with A K Aᵀ while ridges are tried and amplitudes adapted, in planes and volumes
_STATIONARY = 0.2  # of that, by one kernel for all places


def estimate_seconds(problem: ScanProblem, *, adapt: bool) -> float:
    """Seconds that ``reconstruct`` takes at most or so, by the time of one product, its larger part."""
    parts = torch.ones(1, *problem.image_shape, dtype=torch.float64)
    forward, kernel = forward_map(problem.training), local_kernel(parts, positive=False)
    covariance: LinearOperator = Repeated(kernel, problem.channels) if problem.channels > 1 else kernel
    measured = torch.ones(forward.shape[0], dtype=torch.float64)
    started = time.perf_counter()
    _ = forward @ (covariance @ (forward.H @ measured))
    one = time.perf_counter() - started
    return one * _PRODUCTS[len(problem.image_shape)] * (1.0 if adapt else _STATIONARY)
