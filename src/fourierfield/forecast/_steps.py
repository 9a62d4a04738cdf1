"""The forecast of a training run: its scores after each step, before any training."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from ..encodings._fourier import FourierEncoding
from ..kernels._composed import ComposedNTK
from ..networks._mlp import CoordinateNetwork
from ..problems._grid import GridProblem, GridSamples
from ..solvers._solution import Solution
from ..training._plan import TrainingPlan
from ._clock import plan_times
from ._curve import Errors, LearningCurve, forecast_curve, measured
from ._dense import coarse_curve
from ._limit import WideLimit, interpolate
from ._smooth import at_equal_training, nngp_curve

SEEN = 256  # training points from which λ_max is bounded; their kernel matrix is dense
_FARTHER = 2  # factor on the steps that the flow covers, as finite networks may get farther than the clock says


@dataclass(frozen=True)
class StepForecast(Errors):
    """Errors after 1, 2, …, S steps, and the ``times`` τ of gradient flow that are reached by then, (S,)."""

    times: Tensor


@dataclass(frozen=True)
class FlowForecast:
    """The gradient flow of a network's wide ``limit`` at ``times`` (T,), from which the scores of any plan follow.

    ``curve`` is for a loss that is the mean over ``outputs`` values. ``density`` is the encoding's root mean square
    frequency over the training samples per unit; ``sizes`` are the network's depth, width and number of frequencies.
    Held-out errors of a ``smooth`` signal are the NNGP's.
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
        """Compute the scores after each step of a plan, at the times of ``plan_times`` multiplied by 2^octaves."""
        clock = self.limit.gradient_curve(self.times, self.curve.pull, self.curve.top, self.outputs)
        reached = plan_times(clock, plan) * 2.0**octaves
        held_out = self.curve.held_out_mse
        return StepForecast(
            interpolate(self.times, self.curve.train_mse, reached),
            None if held_out is None else interpolate(self.times, held_out, reached),
            reached,
        )

    def with_curve(self, curve: LearningCurve) -> FlowForecast:
        """Return the flow with another learning curve."""
        return replace(self, curve=curve)


def forecast_flow(
    problem: GridProblem,
    network: CoordinateNetwork,
    steps: int,
    *,
    whole: GridProblem | None = None,
    smooth: bool = False,
) -> Solution[FlowForecast]:
    """Train the infinitely wide limit of ``network`` in theory, at all times that ``steps`` steps can reach.

    Stationary kernels go by FFT (``forecast_curve``). Behind raw coordinates the dense route trains on means over
    blocks (``coarse_curve``), which resolve all that such networks learn. If ``problem`` is a window of ``whole``, the
    loss is the mean over all values of ``whole``, whose points set the pace. Held-out errors of a ``smooth`` signal are
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
    """Forecast the training and held-out errors of a network after each step of a plan, before training it.

    The errors are those of gradient flow in the network's infinitely wide limit,
    f_τ = f₀ + K_* K⁻¹ (I − e^{−Kτ/D}) (y − f₀) with D = N·C (Lee et al. 2019, Eqs 8 to 11). K is the NTK of the
    network's own frequencies in the standard parameterisation, times s'(0)² for the output s, and f₀ = s(0). The time
    that Adam reaches is τ_k = τ_{k−1} + min(0.45·η_k/√v̂_k, 38·D/λ_max), with v̂ its second moment of the gradient of
    the flow; the bound is the edge of stability (Cohen et al. 2022, Eq. 2). ``docs/forecast.md`` reports how far such
    forecasts are from trained networks.

    Args:
        problem: Training samples (N, C), scaled to [0, 1], and held-out samples, of a signal on a grid.
        network: The network to be trained, with the frequencies that it will have; its weights do not matter.
        plan: Number of steps S, learning rates η_k, and whether hidden matrices take orthogonal steps. Weight decay,
            mini-batches and the seed are ignored.

    Returns:
        The ``StepForecast`` as a ``Solution``, whose status says whether the linear algebra has converged: mean squared
        errors and PSNR in dB, (S,) each, on training and on held-out samples (None without hold-out), and the times
        τ = η·steps, (S,).

    Raises:
        ValueError: If the network has skip connections, whose kernel is not implemented.

    >>> from fourierfield.encodings import gaussian
    >>> from fourierfield.grids import Domain, GridSignal
    >>> from fourierfield.grids._sample_format import SampleFormat
    >>> from fourierfield.grids._splits import RandomHoldOut
    >>> from fourierfield.networks import MLP, CoordinateNetwork, MLPSpec
    >>> from fourierfield.problems import grid_problem
    >>> from fourierfield.training import ConstantRate, TrainingPlan
    >>> values = 0.5 + 0.4 * np.sin(20 * np.linspace(0, 1, 64, dtype=np.float32)[:, None])
    >>> signal = GridSignal(values, Domain((1.0,), ("s",)), "series", SampleFormat("float32"))
    >>> generator = torch.Generator().manual_seed(0)
    >>> network = CoordinateNetwork(gaussian(1, 4.0, 64, generator=generator), MLP(MLPSpec(128, 1), generator))
    >>> plan = TrainingPlan(200, ConstantRate(1e-3))
    >>> forecast = forecast_steps(grid_problem(signal, RandomHoldOut(0.2)), network, plan).value
    >>> forecast.held_out_psnr_db.shape, bool(forecast.held_out_psnr_db[-1] > 30)
    (torch.Size([200]), True)
    """
    solution = forecast_flow(problem, network, plan.steps)
    return solution.with_value(solution.value.under(plan))


def _some(count: int) -> Tensor:
    """Choose at most ``SEEN`` of ``count`` rows, always the same, in a time that does not grow with ``count``."""
    rows = np.random.default_rng(0).choice(count, min(count, SEEN), replace=False)
    return torch.from_numpy(np.sort(rows))


def _density(encoding: FourierEncoding, training: GridSamples) -> float:
    grid = training.grid
    volume = math.prod(high - low for low, high in zip(grid.lower, grid.upper, strict=True))
    samples = measured(training) / training.values.shape[1]  # windows side by side may have different gaps
    rate = (samples / volume) ** (1 / len(grid.shape))
    return float(encoding.frequencies.double().square().mean().sqrt()) / rate
