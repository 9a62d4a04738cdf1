"""The dual of any activation, by its Hermite expansion."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from .duals import DualValues, PairMoments

__all__ = ["HermiteDual"]

_NODES = 400  # Gauss–Hermite nodes for the coefficients


@dataclass(frozen=True)
class HermiteDual:
    """F = Σ_n α_n(q_x) α_n(q_y) ρⁿ with ρ = k/√(q_x q_y) and α_n(q) = E[σ(√q z) He_n(z)]/√n! (Mehler's formula).

    ``terms`` coefficients, each by Gauss–Hermite quadrature; Ḟ is the same sum for σ', taken by autograd. Smooth
    activations converge exponentially; one with a kink does not, and ``tail`` says how much is missing.

    >>> dual = HermiteDual(torch.tanh)
    >>> q = torch.ones(1, dtype=torch.float64)
    >>> dual(PairMoments(q, q, q, 0 * q)).covariance  # E tanh² z
    tensor([0.3943], dtype=torch.float64)
    """

    activation: Callable[[Tensor], Tensor]
    terms: int = 120

    def __call__(self, pairs: PairMoments) -> DualValues:
        x, y = pairs.variance_x, pairs.variance_y
        scale = pairs.scale
        versine = torch.where(scale > 0, pairs.gap / scale, 0.0).clamp(0.0, 2.0)
        values, derivatives = self._expand(x, y)
        covariance = _power_series(values, 1 - versine)
        own_x, own_y = self._second_moment(x), self._second_moment(y)
        gap = (torch.sqrt(own_x * own_y) - covariance).clamp(min=0)
        gap = torch.where(pairs.same, 0.0, gap)
        covariance = torch.where(pairs.same, torch.sqrt(own_x * own_y), covariance)
        return DualValues(own_x, own_y, covariance, gap, _power_series(derivatives, 1 - versine))

    def tail(self, variance: float) -> float:
        """Share of E σ(√q z)² beyond the last term: the relative error of F at ρ = 1."""
        q = torch.tensor(variance, dtype=torch.float64)
        whole = self._second_moment(q)
        return float((whole - self._coefficients(self.activation, q).square().sum(-1)) / whole)

    def _expand(self, x: Tensor, y: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """Products α_n(q_x) α_n(q_y), n = 0, 1, …, of σ and of σ'."""
        pairs = []
        for function in (self.activation, _derivative(self.activation)):
            left, right = self._coefficients(function, x), self._coefficients(function, y)
            pairs.append([left[..., n] * right[..., n] for n in range(self.terms)])
        return pairs[0], pairs[1]

    def _coefficients(self, function: Callable[[Tensor], Tensor], variance: Tensor) -> Tensor:
        """α_n for each variance, (…, terms)."""
        nodes, weights = _quadrature(variance.device)
        unique, inverse = torch.unique(variance, return_inverse=True)
        samples = function(unique.sqrt()[:, None] * nodes) * weights  # (U, nodes)
        return (samples @ _hermite(nodes, self.terms).T)[inverse]

    def _second_moment(self, variance: Tensor) -> Tensor:
        nodes, weights = _quadrature(variance.device)
        unique, inverse = torch.unique(variance, return_inverse=True)
        return (self.activation(unique.sqrt()[:, None] * nodes).square() @ weights)[inverse]


def _derivative(function: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    def derivative(x: Tensor) -> Tensor:
        with torch.enable_grad():
            leaf = x.detach().requires_grad_(True)
            return torch.autograd.grad(function(leaf).sum(), leaf)[0]

    return derivative


def _power_series(coefficients: list[Tensor], argument: Tensor) -> Tensor:
    """Σ c_n ρⁿ by Horner's rule."""
    total = torch.zeros_like(argument)
    for coefficient in reversed(coefficients):
        total = total * argument + coefficient
    return total


def _quadrature(device: torch.device) -> tuple[Tensor, Tensor]:
    """Nodes and weights of E over N(0, 1)."""
    from scipy.special import roots_hermitenorm

    nodes, weights = roots_hermitenorm(_NODES)
    return torch.as_tensor(nodes, device=device), torch.as_tensor(weights / math.sqrt(2 * math.pi), device=device)


def _hermite(nodes: Tensor, terms: int) -> Tensor:
    """Orthonormal Hermite polynomials He_n/√n! at the nodes, (terms, nodes)."""
    rows = [torch.ones_like(nodes), nodes]
    for n in range(1, terms - 1):
        rows.append((nodes * rows[n] - np.sqrt(n) * rows[n - 1]) / np.sqrt(n + 1))
    return torch.stack(rows[:terms])
