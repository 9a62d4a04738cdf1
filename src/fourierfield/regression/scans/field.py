"""From values on a grid to a field between them."""

from __future__ import annotations

import torch
from torch import Tensor

from ...networks import ValueRange
from ...problems import GridSamples
from ...signals import Domain, SignalDescription
from ..field import KernelField, KernelWeights
from ..solve import Accuracy, solve_stably
from ..spec import KernelSpec

__all__ = ["field_of_values", "usual_bandwidth"]

_SAMPLES_A_CYCLE = 64  # between splines, which are smoother, and the kinks of rough kernels
_RIDGE = 1e-8
_ACCURACY = 1e-5


def usual_bandwidth(shape: tuple[int, ...]) -> float:
    """Cycles per unit of the kernel for a grid: smooth over a few samples, so that between them it interpolates about
    as a cubic spline does.

    >>> usual_bandwidth((256, 256))
    4.0
    """
    return max(1.0, max(shape) / _SAMPLES_A_CYCLE)


def field_of_values(
    parts: Tensor,
    domain: Domain,
    source: SignalDescription,
    spec: KernelSpec,
    *,
    values: ValueRange,
    spread: Tensor | None = None,
) -> KernelField:
    """The kernel field through values ``parts`` (p, n₁, …) at the samples of a grid that fills the domain: mean + K α
    with (K + ρI) α = values − mean, in [0, 1] of the range ``values``. ``spread`` (p, n₁, …) is their standard
    deviation."""
    shape = tuple(parts.shape[1:])
    grid = domain.grid(shape)
    normalised = values.normalise(parts.reshape(len(parts), -1).T.double())
    samples = GridSamples(grid, torch.arange(grid.size), normalised.float())
    mean = normalised.mean(0)
    kernel = spec.kernel(domain.dimensions)
    found, ridge = solve_stably(samples, kernel, normalised - mean, _RIDGE, Accuracy(_ACCURACY))
    nothing = torch.zeros(len(parts), dtype=torch.float64)
    relative = None if spread is None else spread.reshape(len(parts), -1).T / values.common[1]
    weights = KernelWeights(samples, found.value, mean, ridge, nothing, spread=relative, measured=False)
    return KernelField(spec, weights, domain, values, source)
