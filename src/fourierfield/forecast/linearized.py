"""A finite network linearised about its weights, and its exact training dynamics."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from ..kernels import empirical_ntk
from .dynamics import Dynamics

__all__ = ["LinearizedTraining", "linearize"]

Parameters = dict[str, Tensor]


def linearize(network: nn.Module) -> Callable[[Parameters, Tensor], Tensor]:
    """f_lin(θ, x) = f(θ₀, x) + ∂f/∂θ(θ₀, x)·(θ − θ₀), θ₀ the network's weights now (Lee et al. 2019, Eq. 4).

    The result takes parameters by name and points (N, …). One Jacobian-vector product, no Jacobian.

    >>> network = nn.Linear(1, 1, bias=False)
    >>> linear = linearize(network)
    >>> bool(linear({"weight": torch.tensor([[3.0]])}, torch.tensor([[2.0]])) == 6)
    True
    """
    start = {name: value.detach().clone() for name, value in network.named_parameters()}

    def evaluate(parameters: Parameters, points: Tensor) -> Tensor:
        moved = {name: parameters[name] - value for name, value in start.items()}

        def at(weights: Parameters) -> Tensor:
            return torch.func.functional_call(network, weights, (points,))

        value, slope, *_ = torch.func.jvp(at, (start,), (moved,))
        return value + slope

    return evaluate


class LinearizedTraining:
    """Training of the linearised network on points X (N, …) towards y (N, C), solved exactly.

    Its kernel is the network's own empirical NTK Θ at θ₀, (NC, NC), by eigendecomposition: for small N·C. With
    r = y − f₀(X), outputs are f₀ + Θ_* φ_t(Θ) r and weights θ₀ + Jᵀ φ_t(Θ) r.

    The network is not changed; it is evaluated in its own dtype, the dynamics in float64.
    """

    def __init__(self, network: nn.Module, points: Tensor, targets: Tensor) -> None:
        self._network, self._points = network, points
        self._start = self._outputs(points)
        self._residual = (targets.double() - self._start).reshape(-1)
        values, self._vectors = torch.linalg.eigh(_flat(empirical_ntk(network, points)))
        rounding = len(values) * torch.finfo(next(network.parameters()).dtype).eps * float(values.max())
        self.eigenvalues = torch.where(values > rounding, values, 0.0)  # null directions stay null for ever

    def outputs(self, dynamics: Dynamics, points: Tensor | None = None) -> Tensor:
        """f_t at points (M, …), the training points by default: (T, M, C) float64."""
        points = self._points if points is None else points
        start = self._outputs(points)
        cross = _flat(empirical_ntk(self._network, points, self._points))
        return start + (self._weights(dynamics) @ cross.T).reshape(-1, *start.shape)

    def parameters(self, dynamics: Dynamics) -> list[Parameters]:
        """θ_t at each moment, by name: what the weights of the linearised network are."""
        weights = {name: value.detach() for name, value in self._network.named_parameters()}

        def at(parameters: Parameters) -> Tensor:
            return torch.func.functional_call(self._network, parameters, (self._points,))

        outputs, pull_back, *_ = torch.func.vjp(at, weights)
        moves = [pull_back(w.reshape(outputs.shape).to(outputs.dtype))[0] for w in self._weights(dynamics)]
        return [{name: weights[name] + move[name] for name in weights} for move in moves]

    def _weights(self, dynamics: Dynamics) -> Tensor:
        """φ_t(Θ) r, (T, NC)."""
        return (dynamics.response(self.eigenvalues) * (self._residual @ self._vectors)) @ self._vectors.T

    @torch.no_grad()
    def _outputs(self, points: Tensor) -> Tensor:
        return self._network(points).double()


def _flat(ntk: Tensor) -> Tensor:
    """(N, M, C, C) → (NC, MC)."""
    n, m, c, _ = ntk.shape
    return ntk.double().transpose(1, 2).reshape(n * c, m * c)
