"""The 1-D experiments' network, its kernel, and many such networks trained side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import torch
from torch import Generator, Tensor, nn

from ..encodings import FourierEncoding
from ..kernels import DUALS, ComposedNTK, EncodingKernel, InfiniteMLP, PointNTK
from ..networks import MLP, MLPSpec
from .experiment import Lab

__all__ = ["Descent", "PlainNetwork", "Stack", "always", "half_sum", "mean_square"]

T = TypeVar("T")
Batch = tuple[Tensor, Tensor]
Optimiser = Callable[[Iterable[Tensor]], torch.optim.Optimizer]


@dataclass(frozen=True)
class PlainNetwork:
    """A ReLU MLP with one linear output, W ~ N(0, 1/fan_in) and zero biases: the notebooks' 1-D networks.

    They are neural-tangents' *standard* parameterisation with W_std = 1, b_std = 0: weights and biases themselves are
    trained, so that a layer adds fan_in·F + 1 to the NTK. For 4×1024 on 32 unit-norm features K(0) = 14.
    """

    depth: int = 4
    width: int = 1024

    def spec(self, in_features: int) -> MLPSpec:
        """Sizes of the network on so many features."""
        return MLPSpec(in_features, 1, self.depth, self.width, output="none")

    def draw(self, in_features: int, generator: Generator) -> MLP:
        """A network with random weights."""
        network = MLP(self.spec(in_features), generator)
        with torch.no_grad():
            for layer in network.layers:
                layer.weight /= 2**0.5  # MLP draws He-normal weights, of variance 2/fan_in
        return network

    def limit(self, in_features: int) -> InfiniteMLP:
        """The network at infinite width, its layers weighed by the sizes they have."""
        fan_ins = tuple(fan_in for fan_in, _ in self.spec(in_features).layer_sizes)
        ones, zeros = (1.0,) * self.depth, (0.0,) * self.depth
        return InfiniteMLP(ones, zeros, DUALS["relu"], "standard", fan_ins, trained_biases=True)

    def kernel(self, encoding: FourierEncoding) -> ComposedNTK:
        """The NTK of the network behind an encoding."""
        features = encoding.out_features
        power = float(encoding.amplitudes.double().square().sum())
        return ComposedNTK(EncodingKernel(encoding), self.limit(features), power / features)

    def point_kernel(self, in_features: int) -> PointNTK:
        """The NTK of the network on its inputs as they are."""
        return PointNTK(self.limit(in_features))


class Stack(nn.Module):
    """E networks of one size, evaluated and trained together as if each were alone: (E, N)."""

    def __init__(self, members: Sequence[MLP]) -> None:
        super().__init__()
        layers = list(zip(*(member.layers for member in members), strict=True))
        self.weights = nn.ParameterList(torch.stack([layer.weight.detach().T for layer in same]) for same in layers)
        self.biases = nn.ParameterList(torch.stack([layer.bias.detach()[None] for layer in same]) for same in layers)

    def forward(self, features: Tensor) -> Tensor:
        """Outputs (E, N) of ReLU networks at ``features``, (N, in) for all or (E, N, in) for each."""
        hidden = features.expand(len(self.weights[0]), *features.shape[-2:])
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            hidden = torch.baddbmm(bias, hidden if layer == 0 else hidden.relu_(), weight)
        return hidden[..., 0]


def half_sum(outputs: Tensor, targets: Tensor) -> Tensor:
    """½·Σ (f − y)²: the loss of the 1-D experiments."""
    return 0.5 * (outputs - targets).square().sum()


def mean_square(outputs: Tensor, targets: Tensor) -> Tensor:
    """Mean (f − y)² over a network's points, summed over the networks of a stack, which do not meet."""
    return (outputs - targets).square().mean(-1).sum()


@dataclass(frozen=True)
class Descent:
    """Training by ``steps`` of an optimiser on a loss."""

    optimiser: Optimiser
    steps: int
    loss: Callable[[Tensor, Tensor], Tensor] = field(default=half_sum)

    def train(
        self, network: nn.Module, give: Callable[[], Batch], lab: Lab, *, moments: Iterable[int], look: Callable[[], T]
    ) -> list[T]:
        """Train in place on what ``give()`` returns for each step, features and targets.

        Returns what ``look()`` says after each of the ``moments`` (steps done, 0 to ``steps``).
        """
        wanted, seen = set(moments), []
        optimiser = self.optimiser(network.parameters())
        for step in range(self.steps + 1):
            if step in wanted:
                with torch.no_grad():
                    seen.append(look())
            if step == self.steps:
                break
            lab.check_stop(step)
            features, targets = give()
            optimiser.zero_grad()
            self.loss(network(features), targets).backward()
            optimiser.step()
        return seen


def always(features: Tensor, targets: Tensor) -> Callable[[], Batch]:
    """All samples in every step."""
    return lambda: (features, targets)
