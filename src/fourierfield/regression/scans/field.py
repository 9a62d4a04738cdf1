"""From values on a grid to a field between them."""

from __future__ import annotations

import torch
from torch import Tensor

from ...encodings import EncodingSpec
from ...networks import ValueRange
from ...problems import GridSamples
from ...signals import Domain, SignalDescription
from ..field import KernelField, KernelWeights
from ..solve import Accuracy, solve_stably
from ..spec import KernelSpec

__all__ = ["field_of_values"]

_FINEST = 64  # times fewer cycles than there are samples along the longest axis: between splines and their kinks
_RIDGE = 1e-8


def field_of_values(
    parts: Tensor, domain: Domain, source: SignalDescription, spec: KernelSpec | None = None
) -> KernelField:
    """The kernel field through values ``parts`` (p, n₁, …) at the samples of a grid that fills the domain.

    f = mean + K α with (K + ρI) α = values − mean, K by default an NTK of Gaussian frequencies that is smooth over a
    few samples: between them it interpolates about as a cubic spline does.
    """
    shape = tuple(parts.shape[1:])
    grid = domain.grid(shape)
    spec = spec or KernelSpec(EncodingSpec("gaussian", max(1.0, max(shape) / _FINEST)))
    values = parts.reshape(len(parts), -1).T.double()
    samples = GridSamples(grid, torch.arange(grid.size), values.float())
    mean = values.mean(0)
    found, ridge = solve_stably(samples, spec.kernel(domain.dimensions), values - mean, _RIDGE, Accuracy(1e-5))
    weights = KernelWeights(samples, found.value, mean, ridge, torch.zeros(len(parts), dtype=torch.float64))
    return KernelField(spec, weights, domain, ValueRange(), source)
