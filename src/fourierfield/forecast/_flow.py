"""The training of an infinitely wide network: every moment of it from one Lanczos run per channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from torch import Tensor

from ..operators._base import LinearOperator
from ..solvers._lanczos import Lanczos, lanczos_each
from ..solvers._solution import Solution, Status
from ._dynamics import Dynamics

T = TypeVar("T")


@dataclass(frozen=True)
class Flow:
    """The training of one channel at the T moments of its dynamics, in the Krylov space of its residual."""

    run: Lanczos
    dynamics: Dynamics

    def weights(self) -> Tensor:
        """Compute φ(K)(y − f₀), (T, N); the network has moved by K_* times it."""
        return self.run.apply(self.dynamics.response)

    def change(self) -> Tensor:
        """Compute f_t − f₀ on the training points, (T, N); exactly 0 at t = 0."""
        return self.run.apply(lambda eigenvalues: 1 - self.dynamics.decay(eigenvalues))

    def residual(self) -> Tensor:
        """Compute y − f_t on the training points, (T, N); exactly 0 at t = ∞ if the kernel is positive definite."""
        return self.run.apply(self.dynamics.decay)

    def energy(self) -> Tensor:
        """Compute Σ (y − f_t)² over the training points, (T,), by Gauss quadrature, without forming f_t."""
        return self.run.quadrature(lambda eigenvalues: self.dynamics.decay(eigenvalues) ** 2)

    def pull(self) -> Tensor:
        """Compute (y − f_t)ᵀK(y − f_t), (T,), by Gauss quadrature: the square of the force on the weights."""
        return self.run.quadrature(lambda eigenvalues: eigenvalues * self.dynamics.decay(eigenvalues) ** 2)

    def change_elsewhere(self) -> Tensor:
        """Compute f_t − f₀ at other points, (T, M); the operator must have the map to them stacked below K."""
        return self.run.apply_elsewhere(self.dynamics.response)

    def change_at(self, cross: LinearOperator) -> Tensor:
        """Compute f_t − f₀ at other points, (T, M), by the map ``cross`` from training points to them."""
        return (cross @ self.weights().T).T


def train_flow(
    operator: LinearOperator, residual: Tensor, dynamics: Dynamics, *, tolerance: float = 1e-8, most: int = 1000
) -> Solution[Flow]:
    """Train one channel in theory: ``operator`` is K on the training points, ``residual`` is y − f₀ (N,).

    ``tolerance`` bounds the error of every f_t on the training points that the Krylov space leaves, relative to ‖y −
    f₀‖, by the flow's own residual equation, so t = ∞ has the stopping rule of conjugate gradients.
    """
    return train_flows(operator, residual[:, None], dynamics, tolerance=tolerance, most=most)[0]


def train_flows(
    operator: LinearOperator, residuals: Tensor, dynamics: Dynamics, *, tolerance: float = 1e-8, most: int = 1000
) -> list[Solution[Flow]]:
    """Train channels (N, C) side by side as ``train_flow`` does; a map to other points may be stacked below K."""
    runs = lanczos_each(operator, residuals.double(), dynamics.response, tolerance=tolerance, most=most)
    return [run.with_value(Flow(run.value, dynamics)) for run in runs]


@dataclass(frozen=True)
class Prediction:
    """Outputs at T moments on training points (T, N, C) and elsewhere (T, M, C) or None; loss ½·Σ(y − f)² (T,)."""

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
    """Compute f_t = f₀ + K_* φ_t(K)(y − f₀) for targets y (N, C) (Jacot et al. 2018; Lee et al. 2019, Eqs 8 to 11).

    ``cross`` is K_* to other points. ``initial`` is f₀ on the training points (N, C) and at the others (M, C) or None;
    it is zero by default. Everything is float64; memory is T·(N + M)·C numbers and one Krylov basis.

    >>> from fourierfield.operators._base import DenseOperator
    >>> from fourierfield.forecast._dynamics import GradientFlow
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


def worst_of(solutions: list[Solution[Any]], value: T) -> Solution[T]:
    """Combine several solutions: the first status that is not converged, the sum of steps, the largest error."""
    failed = [s.status for s in solutions if not s.ok]
    status = failed[0] if failed else Status.CONVERGED
    return Solution(value, status, sum(s.iterations for s in solutions), max(s.error for s in solutions))
