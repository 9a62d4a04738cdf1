"""Turn values on a scan's grid into a field between them, and a stationary kernel into a covariance on the grid."""

from __future__ import annotations

import torch
from torch import Tensor

from ...grids._domain import Domain
from ...grids._signal import SignalDescription
from ...kernels._stationary import StationaryKernel
from ...networks._values import ValueRange
from ...operators._toeplitz import Circulant
from ...problems._grid import GridSamples
from ...regression._field import KernelField
from ...regression._solve import Accuracy, solve_stably
from ...regression._spec import KernelSpec
from ...regression._weights import KernelWeights

_SAMPLES_A_CYCLE = 64  # a compromise between splines, which are smoother, and rough kernels, which have kinks
_RIDGE = 1e-8  # for stability alone: the field goes through the values
_ACCURACY = 1e-5  # relative residual at which the solver stops


def usual_bandwidth(shape: tuple[int, ...]) -> float:
    """Return the bandwidth of the kernel for a grid, in cycles per unit.

    The kernel is smooth over a few samples, so that it interpolates between them about as a cubic spline does.

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
    """Return the kernel field through values at the samples of a grid that fills the domain.

    It is mean + K α with (K + ρI) α = f − mean, where f are the values ``parts`` (p, n₁, …) in [0, 1] of the range
    ``values``. ``spread`` (p, n₁, …) is their standard deviation.
    """
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


_LEAST = 1e-9  # of the largest eigenvalue: lower ones are raised to it, so that K is positive


def stationary_prior(kernel: StationaryKernel, domain: Domain, shape: tuple[int, ...]) -> Circulant:
    """Return K between the samples of a grid that wraps around, by the shortest way between two of them.

    A scan's field of view is periodic itself (MRI), or empty at its border (CT). Eigenvalues that the cut at half a
    period makes negative are raised to a tiny positive floor. A constant that the kernel approaches far away counts as
    one common value.
    """
    grid = domain.grid(shape)
    offsets = [
        step * torch.minimum(along := torch.arange(n, dtype=torch.float64), n - along)
        for n, step in zip(shape, grid.spacing, strict=True)
    ]
    eigenvalues = torch.fft.fftn(kernel.on_lattice(offsets)).real
    return Circulant(eigenvalues.clamp_min(_LEAST * float(eigenvalues.max())))
