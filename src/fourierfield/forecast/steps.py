"""The forecast of a training run: what its scores will be after each number of steps."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from ..kernels import StationaryKernel
from ..networks import CoordinateNetwork
from ..problems import GridProblem
from ..solvers import Solution
from ..training import TrainingPlan
from .clock import plan_times
from .curve import forecast_curve
from .limit import WideLimit, interpolate

__all__ = ["StepForecast", "forecast_steps"]

SEEN = 256  # training points from which the largest eigenvalue is bounded


@dataclass(frozen=True)
class StepForecast:
    """Mean squared errors after 1, 2, …, S steps, (S,), and the time τ of gradient flow reached by then."""

    times: Tensor
    train_mse: Tensor
    held_out_mse: Tensor | None

    @property
    def train_psnr_db(self) -> Tensor:
        """−10 log₁₀ MSE on the training samples, (S,)."""
        return -10 * self.train_mse.log10()

    @property
    def held_out_psnr_db(self) -> Tensor | None:
        """−10 log₁₀ MSE on the held-out samples, (S,)."""
        return None if self.held_out_mse is None else -10 * self.held_out_mse.log10()


def forecast_steps(problem: GridProblem, network: CoordinateNetwork, plan: TrainingPlan) -> Solution[StepForecast]:
    """Scores of the training of ``network`` on ``problem`` by a plan, before it: gradient flow of its infinitely wide
    limit (``forecast_curve``) at the times that the plan's steps reach (``plan_times``).

    Raises ``ValueError`` for networks whose kernel is not stationary. How far off it is: ``docs/forecast.md``.
    """
    limit, outputs = WideLimit.of(network), len(problem.training) * problem.channels
    if not isinstance(limit.kernel, StationaryKernel):
        raise ValueError(f"the kernel of a network on the {network.encoding.family} encoding is not stationary")
    times = limit.times(problem.channels, problem.training.subset(SEEN).coordinates(), plan.steps)
    solution = forecast_curve(problem, limit.kernel, limit.flow(times, outputs), start=limit.start)
    curve = solution.value
    reached = plan_times(limit.gradient_curve(times, curve.pull, curve.top, outputs), plan)
    held_out = None if curve.held_out_mse is None else interpolate(times, curve.held_out_mse, reached)
    forecast = StepForecast(reached, interpolate(times, curve.train_mse, reached), held_out)
    return Solution(forecast, solution.status, solution.iterations, solution.error)
