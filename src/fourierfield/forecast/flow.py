"""The training of an infinitely wide network, all moments of it from one Lanczos run per channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor

from ..operators import LinearOperator
from ..solvers import Lanczos, Solution, Status, lanczos_each
from .dynamics import Dynamics

__all__ = ["Flow", "Prediction", "predict", "train_flow", "train_flows"]

T = TypeVar("T")


@dataclass(frozen=True)
class Flow:
    """One channel's training at the T moments of its dynamics, seen through the Krylov space of its residual."""

    run: Lanczos
    dynamics: Dynamics

    def weights(self) -> Tensor:
        """φ(K)(y − f₀), (T, N): the network has moved by K_* of it."""
        return self.run.apply(self.dynamics.response)

    def change(self) -> Tensor:
        """f_t − f₀ on the training points, (T, N); exactly 0 at t = 0."""
        return self.run.apply(lambda eigenvalues: 1 - self.dynamics.decay(eigenvalues))

    def residual(self) -> Tensor:
        """y − f_t on the training points, (T, N); exactly 0 at t = ∞ where the kernel is positive definite."""
        return self.run.apply(self.dynamics.decay)

    def energy(self) -> Tensor:
        """Σ (y − f_t)² over the training points by Gauss quadrature, (T,), without forming f_t."""
        return self.run.quadrature(lambda eigenvalues: self.dynamics.decay(eigenvalues) ** 2)

    def pull(self) -> Tensor:
        """(y − f_t)ᵀK(y − f_t) by Gauss quadrature, (T,): the square of the force on the weights."""
        return self.run.quadrature(lambda eigenvalues: eigenvalues * self.dynamics.decay(eigenvalues) ** 2)

    def change_elsewhere(self) -> Tensor:
        """f_t − f₀ at other points, (T, M), where the operator had the map to them below K."""
        return self.run.apply_elsewhere(self.dynamics.response)

    def change_at(self, cross: LinearOperator) -> Tensor:
        """f_t − f₀ at other points, (T, M), for the map ``cross`` from training points to them."""
        return (cross @ self.weights().T).T


def train_flow(
    operator: LinearOperator, residual: Tensor, dynamics: Dynamics, *, tolerance: float = 1e-8, most: int = 1000
) -> Solution[Flow]:
    """Train one channel: ``operator`` is K on the training points, ``residual`` y − f₀ (N,).

    ``tolerance`` bounds what the Krylov space misses of every f_t on the training points, relative to ‖y − f₀‖.
    The bound is that of the flow's own residual equation, so t = ∞ has the stopping rule of conjugate gradients.
    """
    return train_flows(operator, residual[:, None], dynamics, tolerance=tolerance, most=most)[0]


def train_flows(
    operator: LinearOperator, residuals: Tensor, dynamics: Dynamics, *, tolerance: float = 1e-8, most: int = 1000
) -> list[Solution[Flow]]:
    """As ``train_flow``, channels (N, C) side by side; ``operator`` may have the map to other points below K."""
    runs = lanczos_each(operator, residuals.double(), dynamics.response, tolerance=tolerance, most=most)
    return [run.with_value(Flow(run.value, dynamics)) for run in runs]


@dataclass(frozen=True)
class Prediction:
    """The network at T moments: on the training points (T, N, C), elsewhere (T, M, C) or None, and ½·Σ(y − f)² (T,)."""

    training: Tensor
    elsewhere: Tensor | None
    half_sum_loss: Tensor


def predict(
    operator: LinearOperator,
    targets: Tensor,
    dynamics: Dynamics,
    *,
    cross: LinearOperator | None = None,
    initial: tuple[Tensor, Tensor | None] | None = None,
    tolerance: float = 1e-10,
) -> Solution[Prediction]:
    """f_t = f₀ + K_* φ_t(K)(y − f₀) for targets y (N, C) (Jacot et al. 2018; Lee et al. 2019, Eqs 8 to 11).

    ``initial`` is f₀ on the training points (N, C) and at the others (M, C) or None; zero by default. Everything is
    float64; memory is T·(N + M)·C numbers and one Krylov basis.

    >>> from fourierfield.operators import DenseOperator
    >>> from fourierfield.forecast import GradientFlow
    >>> K = DenseOperator(torch.diag(torch.tensor([1.0, 4.0], dtype=torch.float64)))
    >>> predict(K, torch.ones(2, 1), GradientFlow(torch.tensor([0.0, 1.0]))).value.training.squeeze()
    tensor([[0.0000, 0.0000],
            [0.6321, 0.9817]], dtype=torch.float64)
    """
    targets = targets.double()
    start, start_elsewhere = initial if initial is not None else (torch.zeros_like(targets), None)
    flows = [train_flow(operator, r, dynamics, tolerance=tolerance) for r in (targets - start.double()).unbind(1)]
    training = start.double() + torch.stack([flow.value.change() for flow in flows], dim=-1)
    elsewhere = None
    if cross is not None:
        elsewhere = torch.stack([flow.value.change_at(cross) for flow in flows], dim=-1)
        elsewhere = elsewhere if start_elsewhere is None else elsewhere + start_elsewhere.double()
    loss = 0.5 * torch.stack([flow.value.energy() for flow in flows]).sum(0)
    return worst_of(flows, Prediction(training, elsewhere, loss))


def worst_of(solutions: list[Solution], value: T) -> Solution[T]:
    """One solution of several: the first status that is not converged, the steps together, the largest error."""
    failed = [s.status for s in solutions if not s.ok]
    status = failed[0] if failed else Status.CONVERGED
    return Solution(value, status, sum(s.iterations for s in solutions), max(s.error for s in solutions))
