"""Kernels of points that do not depend on differences alone: an MLP on its inputs as they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from .duals import PairMoments
from .infinite import InfiniteMLP, LayerKernel

__all__ = ["PointNNGP", "PointNTK"]

Features = Callable[[Tensor], Tensor]


def _unchanged(points: Tensor) -> Tensor:
    return points


@dataclass(frozen=True, eq=False)
class _PointKernel:
    """A kernel of an infinitely wide MLP on ``features`` of the points (the points themselves by default)."""

    network: InfiniteMLP
    features: Features = _unchanged

    def __call__(self, left: Tensor, right: Tensor) -> Tensor:
        """k(x_i, x'_j) for points (N, d) and (M, d) → (N, M) float64."""
        moments = PairMoments.of_points(self.features(left.double()), self.features(right.double()))
        return self._choose(self.network(moments))

    def _choose(self, layers: LayerKernel) -> Tensor:
        raise NotImplementedError


class PointNTK(_PointKernel):
    """The NTK of an infinitely wide MLP, not stationary in general: what a network without mapping moves by.

    >>> import torch
    >>> ntk = PointNTK(InfiniteMLP.of_depth(2))
    >>> ntk(torch.tensor([[1.0]]), torch.tensor([[1.0], [-1.0]]))
    tensor([[4., 0.]], dtype=torch.float64)
    """

    def _choose(self, layers: LayerKernel) -> Tensor:
        return layers.ntk


class PointNNGP(_PointKernel):
    """The covariance of an infinitely wide MLP at initialisation."""

    def _choose(self, layers: LayerKernel) -> Tensor:
        return layers.nngp
