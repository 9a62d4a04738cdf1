"""The network of the 1-D experiments, its kernel, and many such networks trained side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import torch
from torch import Generator, Tensor, nn

from ..encodings._fourier import FourierEncoding
from ..kernels._composed import ComposedNTK, PointNTK
from ..kernels._duals import DUALS
from ..kernels._encoding import EncodingKernel
from ..kernels._infinite import InfiniteMLP
from ..networks._mlp import MLP, MLPSpec
from ._experiment import Lab

T = TypeVar("T")
Batch = tuple[Tensor, Tensor]
Optimiser = Callable[[Iterable[Tensor]], torch.optim.Optimizer]


@dataclass(frozen=True)
class PlainNetwork:
    """A ReLU MLP with one linear output, W ~ N(0, 1/fan_in) and zero biases: the 1-D network of the paper's notebooks.

    This is neural-tangents' *standard* parameterisation with W_std = 1 and b_std = 0: weights and biases themselves are
    trained, so a layer adds fan_in·F + 1 to the NTK. For 4×1024 on 32 unit-norm features K(0) = 14.
    """

    depth: int = 4
    width: int = 1024

    def spec(self, in_features: int) -> MLPSpec:
        """Return the sizes of the network on ``in_features`` features."""
        return MLPSpec(in_features, 1, self.depth, self.width, output="none")

    def draw(self, in_features: int, generator: Generator) -> MLP:
        """Draw a network with random weights."""
        network = MLP(self.spec(in_features), generator)
        with torch.no_grad():
            for layer in network.layers:
                layer.weight /= 2**0.5  # MLP draws He-normal weights, of variance 2/fan_in
        return network

    def limit(self, in_features: int) -> InfiniteMLP:
        """Return the network at infinite width, with each layer weighted by its finite fan-in."""
        fan_ins = tuple(fan_in for fan_in, _ in self.spec(in_features).layer_sizes)
        ones, zeros = (1.0,) * self.depth, (0.0,) * self.depth
        return InfiniteMLP(ones, zeros, DUALS["relu"], "standard", fan_ins, trained_biases=True)

    def kernel(self, encoding: FourierEncoding) -> ComposedNTK:
        """Return the NTK of the network behind an encoding."""
        features = encoding.out_features
        power = float(encoding.amplitudes.double().square().sum())
        return ComposedNTK(EncodingKernel(encoding), self.limit(features), power / features)

    def point_kernel(self, in_features: int) -> PointNTK:
        """Return the NTK of the network on its bare inputs."""
        return PointNTK(self.limit(in_features))


class Stack(nn.Module):
    """E networks of one size, which are evaluated and trained together, with the same results as each alone."""

    def __init__(self, members: Sequence[MLP]) -> None:
        super().__init__()
        layers = list(zip(*(member.layers for member in members), strict=True))
        self.weights = nn.ParameterList(torch.stack([layer.weight.detach().T for layer in same]) for same in layers)
        self.biases = nn.ParameterList(torch.stack([layer.bias.detach()[None] for layer in same]) for same in layers)

    def forward(self, features: Tensor) -> Tensor:
        """Compute the outputs (E, N) at ``features``, (N, in) for all networks or (E, N, in) for each."""
        hidden = features.expand(len(self.weights[0]), *features.shape[-2:])
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            hidden = torch.baddbmm(bias, hidden if layer == 0 else hidden.relu_(), weight)
        return hidden[..., 0]


def half_sum(outputs: Tensor, targets: Tensor) -> Tensor:
    """Compute ½·Σ (f − y)², the loss of the 1-D experiments."""
    return 0.5 * (outputs - targets).square().sum()


def mean_square(outputs: Tensor, targets: Tensor) -> Tensor:
    """Compute the mean of (f − y)² over each network's points, summed over the networks of a stack.

    The sum keeps the networks independent: each has the gradient that it would have alone.
    """
    return (outputs - targets).square().mean(-1).sum()


@dataclass(frozen=True)
class Descent:
    """Training by ``steps`` of an optimiser on a loss."""

    optimiser: Optimiser
    steps: int
    loss: Callable[[Tensor, Tensor], Tensor] = field(default=half_sum)

    def train(
        self,
        network: nn.Module,
        next_batch: Callable[[], Batch],
        lab: Lab,
        *,
        moments: Iterable[int],
        look: Callable[[], T],
    ) -> list[T]:
        """Train in place on the features and targets that ``next_batch()`` returns for each step.

        Returns the results of ``look()`` after each of the ``moments`` (steps done, 0 to ``steps``).
        """
        stops, seen = set(moments), []
        optimiser = self.optimiser(network.parameters())
        for step in range(self.steps + 1):
            if step in stops:
                with torch.no_grad():
                    seen.append(look())
            if step == self.steps:
                break
            lab.check_stop(step)
            features, targets = next_batch()
            optimiser.zero_grad()
            self.loss(network(features), targets).backward()
            optimiser.step()
        return seen


def always(features: Tensor, targets: Tensor) -> Callable[[], Batch]:
    """Return a ``next_batch`` that gives all samples in every step."""
    return lambda: (features, targets)
