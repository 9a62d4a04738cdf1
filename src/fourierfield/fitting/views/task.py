"""What a fit of posed pictures works on, and the network that it starts from."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from ...networks import MLP, CoordinateNetwork, ViewsField
from ...signals.views import ViewsSignal
from ...training import RayObjective
from .plan import ViewPlan

__all__ = ["ViewTask", "start_network"]

_THIN = -3.0  # logarithm of the density per unit


@dataclass(frozen=True)
class ViewTask:
    """What is fitted to what: the signal, its views for training and held out, the plan, and the cells of the box."""

    signal: ViewsSignal
    views: tuple[np.ndarray, np.ndarray]
    plan: ViewPlan
    possible: Tensor

    def objective(self, network: CoordinateNetwork) -> RayObjective:
        training = self.plan.fit.training
        return RayObjective(self.signal, network, training, self.plan.rays, self.views, self.possible)

    def field(self, network: CoordinateNetwork, cells: Tensor) -> ViewsField:
        scene = replace(self.signal.scene, held_out=tuple(int(view) for view in self.views[1]))
        return ViewsField(network, scene, cells, self.plan.step, self.signal.description)


def start_network(plan: ViewPlan, seed: int) -> CoordinateNetwork:
    """The network before training, which in the default preset holds a thin fog: in a dense one all the first steps
    agree that there should be less of it, and end in an empty scene for good."""
    generator = torch.Generator().manual_seed(seed)
    encoding = plan.fit.choice.encoding.build(3, generator)
    network = CoordinateNetwork(encoding, MLP(plan.fit.mlp, generator))
    if plan.fit.mlp.output == "radiance":
        with torch.no_grad():
            network.mlp.layers[-1].bias[3] = _THIN
    return network
