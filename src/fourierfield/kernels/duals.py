"""Dual activations: what an infinitely wide layer does to the covariance of its inputs.

For (u, v) jointly normal with variances q_x, q_y and covariance k, the dual of σ is F = E σ(u)σ(v), and its
derivative dual Ḟ = E σ'(u)σ'(v) (Daniely et al. 2016; Jacot et al. 2018, Prop. 1).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

__all__ = ["DUALS", "Dual", "PairMoments"]


@dataclass(frozen=True)
class PairMoments:
    """Variances q_x, q_y and covariance k of pairs, and gap = √(q_x q_y) − k ≥ 0, which keeps its accuracy at 0."""

    variance_x: Tensor
    variance_y: Tensor
    covariance: Tensor
    gap: Tensor

    @classmethod
    def stationary(cls, variance: float, gap: Tensor) -> PairMoments:
        """Pairs of equal variance, k = variance − gap."""
        q = torch.full((), variance, dtype=torch.float64, device=gap.device)
        return cls(q, q, variance - gap, gap)

    @classmethod
    def of_points(cls, left: Tensor, right: Tensor) -> PairMoments:
        """K₀ = x·x'/d of inputs (N, d) and (M, d), as (N, M); the gap comes from differences, not inner products.

        √(q_x q_y) − k = (|x − x'|² − (|x| − |x'|)²)/2d.
        """
        left, right = left.double(), right.double()
        d = left.shape[-1]
        norm_x, norm_y = left.norm(dim=-1)[:, None], right.norm(dim=-1)[None]
        distance = torch.cdist(left, right, compute_mode="donot_use_mm_for_euclid_dist")
        gap = ((distance**2 - (norm_x - norm_y) ** 2) / (2 * d)).clamp_(min=0)
        return cls(norm_x**2 / d, norm_y**2 / d, norm_x * norm_y / d - gap, gap)

    @property
    def scale(self) -> Tensor:
        """√(q_x q_y)."""
        return torch.sqrt(self.variance_x * self.variance_y)

    @property
    def same(self) -> Tensor:
        """Where u = v exactly."""
        return (self.gap == 0) & (self.variance_x == self.variance_y)


class DualValues(NamedTuple):
    """F at (x, x), (y, y) and (x, y), its gap √(F_xx F_yy) − F_xy, and Ḟ at (x, y)."""

    variance_x: Tensor
    variance_y: Tensor
    covariance: Tensor
    gap: Tensor
    derivative: Tensor


class Dual(Protocol):
    """The dual of an activation."""

    def __call__(self, pairs: PairMoments) -> DualValues:
        """F and Ḟ of pairs."""
        ...


def relu_dual(pairs: PairMoments) -> DualValues:
    """Arc-cosine kernels of degree 1 and 0 (Cho & Saul 2009): F = √(q_x q_y)(sin θ + (π − θ)cos θ)/2π, Ḟ = (π − θ)/2π.

    θ comes from the gap, 2 asin √(½(1 − cos θ)), and so does F's own gap: exact where arccos loses half the digits.
    """
    scale = pairs.scale
    versine = torch.where(scale > 0, pairs.gap / scale, 0.0).clamp(0.0, 2.0)  # 1 − cos θ
    angle = 2 * torch.asin(torch.sqrt(versine / 2))
    angle = torch.where(versine > 1, math.pi - 2 * torch.asin(torch.sqrt(1 - versine / 2)), angle)
    sine, cosine = torch.sin(angle), 1 - versine
    covariance = scale * (sine + (math.pi - angle) * cosine) / (2 * math.pi)
    gap = scale * (math.pi * versine - (sine - angle * cosine)) / (2 * math.pi)
    derivative = (math.pi - angle) / (2 * math.pi)
    return DualValues(pairs.variance_x / 2, pairs.variance_y / 2, covariance, gap.clamp(min=0), derivative)


def erf_dual(pairs: PairMoments) -> DualValues:
    """F = (2/π) asin(2k/√((1+2q_x)(1+2q_y))) (Williams 1997, Eq. 11); Ḟ = (4/π)/√((1+2q_x)(1+2q_y) − 4k²)."""

    def value(x: Tensor, y: Tensor, k: Tensor) -> Tensor:
        return 2 / math.pi * torch.asin(2 * k / torch.sqrt((1 + 2 * x) * (1 + 2 * y)))

    x, y, k = pairs.variance_x, pairs.variance_y, pairs.covariance
    derivative = 4 / math.pi / torch.sqrt((1 + 2 * x) * (1 + 2 * y) - 4 * k**2)
    return _smooth(pairs, value, derivative)


def gelu_dual(pairs: PairMoments) -> DualValues:
    """GELU σ(u) = uΦ(u) (Tsuchida et al. 2021, Prop. 3). With P = (1+q_x)(1+q_y) and Δ² = P − k²,

    F = k/4 + (k·atan2(k, Δ) + (k² + q_x q_y Δ²)/(PΔ))/2π,
    Ḟ = ¼ + (atan2(k, Δ) + (1/Δ² + (1 − q_x q_y)/P + 1)·k/Δ)/2π.
    """

    def value(x: Tensor, y: Tensor, k: Tensor) -> Tensor:
        product = (1 + x) * (1 + y)
        delta = torch.sqrt(product - k**2)
        return k / 4 + (k * torch.atan2(k, delta) + (k**2 + x * y * delta**2) / (product * delta)) / (2 * math.pi)

    x, y, k = pairs.variance_x, pairs.variance_y, pairs.covariance
    product = (1 + x) * (1 + y)
    delta2 = product - k**2
    bracket = 1 / delta2 + (1 - x * y) / product + 1
    derivative = 0.25 + (torch.atan2(k, delta2.sqrt()) + bracket * k / delta2.sqrt()) / (2 * math.pi)
    return _smooth(pairs, value, derivative)


@dataclass(frozen=True)
class SineDual:
    """σ(u) = sin ωu: F = e^{−ω²(q_x+q_y)/2} sinh ω²k, Ḟ = ω² e^{−ω²(q_x+q_y)/2} cosh ω²k (Parker–Holtz; SIREN)."""

    omega: float = 1.0

    def __call__(self, pairs: PairMoments) -> DualValues:
        w = self.omega**2

        def exponentials(x: Tensor, y: Tensor, k: Tensor) -> tuple[Tensor, Tensor]:
            half = (x + y) / 2  # e^{−w·half}·e^{±wk}, joined so that neither overflows
            return torch.exp(w * (k - half)) / 2, torch.exp(-w * (k + half)) / 2

        def value(x: Tensor, y: Tensor, k: Tensor) -> Tensor:
            plus, minus = exponentials(x, y, k)
            return plus - minus

        plus, minus = exponentials(pairs.variance_x, pairs.variance_y, pairs.covariance)
        return _smooth(pairs, value, w * (plus + minus))


def _smooth(pairs: PairMoments, value: Callable[[Tensor, Tensor, Tensor], Tensor], derivative: Tensor) -> DualValues:
    """Dual values of an activation without a kink, whose gap needs no care of its own."""
    x, y = pairs.variance_x, pairs.variance_y
    own_x, own_y = value(x, x, x), value(y, y, y)
    covariance = value(x, y, pairs.covariance)
    gap = (torch.sqrt(own_x * own_y) - covariance).clamp(min=0)
    gap = torch.where(pairs.same, 0.0, gap)
    return DualValues(own_x, own_y, covariance, gap, derivative)


DUALS: dict[str, Dual] = {
    "relu": relu_dual,
    "erf": erf_dual,
    "gelu": gelu_dual,
    "sine": SineDual(30.0),  # SIREN's ω₀, as the networks' activation of this name
}
