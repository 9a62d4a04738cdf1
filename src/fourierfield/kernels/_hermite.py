"""The dual of any activation, by its Hermite expansion."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from ._duals import DualValues, PairMoments

Activation = Callable[[Tensor], Tensor]

_STEP, _REACH = 0.02, 14.0  # step and end of the quadrature in standard deviations; at the end e^{−z²/2} is 3e-43
_AT_ONCE = 1 << 12  # variances whose samples, 1,400 each, are held at once: bounds memory


@dataclass(frozen=True)
class HermiteDual:
    """The dual of any activation, by its Hermite expansion (Mehler's formula).

    F = Σ_n α_n(q_x) α_n(q_y) ρⁿ with ρ = k/√(q_x q_y) and α_n(q) = E[σ(√q z) He_n(z)]/√n!. There are ``terms``
    coefficients, each computed by quadrature; Ḟ is the same sum for σ', taken by autograd. For smooth activations the
    sum converges exponentially, more slowly the larger the variance; for an activation with a kink it does not.
    ``tail`` reports how much is missing.

    >>> dual = HermiteDual(torch.tanh)
    >>> q = torch.ones(1, dtype=torch.float64)
    >>> dual(PairMoments(q, q, q, 0 * q)).covariance  # E tanh² z
    tensor([0.3943], dtype=torch.float64)
    """

    activation: Activation
    terms: int = 200

    def __call__(self, pairs: PairMoments) -> DualValues:
        x, y = pairs.variance_x, pairs.variance_y
        scale = pairs.scale
        cosine = 1 - torch.where(scale > 0, pairs.gap / scale, 0.0).clamp(0.0, 2.0)
        own_x, own_y = self._second_moment(x), self._second_moment(y)
        largest = torch.sqrt(own_x * own_y)
        covariance = torch.where(pairs.same, largest, self._series(self.activation, x, y, cosine))
        gap = (largest - covariance).clamp(min=0)
        return DualValues(own_x, own_y, covariance, gap, self._series(_derivative(self.activation), x, y, cosine))

    def tail(self, variance: float) -> float:
        """Return the share of E σ(√q z)² beyond the last term: the relative error of F at ρ = 1."""
        q = torch.tensor(variance, dtype=torch.float64)
        whole = self._second_moment(q)
        return float((whole - self._coefficients(self.activation, q).square().sum(-1)) / whole)

    def _series(self, function: Activation, x: Tensor, y: Tensor, cosine: Tensor) -> Tensor:
        """Return Σ α_n(q_x) α_n(q_y) ρⁿ, by Horner's rule."""
        left, right = self._coefficients(function, x), self._coefficients(function, y)
        total = torch.zeros_like(cosine)
        for n in reversed(range(self.terms)):
            total = total * cosine + left[..., n] * right[..., n]
        return total

    def _coefficients(self, function: Activation, variance: Tensor) -> Tensor:
        """Return α_n for each variance, (…, terms)."""
        nodes, weights = _quadrature(variance.device)
        polynomials = _hermite(self.terms, variance.device) * weights
        return _of_each(variance, lambda q: function(q.sqrt()[:, None] * nodes) @ polynomials.T)

    def _second_moment(self, variance: Tensor) -> Tensor:
        nodes, weights = _quadrature(variance.device)
        return _of_each(variance, lambda q: self.activation(q.sqrt()[:, None] * nodes).square() @ weights)


def _of_each(variance: Tensor, function: Activation) -> Tensor:
    """Evaluate a function once for each different variance, a block of them at a time."""
    unique, inverse = torch.unique(variance, return_inverse=True)
    return torch.cat([function(block) for block in unique.split(_AT_ONCE)])[inverse]


def _derivative(function: Activation) -> Activation:
    def derivative(x: Tensor) -> Tensor:
        with torch.enable_grad():
            leaf = x.detach().requires_grad_(True)
            return torch.autograd.grad(function(leaf).sum(), leaf)[0]

    return derivative


@lru_cache(maxsize=4)
def _quadrature(device: torch.device) -> tuple[Tensor, Tensor]:
    """Return nodes and weights of E over N(0, 1) by the midpoint rule: exact for functions smooth over one step."""
    count = round(2 * _REACH / _STEP)
    nodes = _STEP * (torch.arange(count, dtype=torch.float64, device=device) - (count - 1) / 2)
    return nodes, _STEP / math.sqrt(2 * math.pi) * torch.exp(-(nodes**2) / 2)


@lru_cache(maxsize=8)
def _hermite(terms: int, device: torch.device) -> Tensor:
    """Return the orthonormal Hermite polynomials He_n/√n! at the nodes, (terms, nodes)."""
    nodes, _ = _quadrature(device)
    rows = [torch.ones_like(nodes), nodes]
    for n in range(1, terms - 1):
        rows.append((nodes * rows[n] - math.sqrt(n) * rows[n - 1]) / math.sqrt(n + 1))
    return torch.stack(rows[:terms])
