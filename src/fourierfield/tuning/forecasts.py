"""The forecast of one candidate on the inner problem."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch

from ..encodings import EncodingSpec
from ..forecast import REFERENCE, FlowForecast, forecast_flow
from ..networks import MLP, CoordinateNetwork, MLPSpec
from ..training import TrainingPlan
from .inner import InnerProblem

__all__ = ["Trainee", "forecast_inner", "forecast_network", "reference_network"]


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

    Where the kernel is stationary, on its windows, with errors and pull scaled to the whole; otherwise on the whole.
    Held-out errors are those to expect between the samples (``FlowForecast.between``): a sample left out of a grid is
    farther from the others than any point between them, and its error, on signals that are not smooth, mostly its own.
    """
    if network.encoding.raw_input != "none":
        flow = forecast_flow(inner.whole, network, steps).value
    else:
        flow = forecast_flow(inner.windows, network, steps, whole=inner.whole).value
        flow = flow.scaled(inner.scale, inner.pull_scale)
    assert flow.curve.held_out_mse is not None
    return flow.between(inner.left_out(float(flow.curve.held_out_mse.min())))


def reference_network(mlp: MLPSpec, rate: float, dimensions: int) -> CoordinateNetwork:
    """The Gaussian encoding that collapse is measured from, for ``rate`` training samples per unit."""
    return _network(mlp, EncodingSpec("gaussian", REFERENCE * rate), dimensions, 0)


def _network(mlp: MLPSpec, encoding: EncodingSpec, dimensions: int, seed: int) -> CoordinateNetwork:
    generator = torch.Generator().manual_seed(seed)
    gamma = encoding.build(dimensions, generator)
    return CoordinateNetwork(gamma, MLP(replace(mlp, in_features=gamma.out_features), generator))
