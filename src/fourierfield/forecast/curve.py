"""The learning curve of a problem: training and held-out error at every moment, before any training."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..kernels import StationaryKernel
from ..operators import LinearOperator
from ..problems import GridProblem, GridSamples
from ..solvers import Solution
from .dynamics import Dynamics
from .flow import Flow, train_flow, worst_of
from .grids import samples_gram

__all__ = ["LearningCurve", "forecast_curve"]

START = 0.5  # where a sigmoid network with zero biases starts, on average


@dataclass(frozen=True)
class LearningCurve:
    """Mean squared errors at T moments of training, over all channels: on training samples and on held-out ones."""

    train_mse: Tensor
    held_out_mse: Tensor | None

    @property
    def train_psnr_db(self) -> Tensor:
        """−10 log₁₀ MSE on the training samples, (T,)."""
        return -10 * self.train_mse.log10()

    @property
    def held_out_psnr_db(self) -> Tensor | None:
        """−10 log₁₀ MSE on the held-out samples, (T,)."""
        return None if self.held_out_mse is None else -10 * self.held_out_mse.log10()


def forecast_curve(
    problem: GridProblem,
    kernel: StationaryKernel,
    dynamics: Dynamics,
    *,
    start: float = START,
    tolerance: float = 1e-4,
) -> Solution[LearningCurve]:
    """Train an infinitely wide network with this kernel on a problem, from the constant f₀ = ``start``.

    Each channel is one Lanczos run; training errors come from its quadrature, held-out ones from one product with
    K_* per moment. Memory is that of one channel: its Krylov basis and T·(N + M) numbers. ``tolerance`` is relative to
    ‖y − f₀‖, on the training samples.
    """
    parts = [_channel(problem, kernel, dynamics, start, tolerance, c) for c in range(problem.channels)]
    train = torch.stack([part.value[0] for part in parts]).sum(0) / _measured(problem.training)
    held_out = None
    if problem.held_out is not None:
        held_out = torch.stack([part.value[1] for part in parts]).sum(0) / _measured(problem.held_out)
    return worst_of(parts, LearningCurve(train, held_out))


def _channel(
    problem: GridProblem, kernel: StationaryKernel, dynamics: Dynamics, start: float, tolerance: float, channel: int
) -> Solution[tuple[Tensor, Tensor]]:
    """Sums of squared errors of one channel, on training and held-out samples, (T,) each."""
    training = present(problem.training, channel)
    operator = samples_gram(kernel, training)
    flow = train_flow(operator, training.values[:, 0] - start, dynamics, tolerance=tolerance)
    errors = flow.value.energy(), torch.zeros(0)
    if problem.held_out is not None:
        held_out = present(problem.held_out, channel)
        errors = errors[0], _errors_at(samples_gram(kernel, held_out, training), flow.value, held_out, start)
    return Solution(errors, flow.status, flow.iterations, flow.error)


def _errors_at(cross: LinearOperator, flow: Flow, samples: GridSamples, start: float) -> Tensor:
    weights = flow.weights()
    wanted = samples.values[:, 0].double() - start
    return torch.stack([(wanted - cross @ w).square().sum() for w in weights])


def present(samples: GridSamples, channel: int) -> GridSamples:
    """The samples at which one channel was measured, with that channel alone."""
    values = samples.values[:, channel : channel + 1]
    rows = ~torch.isnan(values[:, 0])
    if bool(rows.all()):
        return GridSamples(samples.grid, samples.flat, values)
    return GridSamples(samples.grid, samples.flat[rows], values[rows])


def _measured(samples: GridSamples) -> int:
    return int((~torch.isnan(samples.values)).sum())
