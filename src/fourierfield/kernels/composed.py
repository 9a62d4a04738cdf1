"""The kernel of MLP∘γ: stationary, since γ puts every point on a sphere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from ..networks import CoordinateNetwork
from .duals import PairMoments
from .encoding import EncodingKernel
from .infinite import InfiniteMLP, LayerKernel, Parameterisation
from .stationary import StationaryKernel

__all__ = ["ComposedNNGP", "ComposedNTK", "composed_ntk"]


@dataclass(frozen=True, eq=False)
class _Composed(StationaryKernel):
    """h∘h_γ. ``input_variance`` is ‖γ‖²/fan_in: ½ for m pairs of unit amplitude, since γ itself is not normalised.

    The gap is accurate to rounding of k(0).
    """

    encoding: StationaryKernel
    network: InfiniteMLP
    input_variance: float = 1.0

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
        """NNGP, NTK and the NTK's layers where 1 − h_γ is ``gap``."""
        return self.network(PairMoments.stationary(self.input_variance, self.input_variance * gap))

    def _gap(self, gap: Tensor) -> Tensor:
        difference = (self.at_zero - self._values(gap)).clamp_(min=0)
        return difference.masked_fill_(gap == 0, 0.0)  # vector and scalar instructions may round apart

    def _values(self, gap: Tensor) -> Tensor:
        raise NotImplementedError


class ComposedNTK(_Composed):
    """K(δ) = h_NTK(h_γ(δ)), the kernel by which gradient descent on an infinitely wide MLP∘γ moves (the paper, Eq. 7).

    >>> from fourierfield.encodings import basic
    >>> ntk = ComposedNTK(EncodingKernel(basic(1)), InfiniteMLP.of_depth(2))
    >>> ntk(torch.tensor([[0.0], [0.5]])).abs()
    tensor([4., 0.], dtype=torch.float64)
    """

    def _values(self, gap: Tensor) -> Tensor:
        return self.of_gap(gap).ntk


class ComposedNNGP(_Composed):
    """The covariance of an infinitely wide MLP∘γ at initialisation."""

    def _values(self, gap: Tensor) -> Tensor:
        return self.of_gap(gap).nngp


def composed_ntk(network: CoordinateNetwork, parameterisation: Parameterisation = "standard") -> ComposedNTK:
    """The NTK of a network of this depth, activation and initialisation at infinite width, with its own frequencies.

    It is that of the pre-activation z of the output, for each channel by itself: two channels have none in common.
    Where f = s(z), as with a sigmoid, the network's own NTK is s'(z(x))·s'(z(x'))·K, and not stationary.

    Raises ``ValueError`` for encodings with raw input, whose kernel is not stationary, and for skip connections.
    """
    encoding = network.encoding
    power = float(encoding.amplitudes.double().square().sum())
    mlp = InfiniteMLP.of(network.mlp.spec, parameterisation)
    return ComposedNTK(EncodingKernel(encoding), mlp, power / encoding.out_features)


def _rows(values: Tensor) -> int:
    """Rows of a table that are mapped at once."""
    return max(1, (1 << 20) // max(1, values[0].numel())) if len(values) else 1
