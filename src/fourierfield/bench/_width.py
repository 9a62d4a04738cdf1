"""The benchmark of width: how closely a finite network follows its infinitely wide limit."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..encodings._families import power_law
from ..forecast._dynamics import GradientDescent
from ..forecast._flow import predict
from ..kernels._composed import composed_ntk
from ..kernels._infinite import InfiniteMLP
from ..networks._mlp import MLP, CoordinateNetwork, MLPSpec
from ..operators._gram import gram


@dataclass(frozen=True)
class WidthSetting:
    """A 1-D problem, a network and the ``moments`` (steps) at which it is compared with theory.

    The problem is ``samples`` of a periodic signal, with as many test points between them. The features are b = 1 to 16
    with a = b^−power, and the network has ``depth`` linear layers.
    """

    width: int
    power: float = 1.0
    depth: int = 3
    samples: int = 32
    seed: int = 0
    moments: tuple[int, ...] = (10, 50, 200, 500, 1000)


@dataclass(frozen=True)
class WidthCheck:
    """The largest distance of a network from the prediction over the moments, in units of the first residual's norm."""

    setting: WidthSetting
    train_error: float
    test_error: float


def check_width(setting: WidthSetting) -> WidthCheck:
    """Train by full-batch gradient descent in the NTK parameterisation, and compare with f_t of the limit kernel.

    The prediction starts at the network's own f₀. A layer z = σ/√n·Wx with unit normal W, trained at rate η, is a layer
    z = W'x with W' ~ N(0, σ²/n), trained at rate ησ²/n: each layer of an ordinary network gets its own rate.
    """
    network = _network(setting)
    points, targets, between = _problem(setting)
    kernel = composed_ntk(network, "ntk")
    operator, cross = gram(kernel, points), gram(kernel, between, points)
    rate = setting.samples / float(torch.linalg.eigvalsh(operator.to_dense())[-1])
    start = tuple(network(p.float()).detach().double() for p in (points, between))
    descent = GradientDescent(rate, torch.tensor(setting.moments), divisor=setting.samples)
    predicted = predict(operator, targets, descent, cross=cross, initial=(start[0], start[1])).value
    assert predicted.elsewhere is not None
    trained = _train(network, points, targets, between, setting.moments, rate)
    scale = (targets - start[0]).norm()
    errors = [
        max(float((a - b).norm() / scale) for a, b in zip(outputs, theory, strict=True))
        for outputs, theory in zip(trained, (predicted.training, predicted.elsewhere), strict=True)
    ]
    return WidthCheck(setting, *errors)


def _network(setting: WidthSetting) -> CoordinateNetwork:
    encoding = power_law(1, 16, setting.power)
    spec = MLPSpec(encoding.out_features, 1, setting.depth, setting.width, output="none")
    network = CoordinateNetwork(encoding, MLP(spec, torch.Generator().manual_seed(setting.seed)))
    for layer in network.mlp.layers:
        layer.bias.requires_grad_(False)
    return network


def _problem(setting: WidthSetting) -> tuple[Tensor, Tensor, Tensor]:
    """Return points (N, 1), a signal with a 1/f spectrum at these points, and the points half way between them."""
    points = torch.arange(setting.samples, dtype=torch.float64)[:, None] / setting.samples
    generator = torch.Generator().manual_seed(setting.seed + 1)
    frequencies = torch.arange(1, setting.samples // 4, dtype=torch.float64)
    phases = torch.rand(len(frequencies), generator=generator, dtype=torch.float64)
    waves = torch.cos(2 * torch.pi * (frequencies * points + phases)) / frequencies
    targets = waves.sum(1, keepdim=True)
    return points, targets / targets.abs().max(), points + 0.5 / setting.samples


def _train(
    network: CoordinateNetwork,
    points: Tensor,
    targets: Tensor,
    between: Tensor,
    moments: tuple[int, ...],
    rate: float,
) -> tuple[list[Tensor], list[Tensor]]:
    """Train on the loss ½·mean of squares; return the outputs at both sets of points at each moment."""
    layers = [{"params": [x.weight], "lr": rate * g / x.in_features} for x, g in _gains(network)]
    optimiser = torch.optim.SGD(layers)
    features, targets = network.encoding(points.float()), targets.float()
    outputs: tuple[list[Tensor], list[Tensor]] = ([], [])
    for step in range(1, max(moments) + 1):
        optimiser.zero_grad(set_to_none=True)
        (0.5 * (network.mlp(features) - targets).square().mean()).backward()
        optimiser.step()
        if step in moments:
            for into, p in zip(outputs, (points, between), strict=True):
                into.append(network(p.float()).detach().double())
    return outputs


def _gains(network: CoordinateNetwork) -> list[tuple[torch.nn.Linear, float]]:
    variances = InfiniteMLP.of(network.mlp.spec, "ntk").weight_variances
    return list(zip(network.mlp.layers, variances, strict=True))
