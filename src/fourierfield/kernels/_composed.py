"""The NTK and the NNGP of an infinitely wide MLP, behind an encoding and on points directly.

Behind an encoding they are stationary, since γ puts every point on a sphere; on points they are not, in general.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

import torch
from torch import Tensor

from ..networks._mlp import CoordinateNetwork
from ._duals import PairMoments
from ._encoding import EncodingKernel
from ._infinite import InfiniteMLP, LayerKernel, Parameterisation
from ._stationary import StationaryKernel

Part = Literal["nngp", "ntk"]  # of a ``LayerKernel``


@dataclass(frozen=True, eq=False)
class _Composed(StationaryKernel):
    """A kernel h of an infinitely wide MLP, composed with the kernel of an encoding: h∘h_γ.

    ``input_variance`` is ‖γ‖²/fan_in, which is ½ for m pairs of unit amplitude, since γ itself is not normalised.
    The gap is accurate to the rounding error of k(0).
    """

    encoding: StationaryKernel
    network: InfiniteMLP
    input_variance: float = 1.0
    part: ClassVar[Part]

    @property
    def dimensions(self) -> int | None:
        return self.encoding.dimensions

    def metric(self, dimensions: int) -> tuple[float, ...]:
        return self.encoding.metric(dimensions)

    @cached_property
    def at_zero(self) -> float:
        return float(self._values(torch.zeros((), dtype=torch.float64)))

    def gap(self, difference: Tensor) -> Tensor:
        return self._gap(self.encoding.gap(difference))

    def gap_between(self, left: Tensor, right: Tensor) -> Tensor:
        base = self.encoding.gap_between(left, right)
        return torch.cat([self._gap(block) for block in base.split(_rows(base))])

    def gap_on_lattice(self, axes: Sequence[Tensor]) -> Tensor:
        base = self.encoding.gap_on_lattice(axes)
        return torch.cat([self._gap(block) for block in base.split(_rows(base))])

    def of_gap(self, gap: Tensor) -> LayerKernel:
        """Return the NNGP, the NTK and each layer's part of the NTK at points where 1 − h_γ is ``gap``."""
        return self.network(PairMoments.stationary(self.input_variance, self.input_variance * gap))

    def _gap(self, gap: Tensor) -> Tensor:
        difference = (self.at_zero - self._values(gap)).clamp_(min=0)
        return difference.masked_fill_(gap == 0, 0.0)  # vector and scalar instructions may round differently

    def _values(self, gap: Tensor) -> Tensor:
        values: Tensor = getattr(self.of_gap(gap), self.part)
        return values


class ComposedNTK(_Composed):
    """The NTK of an infinitely wide MLP∘γ: K(δ) = h_NTK(h_γ(δ)) (the paper, Eq. 7).

    It is the kernel by which gradient descent on that network moves its outputs.

    >>> from fourierfield.encodings import basic
    >>> ntk = ComposedNTK(EncodingKernel(basic(1)), InfiniteMLP.of_depth(2))
    >>> ntk(torch.tensor([[0.0], [0.5]])).abs()
    tensor([4., 0.], dtype=torch.float64)
    """

    part = "ntk"


class ComposedNNGP(_Composed):
    """The covariance of an infinitely wide MLP∘γ at initialisation."""

    part = "nngp"


def composed_ntk(network: CoordinateNetwork, parameterisation: Parameterisation = "standard") -> ComposedNTK:
    """Build the NTK that a network with this encoding, depth, activation and initialisation has at infinite width.

    The kernel is K(δ) = h_NTK(h_γ(δ)) (Tancik et al. 2020, Eq. 7) with the network's own m frequencies, h_γ(δ) = Σ a_j²
    cos(2π b_j·δ) / Σ a_j². It describes the pre-activation z of one output channel; between two different channels it
    is zero. If the output is f = s(z), such as a sigmoid, the network's own NTK is s'(z(x))·s'(z(x'))·K, which is not
    stationary.

    Args:
        network: The coordinate network. Its encoding and the specification of its MLP are used, not its weights.
        parameterisation: "standard" trains the weights W and the biases b of z = W x + b themselves, so that layers are
            weighted by their fan-in (Park et al. 2019, Sohl-Dickstein et al. 2020). "ntk" trains the unit normals W of
            z = σ_w/√fan_in·W x, without biases (Jacot et al. 2018).

    Returns:
        The stationary kernel K. Called with differences δ (…, d) in coordinate units, it returns K(δ) (…,) in float64.

    Raises:
        ValueError: The encoding has raw input, which makes its kernel not stationary, or all its amplitudes are zero;
            the network has skip connections; or the parameterisation is not known.

    >>> from fourierfield.encodings import basic
    >>> from fourierfield.networks import MLP, MLPSpec
    >>> network = CoordinateNetwork(basic(1), MLP(MLPSpec(2, 1, depth=2, width=8)))
    >>> composed_ntk(network)(torch.tensor([[0.0], [0.5]]))
    tensor([7., 1.], dtype=torch.float64)
    """
    encoding = network.encoding
    power = float(encoding.amplitudes.double().square().sum())
    mlp = InfiniteMLP.of(network.mlp.spec, parameterisation)
    return ComposedNTK(EncodingKernel(encoding), mlp, power / encoding.out_features)


def _rows(values: Tensor) -> int:
    """Return the number of rows of a table to map at once, which bounds a block at 2²⁰ numbers."""
    return max(1, (1 << 20) // max(1, values[0].numel())) if len(values) else 1


@dataclass(frozen=True, eq=False)
class _PointKernel:
    """A kernel of an infinitely wide MLP on ``features`` of the points (the points themselves by default)."""

    network: InfiniteMLP
    features: Callable[[Tensor], Tensor] | None = None
    part: ClassVar[Part]

    def __call__(self, left: Tensor, right: Tensor) -> Tensor:
        """Return k(x_i, x'_j) for points x (N, d) and x' (M, d), as (N, M) in float64."""
        pair = [
            points.double() if self.features is None else self.features(points.double()) for points in (left, right)
        ]
        values: Tensor = getattr(self.network(PairMoments.of_points(*pair)), self.part)
        return values


class PointNTK(_PointKernel):
    """The NTK of an infinitely wide MLP on points, by which a network without a mapping trains.

    It is not stationary in general.

    >>> import torch
    >>> ntk = PointNTK(InfiniteMLP.of_depth(2))
    >>> ntk(torch.tensor([[1.0]]), torch.tensor([[1.0], [-1.0]]))
    tensor([[4., 0.]], dtype=torch.float64)
    """

    part = "ntk"


class PointNNGP(_PointKernel):
    """The covariance of an infinitely wide MLP at initialisation."""

    part = "nngp"
