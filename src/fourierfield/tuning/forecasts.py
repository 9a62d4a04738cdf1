"""The forecast of one candidate on the inner problem."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch

from ..encodings import EncodingSpec
from ..forecast import REFERENCE, SMOOTH, FlowForecast, WideLimit, forecast_flow, smoothness
from ..kernels import ComposedNTK
from ..networks import MLP, CoordinateNetwork, MLPSpec
from ..problems import GridProblem
from ..training import TrainingPlan
from .inner import InnerProblem, divide, divide_smooth

__all__ = ["Trainee", "forecast_inner", "forecast_network", "inner_problem", "reference_network", "smoothness_of"]

_PROBES = (1 / 64, 1 / 26)  # bandwidths over the sampling rate by which smoothness is told


@dataclass(frozen=True)
class Trainee:
    """What every candidate is put in front of: a network of these sizes, trained by ``plan_for`` so many steps.

    ``seed`` draws the frequencies, as the fit itself will.
    """

    mlp: MLPSpec
    plan_for: Callable[[int], TrainingPlan]
    seed: int = 0

    def network(self, encoding: EncodingSpec, dimensions: int) -> CoordinateNetwork:
        """The network with this encoding."""
        return _network(self.mlp, encoding, dimensions, self.seed)


def forecast_inner(inner: InnerProblem, trainee: Trainee, encoding: EncodingSpec, steps: int) -> FlowForecast:
    """The flow of one candidate on the inner problem, at all times that up to ``steps`` steps can reach."""
    return forecast_network(inner, trainee.network(encoding, len(inner.windows.training.grid.shape)), steps)


def forecast_network(inner: InnerProblem, network: CoordinateNetwork, steps: int) -> FlowForecast:
    """The flow of a network on the inner problem, at all times that up to ``steps`` steps can reach.

    Where the kernel is stationary, on its windows; otherwise on the whole, with a tenth left out.
    """
    if network.encoding.raw_input == "none":
        return inner.judged(forecast_flow(inner.windows, network, steps, whole=inner.whole, smooth=inner.smooth).value)
    flow = forecast_flow(inner.whole, network, steps).value
    assert flow.curve.held_out_mse is not None
    return flow.between(inner.left_out(float(flow.curve.held_out_mse.min())))


def inner_problem(problem: GridProblem, mlp: MLPSpec) -> InnerProblem:
    """What candidates for a network of these sizes are judged by: by how much its NNGP foretells left out samples
    better than its NTK (``smoothness``) decides whether samples are left out or points between them looked at."""
    inner = divide(problem)
    if smoothness_of(inner, problem, mlp) > SMOOTH:
        return divide_smooth(problem) or inner
    return inner


def smoothness_of(inner: InnerProblem, problem: GridProblem, mlp: MLPSpec) -> float:
    """``smoothness`` (dB) of a problem, told by one window of its ``inner`` one, for networks of these sizes with
    Gaussian frequencies of 1/64 and 1/26 of the sampling rate."""
    rate, dimensions = problem.samples_per_unit, problem.domain.dimensions
    networks = [_network(mlp, EncodingSpec("gaussian", share * rate), dimensions, 0) for share in _PROBES]
    kernels = [kernel for kernel in (WideLimit.of(n).kernel for n in networks) if isinstance(kernel, ComposedNTK)]
    return smoothness(inner.one_window().windows, kernels)


def reference_network(mlp: MLPSpec, rate: float, dimensions: int) -> CoordinateNetwork:
    """The Gaussian encoding that collapse is measured from, for ``rate`` training samples per unit."""
    return _network(mlp, EncodingSpec("gaussian", REFERENCE * rate), dimensions, 0)


def _network(mlp: MLPSpec, encoding: EncodingSpec, dimensions: int, seed: int) -> CoordinateNetwork:
    generator = torch.Generator().manual_seed(seed)
    gamma = encoding.build(dimensions, generator)
    return CoordinateNetwork(gamma, MLP(replace(mlp, in_features=gamma.out_features), generator))
