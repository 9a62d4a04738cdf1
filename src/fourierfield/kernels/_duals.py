"""Dual activations: what an infinitely wide layer does to the covariance of its inputs.

For (u, v) jointly normal with variances q_x, q_y and covariance k, the dual of σ is F = E σ(u)σ(v), and its
derivative dual Ḟ = E σ'(u)σ'(v) (Daniely et al. 2016; Jacot et al. 2018, Prop. 1).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor


@dataclass(frozen=True)
class PairMoments:
    """Variances q_x, q_y and covariance k of pairs, and their gap √(q_x q_y) − k ≥ 0, which stays accurate near 0."""

    variance_x: Tensor
    variance_y: Tensor
    covariance: Tensor
    gap: Tensor

    @classmethod
    def stationary(cls, variance: float, gap: Tensor) -> PairMoments:
        """Return pairs of equal variance, with k = variance − gap."""
        q = torch.full((), variance, dtype=torch.float64, device=gap.device)
        return cls(q, q, variance - gap, gap)

    @classmethod
    def of_points(cls, left: Tensor, right: Tensor) -> PairMoments:
        """Return the moments of inputs x (N, d) and x' (M, d) as (N, M), with covariance K₀ = x·x'/d.

        The gap √(q_x q_y) − k = |x||x'|·|x/|x| − x'/|x'||²/2d is computed from differences, not from inner products.
        """
        left, right = left.double().contiguous(), right.double().contiguous()
        d = left.shape[-1]
        norm_x, norm_y = left.norm(dim=-1, keepdim=True), right.norm(dim=-1, keepdim=True)
        tiny = torch.finfo(torch.float64).tiny
        directions = left / norm_x.clamp(min=tiny), right / norm_y.clamp(min=tiny)
        chord = torch.cdist(*directions, compute_mode="donot_use_mm_for_euclid_dist")
        product = norm_x * norm_y.T / d
        gap = product * chord.square_().mul_(0.5)
        return cls(norm_x**2 / d, norm_y.T**2 / d, product - gap, gap)

    @property
    def scale(self) -> Tensor:
        """The geometric mean √(q_x q_y) of the variances."""
        return torch.sqrt(self.variance_x * self.variance_y)

    @property
    def determinant(self) -> Tensor:
        """The determinant q_x q_y − k², which loses no digits if k is near √(q_x q_y)."""
        return self.gap * (2 * self.scale - self.gap)

    @property
    def same(self) -> Tensor:
        """A mask of the pairs with u = v exactly."""
        return (self.gap == 0) & (self.variance_x == self.variance_y)


class DualValues(NamedTuple):
    """F at (x, x), (y, y) and (x, y), its gap √(F_xx F_yy) − F_xy, and Ḟ at (x, y)."""

    variance_x: Tensor
    variance_y: Tensor
    covariance: Tensor
    gap: Tensor
    derivative: Tensor


Dual = Callable[[PairMoments], DualValues]  # the dual of an activation: F and Ḟ of pairs


def relu_dual(pairs: PairMoments) -> DualValues:
    """Return the arc-cosine kernels of degree 1 and 0, the duals of ReLU and of its derivative (Cho & Saul 2009).

    F = √(q_x q_y)(sin θ + (π − θ)cos θ)/2π and Ḟ = (π − θ)/2π. The angle θ is computed from the gap as 2 asin √(½(1 −
    cos θ)), and so is F's own gap: this is exact where arccos loses half the digits. An input that vanishes counts as
    orthogonal to all others, the limit that keeps Ḟ positive definite.
    """
    scale = pairs.scale
    versine = torch.where(scale > 0, pairs.gap / scale, torch.where(pairs.same, 0.0, 1.0)).clamp(0.0, 2.0)  # 1 − cos θ
    angle = 2 * torch.asin(torch.sqrt(versine / 2))
    angle = torch.where(versine > 1, math.pi - 2 * torch.asin(torch.sqrt(1 - versine / 2)), angle)
    sine, cosine = torch.sqrt(versine * (2 - versine)), 1 - versine
    covariance = scale * (sine + (math.pi - angle) * cosine) / (2 * math.pi)
    gap = scale * (math.pi * versine - (sine - angle * cosine)) / (2 * math.pi)
    derivative = (math.pi - angle) / (2 * math.pi)
    return DualValues(pairs.variance_x / 2, pairs.variance_y / 2, covariance, gap.clamp(min=0), derivative)


def erf_dual(pairs: PairMoments) -> DualValues:
    """Return the dual of erf (Williams 1997, Eq. 11).

    F = (2/π) asin(2k/√((1+2q_x)(1+2q_y))) and Ḟ = (4/π)/√((1+2q_x)(1+2q_y) − 4k²). The root R in Ḟ is computed from
    q_x q_y − k², and F as (2/π) atan2(2k, R).
    """

    def value(moments: PairMoments) -> Tensor:
        return 2 / math.pi * torch.atan2(2 * moments.covariance, _root(moments, 2.0))

    return _smooth(pairs, value, 4 / math.pi / _root(pairs, 2.0))


def gelu_dual(pairs: PairMoments) -> DualValues:
    """Return the dual of GELU, σ(u) = uΦ(u) (Tsuchida et al. 2021, Prop. 3).

    With P = (1+q_x)(1+q_y) and Δ² = P − k²,

    F = k/4 + (k·atan2(k, Δ) + (k² + q_x q_y Δ²)/(PΔ))/2π,
    Ḟ = ¼ + (atan2(k, Δ) + (1/Δ² + (1 − q_x q_y)/P + 1)·k/Δ)/2π.
    """

    def value(moments: PairMoments) -> Tensor:
        x, y, k = moments.variance_x, moments.variance_y, moments.covariance
        product, root = (1 + x) * (1 + y), _root(moments, 1.0)
        return k / 4 + (k * torch.atan2(k, root) + (k**2 + x * y * root**2) / (product * root)) / (2 * math.pi)

    x, y, k = pairs.variance_x, pairs.variance_y, pairs.covariance
    root = _root(pairs, 1.0)
    bracket = 1 / root**2 + (1 - x * y) / ((1 + x) * (1 + y)) + 1
    derivative = 0.25 + (torch.atan2(k, root) + bracket * k / root) / (2 * math.pi)
    return _smooth(pairs, value, derivative)


def _root(pairs: PairMoments, factor: float) -> Tensor:
    """Return √((1 + c·q_x)(1 + c·q_y) − c²k²), without cancellation at large variances."""
    return torch.sqrt(1 + factor * (pairs.variance_x + pairs.variance_y) + factor**2 * pairs.determinant)


@dataclass(frozen=True)
class SineDual:
    """The dual of σ(u) = sin ωu (Parker–Holtz; SIREN).

    F = e^{−ω²(q_x+q_y)/2} sinh ω²k and Ḟ = ω² e^{−ω²(q_x+q_y)/2} cosh ω²k.
    """

    omega: float = 1.0

    def __call__(self, pairs: PairMoments) -> DualValues:
        plus, minus = self._exponentials(pairs)
        return _smooth(pairs, self._value, self.omega**2 * (plus + minus))

    def _exponentials(self, pairs: PairMoments) -> tuple[Tensor, Tensor]:
        """Return ½ e^{−ω²((q_x+q_y)/2 ∓ k)}, each as one exponential so that neither overflows."""
        apart = pairs.gap + (pairs.variance_x.sqrt() - pairs.variance_y.sqrt()) ** 2 / 2  # (q_x + q_y)/2 − k
        return (-(self.omega**2) * apart).exp() / 2, (-(self.omega**2) * (apart + 2 * pairs.covariance)).exp() / 2

    def _value(self, pairs: PairMoments) -> Tensor:
        plus, minus = self._exponentials(pairs)
        return plus - minus


def _smooth(pairs: PairMoments, value: Callable[[PairMoments], Tensor], derivative: Tensor) -> DualValues:
    """Return the dual values of an activation without a kink, whose gap may be computed by subtraction."""
    own_x, own_y = (value(_own(q)) for q in (pairs.variance_x, pairs.variance_y))
    covariance = value(pairs)
    gap = (torch.sqrt(own_x * own_y) - covariance).clamp(min=0)
    return DualValues(own_x, own_y, covariance, gap.masked_fill(pairs.same, 0.0), derivative)


def _own(variance: Tensor) -> PairMoments:
    """Return the pairs (u, u)."""
    return PairMoments(variance, variance, variance, torch.zeros_like(variance))


# Closed forms, by the name of the activation.
DUALS: dict[str, Dual] = {
    "relu": relu_dual,
    "erf": erf_dual,
    "gelu": gelu_dual,
    "sine": SineDual(30.0),  # SIREN's ω₀, as in the networks' activation of this name
}
