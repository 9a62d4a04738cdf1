"""How much a kernel depends on direction, and what that costs a grating that is turned."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ..kernels import StationaryKernel

__all__ = ["anisotropy", "directions"]


def anisotropy(kernel: StationaryKernel, reach: float, *, angles: int = 180, distances: int = 64) -> float:
    """Share of a kernel's energy within distance ``reach`` that depends on direction alone, between 0 and 1.

    ∫ Var_u k(ru) dr / ∫ E_u k(ru)² dr over 0 < r < reach, u uniform on the circle or sphere. 0 for an isotropic
    kernel, for m drawn frequencies of an isotropic law about what 1/(2m) of noise gives, large for an encoding that
    has its frequencies on the axes. Raises ``ValueError`` in one dimension, where there is but one direction.

    >>> from fourierfield.kernels import GaussianKernel
    >>> round(anisotropy(GaussianKernel(4.0), 0.5), 12)
    0.0
    """
    d = kernel.dimensions or 2
    if d not in (2, 3):
        raise ValueError(f"direction means something in 2 and 3 dimensions, not in {d}")
    radius = reach * (torch.arange(distances, dtype=torch.float64) + 0.5) / distances
    values = kernel(radius[:, None, None] * directions(d, angles))  # (distances, angles)
    return float(values.var(dim=1, unbiased=False).sum() / values.square().mean(dim=1).sum())


def directions(dimensions: int, count: int) -> Tensor:
    """``count`` unit vectors spread evenly over half the circle or sphere (Fibonacci's spiral), (count, d)."""
    steps = torch.arange(count, dtype=torch.float64) + 0.5
    if dimensions == 2:
        angle = math.pi * steps / count
        return torch.stack([angle.sin(), angle.cos()], dim=1)
    height = steps / count
    turn = steps * math.pi * (3 - math.sqrt(5))
    ring = (1 - height**2).sqrt()
    return torch.stack([height, ring * turn.sin(), ring * turn.cos()], dim=1)
