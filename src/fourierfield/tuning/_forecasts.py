"""Forecasts of one candidate on the inner problem."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch

from ..encodings._spec import EncodingSpec
from ..forecast._finite import REFERENCE
from ..forecast._limit import WideLimit
from ..forecast._smooth import SMOOTH, smoothness
from ..forecast._steps import FlowForecast, forecast_flow
from ..kernels._composed import ComposedNTK
from ..networks._mlp import MLP, CoordinateNetwork, MLPSpec
from ..problems._grid import GridProblem
from ..training._plan import TrainingPlan
from ._inner import InnerProblem, divide, divide_smooth

# Bandwidths over the sampling rate of the two Gaussian encodings that measure smoothness: the zero of the octaves in
# ``forecast._finite``, and its reference encoding.
_PROBES = (1 / 64, 1 / 26)


@dataclass(frozen=True)
class Trainee:
    """The network behind every candidate encoding, and its training.

    ``mlp`` has its sizes, ``plan_for`` gives the training plan of a number of steps, and ``seed`` draws the
    frequencies, as the fit itself will.
    """

    mlp: MLPSpec
    plan_for: Callable[[int], TrainingPlan]
    seed: int = 0

    def network(self, encoding: EncodingSpec, dimensions: int) -> CoordinateNetwork:
        """Return the network with this encoding."""
        return _network(self.mlp, encoding, dimensions, self.seed)


def forecast_inner(inner: InnerProblem, trainee: Trainee, encoding: EncodingSpec, steps: int) -> FlowForecast:
    """Forecast the flow of a candidate on the inner problem, at all times that up to ``steps`` steps can reach."""
    return forecast_network(inner, trainee.network(encoding, len(inner.windows.training.grid.shape)), steps)


def forecast_network(inner: InnerProblem, network: CoordinateNetwork, steps: int) -> FlowForecast:
    """Forecast the flow of a network on the inner problem, at all times that up to ``steps`` steps can reach.

    A stationary kernel is forecast on the windows, any other on the whole problem with a tenth left out.
    """
    if network.encoding.raw_input == "none":
        return inner.judged(forecast_flow(inner.windows, network, steps, whole=inner.whole, smooth=inner.smooth).value)
    flow = forecast_flow(inner.whole, network, steps).value
    assert flow.curve.held_out_mse is not None
    return flow.with_curve(flow.curve.between(inner.left_out(float(flow.curve.held_out_mse.min()))))


def inner_problem(problem: GridProblem, mlp: MLPSpec) -> InnerProblem:
    """Return the inner problem that judges candidates for a network of these sizes.

    Where its NNGP beats its NTK by more than ``SMOOTH`` dB (``smoothness``), candidates are judged between samples, and
    otherwise at samples left out.
    """
    inner = divide(problem)
    if smoothness_of(inner, problem, mlp) > SMOOTH:
        return divide_smooth(problem) or inner
    return inner


def smoothness_of(inner: InnerProblem, problem: GridProblem, mlp: MLPSpec) -> float:
    """Compute the ``smoothness`` (dB) of a problem on one window, with the Gaussian frequencies of ``_PROBES``."""
    rate, dimensions = problem.samples_per_unit, problem.domain.dimensions
    networks = [_network(mlp, EncodingSpec("gaussian", share * rate), dimensions, 0) for share in _PROBES]
    kernels = [kernel for kernel in (WideLimit.of(n).kernel for n in networks) if isinstance(kernel, ComposedNTK)]
    return smoothness(inner.one_window().windows, kernels)


def reference_network(mlp: MLPSpec, rate: float, dimensions: int) -> CoordinateNetwork:
    """Return the network with the Gaussian encoding that collapse is measured from; ``rate`` is in samples per unit."""
    return _network(mlp, EncodingSpec("gaussian", REFERENCE * rate), dimensions, 0)


def _network(mlp: MLPSpec, encoding: EncodingSpec, dimensions: int, seed: int) -> CoordinateNetwork:
    generator = torch.Generator().manual_seed(seed)
    gamma = encoding.build(dimensions, generator)
    return CoordinateNetwork(gamma, MLP(replace(mlp, in_features=gamma.out_features), generator))
