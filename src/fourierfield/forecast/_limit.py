"""The infinitely wide limit of a network that is to be trained."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..kernels._composed import ComposedNTK, PointNTK, composed_ntk
from ..kernels._infinite import InfiniteMLP
from ..kernels._stationary import StationaryKernel
from ..networks._activations import OUTPUTS
from ..networks._mlp import CoordinateNetwork
from ..operators._gram import gram
from ._clock import EDGE, GradientCurve
from ._dynamics import GradientFlow

_FIRST = 1e-2  # K(v, v)·s'(0)²·τ/C at the first moment after 0: nothing has moved by then


@dataclass(frozen=True)
class WideLimit:
    """What theory needs to know of a network.

    ``kernel`` is the NTK K of its pre-activation z (standard parameterisation, the network's own frequencies), and
    ``scale`` is K(v, v). ``parameters`` is their number. The output s(z) is taken as s(0) + s'(0)·z, with ``start``
    s(0) and ``slope`` s'(0).

    Weights start at random, so f₀ does too; the limit's mean starts at s(0). With raw coordinates among the features
    the kernel is a function of points, and its scale is that at the middle of the unit box.
    """

    kernel: ComposedNTK | PointNTK
    scale: float
    parameters: int
    start: float
    slope: float

    @classmethod
    def of(cls, network: CoordinateNetwork) -> WideLimit:
        """Return the limit of ``network``. Raises ``ValueError`` if it has skip connections."""
        zero = torch.zeros((), dtype=torch.float64, requires_grad=True)
        value = OUTPUTS[network.mlp.spec.output](zero)
        (slope,) = torch.autograd.grad(value, zero)
        kernel, scale = _kernel(network)
        return cls(kernel, scale, network.mlp.spec.parameters, float(value.detach()), float(slope))

    @property
    def stationary(self) -> bool:
        """Whether K depends on differences alone, as it does behind every encoding without raw coordinates."""
        return isinstance(self.kernel, StationaryKernel)

    def flow(self, times: Tensor, outputs: float) -> GradientFlow:
        """Return the flow at times τ = η·steps, with the exponent λs'(0)²τ/(N·C) for ``outputs`` = N·C values."""
        return GradientFlow(times, outputs / self.slope**2)

    def times(self, channels: float, mean: float, steps: int, count: int = 64) -> Tensor:
        """Return ``count`` moments from 0 to the last that ``steps`` steps can reach, logarithmically spaced.

        No step is worth more than 38·N·C/(s'(0)²λ_max), the edge of stability, and λ_max is at least N times the
        ``mean`` of K over pairs of the N points, or over pairs of a few hundred of them. ``channels`` is C.
        """
        unit = channels / self.slope**2
        last = EDGE * steps * unit / mean
        moments = torch.logspace(0, 1, count - 1, base=last * self.scale / (_FIRST * unit), dtype=torch.float64)
        return torch.cat([torch.zeros(1, dtype=torch.float64), moments * _FIRST * unit / self.scale])

    def mean(self, points: Tensor) -> float:
        """Average K over pairs of points (n, d); n times this mean is a lower bound of λ_max."""
        return float(gram(self.kernel, points).to_dense().mean())

    def least_top(self, mean: float, n: int, count: int) -> float:
        """Bound λ_max over ``count`` points from below, from the ``mean`` of K over all pairs of n of them.

        It is K(v, v) + (count − 1) times the mean of K over pairs of different points.
        """
        total = mean * n**2
        between = (total - n * self.scale) / (n * (n - 1)) if n > 1 else 0.0
        return self.scale + (count - 1) * between

    def gradient_curve(self, times: Tensor, pull: Tensor, top: float, outputs: float) -> GradientCurve:
        """Return what Adam's clock needs, from rᵀK r summed over channels (T,) and the largest eigenvalue of K.

        E g² = s'(0)²·rᵀKr/((N·C)²·P), because ‖∂L/∂θ‖² = ‖Jᵀr‖²/(N·C)² with J Jᵀ = s'(0)²K.
        """
        squares = pull * (self.slope / outputs) ** 2 / self.parameters
        return GradientCurve(times, squares, self.slope**2 * top / outputs)


def _kernel(network: CoordinateNetwork) -> tuple[ComposedNTK | PointNTK, float]:
    if network.encoding.raw_input == "none":
        composed = composed_ntk(network, "standard")
        return composed, composed.at_zero
    points = PointNTK(InfiniteMLP.of(network.mlp.spec, "standard"), network.encoding)
    middle = torch.full((1, network.encoding.dimensions), 0.5, dtype=torch.float64)
    return points, float(points(middle, middle))


def interpolate(times: Tensor, curve: Tensor, moments: Tensor) -> Tensor:
    """Interpolate a positive ``curve`` (T,) at ``times`` to ``moments`` (S,), linearly in both logarithms.

    >>> interpolate(torch.tensor([0.0, 1.0, 100.0]), torch.tensor([9.0, 4.0, 1.0]), torch.tensor([10.0]))
    tensor([2.], dtype=torch.float64)
    """
    smallest = torch.finfo(torch.float64).tiny
    knots, values = (x.double().clamp(min=smallest).log().numpy() for x in (times, curve))
    return torch.from_numpy(np.exp(np.interp(moments.double().clamp(min=smallest).log().numpy(), knots, values)))
