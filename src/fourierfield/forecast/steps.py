"""The forecast of a training run: what its scores will be after each number of steps."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from ..encodings import FourierEncoding
from ..kernels import ComposedNTK
from ..networks import CoordinateNetwork
from ..problems import GridProblem, GridSamples
from ..solvers import Solution
from ..training import TrainingPlan
from .clock import plan_times
from .curve import Errors, LearningCurve, forecast_curve, measured
from .dense import coarse_curve
from .limit import WideLimit, interpolate
from .smooth import at_equal_training, nngp_curve

__all__ = ["FlowForecast", "StepForecast", "forecast_flow", "forecast_steps"]

SEEN = 256  # training points from which the largest eigenvalue is bounded
_FARTHER = 2  # finite networks may get farther than the clock says


@dataclass(frozen=True)
class StepForecast(Errors):
    """Errors after 1, 2, …, S steps, and the time τ of gradient flow reached by then, (S,)."""

    times: Tensor


@dataclass(frozen=True)
class FlowForecast:
    """The gradient flow of a network's wide ``limit`` at ``times`` (T,): what the scores of any plan are read from.

    ``curve`` is for a loss that is the mean over ``outputs`` values.
    ``density`` is the encoding's root mean square frequency over the training samples per unit, ``sizes`` the network's
    depth, width and number of frequencies. Held-out errors of a ``smooth`` signal are the NNGP's.
    """

    family: str
    sizes: tuple[int, int, int]
    limit: WideLimit
    times: Tensor
    curve: LearningCurve
    outputs: int
    density: float = math.nan
    smooth: bool = False

    def under(self, plan: TrainingPlan, octaves: float = 0.0) -> StepForecast:
        """The scores after each step of a plan (``plan_times``), times 2^octaves."""
        clock = self.limit.gradient_curve(self.times, self.curve.pull, self.curve.top, self.outputs)
        reached = plan_times(clock, plan) * 2.0**octaves
        held_out = self.curve.held_out_mse
        return StepForecast(
            interpolate(self.times, self.curve.train_mse, reached),
            None if held_out is None else interpolate(self.times, held_out, reached),
            reached,
        )

    def between(self, left_out: float) -> FlowForecast:
        """Held-out errors moved towards the training errors, to this share of them: where they are of samples left out
        of a grid, this is what to expect at a point between the samples that were kept."""
        return replace(self, curve=self.curve.between(left_out))

    def noisier(self, power: float) -> FlowForecast:
        """Held-out errors with the power of the samples' noise added."""
        return replace(self, curve=self.curve.noisier(power))

    def scaled(self, errors: float, pull: float) -> FlowForecast:
        """Errors and pull of a window times what makes them those of the whole."""
        return replace(self, curve=self.curve.scaled(errors, pull))


def forecast_flow(
    problem: GridProblem,
    network: CoordinateNetwork,
    steps: int,
    *,
    whole: GridProblem | None = None,
    smooth: bool = False,
) -> Solution[FlowForecast]:
    """Train the infinitely wide limit of ``network`` on ``problem``, at all times that up to ``steps`` steps can reach.

    Stationary kernels go by FFT (``forecast_curve``). Behind raw coordinates the kernel is not stationary: the dense
    route trains on means over a coarse grid of blocks (``coarse_curve``), which holds all that such a network learns.

    ``whole`` is the problem that ``problem`` is a window of: the loss is the mean over all of its values, so that
    those in the window are learned more slowly, and its points set the pace. A ``smooth`` signal's held-out errors are
    those of the NNGP at the same training errors (``at_equal_training``).
    """
    limit = WideLimit.of(network)
    all_training = (whole or problem).training
    outputs = measured(all_training)
    seen = all_training.coordinates(_some(len(all_training)))
    mean = limit.mean(seen)
    times = limit.times(outputs / len(all_training), mean, _FARTHER * steps)
    family, spec = network.encoding.family, network.mlp.spec
    sizes = (spec.depth, spec.width, network.encoding.features)
    if not isinstance(limit.kernel, ComposedNTK):
        coarse = coarse_curve(problem, limit, times)
        return coarse.with_value(FlowForecast(family, sizes, limit, times, coarse.value.curve, coarse.value.outputs))
    solution = forecast_curve(problem, limit.kernel, limit.flow(times, outputs), start=limit.start)
    curve = solution.value
    if smooth:
        curve = at_equal_training(curve, nngp_curve(problem, limit.kernel, start=limit.start).value)
    if len(problem.training) < len(all_training):
        curve = replace(curve, top=max(curve.top, limit.least_top(mean, len(seen), len(all_training))))
    density = _density(network.encoding, problem.training)
    return solution.with_value(FlowForecast(family, sizes, limit, times, curve, outputs, density, smooth))


def forecast_steps(problem: GridProblem, network: CoordinateNetwork, plan: TrainingPlan) -> Solution[StepForecast]:
    """Scores of the training of ``network`` on ``problem`` by a plan, before it: gradient flow of its infinitely wide
    limit (``forecast_flow``) at the times that the plan's steps reach (``plan_times``).

    How far off it is: ``docs/forecast.md``.
    """
    solution = forecast_flow(problem, network, plan.steps)
    return solution.with_value(solution.value.under(plan))


def _some(count: int) -> Tensor:
    """At most ``SEEN`` of so many rows, in a time that does not grow with them; fixed."""
    rows = np.random.default_rng(0).choice(count, min(count, SEEN), replace=False)
    return torch.from_numpy(np.sort(rows))


def _density(encoding: FourierEncoding, training: GridSamples) -> float:
    grid = training.grid
    volume = math.prod(high - low for low, high in zip(grid.lower, grid.upper, strict=True))
    samples = measured(training) / training.values.shape[1]  # windows side by side may have gaps at different places
    rate = (samples / volume) ** (1 / len(grid.shape))
    return float(encoding.frequencies.double().square().mean().sqrt()) / rate
