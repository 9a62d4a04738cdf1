"""Total variation, by a primal-dual method."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from ..operators import Differences, LinearOperator
from .solution import Solution, Status

__all__ = ["largest_singular_value", "total_variation"]

_POWER_STEPS = 20
_OF_IMAGE = 0.03  # of the image's largest value: how much is moved while the slopes settle


def total_variation(
    operator: LinearOperator,
    measured: Tensor,
    shape: tuple[int, ...],
    weight: float,
    *,
    channels: int = 1,
    positive: bool = False,
    most: int = 300,
    tolerance: float = 1e-4,
    watch: Callable[[int, float], None] = lambda step, change: None,
) -> Solution[Tensor]:
    """argmin_f ½‖A f − y‖² + weight·Σ_r |∇f(r)| (Rudin, Osher & Fatemi 1992), f ≥ 0 where ``positive``, for images f of
    ``channels`` parts on a grid of ``shape``, whose slopes count together in |∇f|.

    Chambolle & Pock 2011, Algorithm 1, with the differences scaled to the size of A, and the two steps in the ratio of
    the image's size to that of the weighted slopes, which are far apart where the weight is small. Stops when f
    changes by less than ``tolerance`` a step, relative, or after ``most``.
    """
    slopes = Differences(shape)
    size = largest_singular_value(operator)
    balance = size / math.sqrt(4 * len(shape))  # ‖∇‖² ≤ 4d
    bound = weight / balance
    up, down = _steps(operator, measured, size, bound)
    image = measured.new_zeros(operator.shape[1])
    ahead, dual, rays = image, measured.new_zeros(slopes.shape[0], channels), torch.zeros_like(measured)
    change, done = math.inf, 0
    for done in range(1, most + 1):
        dual = _bounded(dual + up * balance * (slopes @ _parts(ahead, channels)), len(shape), bound)
        rays = (rays + up * (operator @ ahead - measured)) / (1 + up)
        back = operator.H @ rays + balance * (slopes.H @ dual).T.reshape(-1)
        moved = image - down * back
        moved = moved.clamp_(min=0) if positive else moved
        change = float((moved - image).norm() / moved.norm().clamp_min(torch.finfo(moved.dtype).tiny))
        ahead, image = 2 * moved - image, moved
        watch(done, change)
        if change < tolerance:
            break
    status = Status.CONVERGED if change < tolerance else Status.TOO_FEW_STEPS
    return Solution(image, status, done, change)


def _steps(operator: LinearOperator, measured: Tensor, size: float, bound: float) -> tuple[float, float]:
    """Those of the slopes and of the image; their product is 1/(2‖A‖²)."""
    back = operator.H @ measured
    ahead = float((operator @ back).square().sum())
    largest = float(back.abs().max()) * float(back.square().sum()) / ahead if ahead > 0 else 1.0
    ratio = max(1.0, _OF_IMAGE * largest / bound) if bound > 0 else 1.0
    return 1 / (math.sqrt(2) * size * ratio), ratio / (math.sqrt(2) * size)


def largest_singular_value(operator: LinearOperator, steps: int = _POWER_STEPS) -> float:
    """‖A‖₂ by the power method, a few per cent below or above it: 1.05 times the last estimate."""
    vector = torch.randn(operator.shape[1], dtype=operator.dtype, generator=torch.Generator().manual_seed(0))
    size = 0.0
    for _ in range(steps):
        vector = operator.H @ (operator @ vector)
        size = float(vector.norm())
        if size == 0:
            return 1.0
        vector = vector / size
    return 1.05 * math.sqrt(size)


def _parts(image: Tensor, channels: int) -> Tensor:
    """Parts of an image as columns."""
    return image.reshape(channels, -1).T


def _bounded(dual: Tensor, dimensions: int, most: float) -> Tensor:
    """Slopes (d·n, C), each place's no longer than ``most``."""
    places = dual.reshape(dimensions, -1, dual.shape[1])
    lengths = places.square().sum(dim=(0, 2), keepdim=True).sqrt()
    return (places / (lengths / most).clamp_min(1.0)).reshape(dual.shape)
