"""Linearised training, by dense algebra: of one finite network about its weights, and of all infinitely wide ones.

The former follows a network's empirical NTK; the latter gives mean and covariance of the ensemble of trained networks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..kernels._empirical import empirical_ntk
from ._dynamics import Dynamics

Parameters = dict[str, Tensor]


def linearize(network: nn.Module) -> Callable[[Parameters, Tensor], Tensor]:
    """Return f_lin(θ, x) = f(θ₀, x) + ∂f/∂θ(θ₀, x)·(θ − θ₀) about the current weights θ₀ (Lee et al. 2019, Eq. 4).

    The result takes parameters by name and points (N, …). It evaluates a Jacobian-vector product, not the Jacobian.

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

    Its kernel is the network's own empirical NTK Θ at θ₀, (NC, NC), which is decomposed: for small N·C. With
    r = y − f₀(X), outputs are f₀ + Θ_* φ_t(Θ) r and weights are θ₀ + Jᵀ φ_t(Θ) r.

    The network is not changed. It is evaluated in its own dtype, the dynamics in float64.
    """

    def __init__(self, network: nn.Module, points: Tensor, targets: Tensor) -> None:
        self._network, self._points = network, points
        self._start = self._outputs(points)
        self._residual = (targets.double() - self._start).reshape(-1)
        values, self._vectors = torch.linalg.eigh(_flat(empirical_ntk(network, points)))
        rounding = len(values) * torch.finfo(next(network.parameters()).dtype).eps * float(values.max())
        self.eigenvalues = torch.where(values > rounding, values, 0.0)  # null directions must not move

    def outputs(self, dynamics: Dynamics, points: Tensor | None = None) -> Tensor:
        """Compute f_t, (T, M, C) float64, at points (M, …), by default the training points."""
        points = self._points if points is None else points
        start = self._outputs(points)
        cross = _flat(empirical_ntk(self._network, points, self._points))
        return start + (self._weights(dynamics) @ cross.T).reshape(-1, *start.shape)

    def parameters(self, dynamics: Dynamics) -> list[Parameters]:
        """Compute the weights θ_t of the linearised network at each moment, by name."""
        weights = {name: value.detach() for name, value in self._network.named_parameters()}

        def at(parameters: Parameters) -> Tensor:
            return torch.func.functional_call(self._network, parameters, (self._points,))

        outputs, pull_back, *_ = torch.func.vjp(at, weights)
        moves = [pull_back(w.reshape(outputs.shape).to(outputs.dtype))[0] for w in self._weights(dynamics)]
        return [{name: weights[name] + move[name] for name in weights} for move in moves]

    def _weights(self, dynamics: Dynamics) -> Tensor:
        """Compute φ_t(Θ) r, (T, NC)."""
        return (dynamics.response(self.eigenvalues) * (self._residual @ self._vectors)) @ self._vectors.T

    @torch.no_grad()
    def _outputs(self, points: Tensor) -> Tensor:
        return self._network(points).double()


def _flat(ntk: Tensor) -> Tensor:
    """Reshape (N, M, C, C) to (NC, MC)."""
    n, m, c, _ = ntk.shape
    return ntk.double().transpose(1, 2).reshape(n * c, m * c)


@dataclass(frozen=True)
class KernelBlocks:
    """A kernel on N training points and M others: ``train`` (N, N), ``cross`` (M, N), ``other`` (M, M)."""

    train: Tensor
    cross: Tensor
    other: Tensor


@dataclass(frozen=True)
class Ensemble:
    """The Gaussian process of trained networks at M points: ``mean`` (T, M, C), ``covariance`` (T, M, M)."""

    mean: Tensor
    covariance: Tensor


def trained_ensemble(ntk: KernelBlocks, nngp: KernelBlocks, targets: Tensor, dynamics: Dynamics) -> Ensemble:
    """Compute mean and covariance over random initialisations during training (Lee et al. 2019, Eqs 14 and 15).

    With Θ the NTK, 𝒦 the NNGP and A_t = Θ_* φ_t(Θ), the mean is A_t y and the covariance is
    𝒦_** + A_t 𝒦 A_tᵀ − A_t 𝒦_*ᵀ − 𝒦_* A_tᵀ. ``targets`` is y (N, C). The NTK is decomposed, so this is for a few
    thousand training points at most.

    >>> one = torch.ones(1, 1, dtype=torch.float64)
    >>> blocks = KernelBlocks(2 * one, one, 2 * one)
    >>> from fourierfield.forecast._dynamics import GradientFlow
    >>> end = trained_ensemble(blocks, blocks, one, GradientFlow(torch.tensor([torch.inf])))
    >>> end.mean, end.covariance
    (tensor([[[0.5000]]], dtype=torch.float64), tensor([[[1.5000]]], dtype=torch.float64))
    """
    values, vectors = torch.linalg.eigh(ntk.train.double())
    response = dynamics.response(values)  # (T, N)
    gain = (ntk.cross.double() @ vectors * response[:, None]) @ vectors.T  # (T, M, N)
    joint = gain @ nngp.cross.double().T  # (T, M, M)
    covariance = nngp.other.double() + gain @ nngp.train.double() @ gain.mT - joint - joint.mT
    return Ensemble(gain @ targets.double(), covariance)
