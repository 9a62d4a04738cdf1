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
from .curve import Errors, forecast_curve, measured
from .limit import WideLimit, interpolate

__all__ = ["StepForecast", "forecast_steps"]

SEEN = 256  # training points from which the largest eigenvalue is bounded


@dataclass(frozen=True)
class StepForecast(Errors):
    """Errors after 1, 2, …, S steps, and the time τ of gradient flow reached by then, (S,)."""

    times: Tensor


def forecast_steps(problem: GridProblem, network: CoordinateNetwork, plan: TrainingPlan) -> Solution[StepForecast]:
    """Scores of the training of ``network`` on ``problem`` by a plan, before it: gradient flow of its infinitely wide
    limit (``forecast_curve``) at the times that the plan's steps reach (``plan_times``).

    Raises ``ValueError`` for networks whose kernel is not stationary. How far off it is: ``docs/forecast.md``.
    """
    limit, outputs = WideLimit.of(network), measured(problem.training)
    if not isinstance(limit.kernel, StationaryKernel):
        raise ValueError(f"the kernel of a network on the {network.encoding.family} encoding is not stationary")
    per_point = outputs / len(problem.training)
    times = limit.times(per_point, problem.training.subset(SEEN).coordinates(), plan.steps)
    solution = forecast_curve(problem, limit.kernel, limit.flow(times, outputs), start=limit.start)
    curve = solution.value
    reached = plan_times(limit.gradient_curve(times, curve.pull, curve.top, outputs), plan)
    held_out = None if curve.held_out_mse is None else interpolate(times, curve.held_out_mse, reached)
    forecast = StepForecast(interpolate(times, curve.train_mse, reached), held_out, reached)
    return Solution(forecast, solution.status, solution.iterations, solution.error)
