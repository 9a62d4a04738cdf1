"""The linearised network, its training, and the network itself."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from fourierfield.encodings._families import gaussian
from fourierfield.forecast._dynamics import GradientDescent, GradientFlow
from fourierfield.forecast._linearized import LinearizedTraining, linearize
from fourierfield.networks._mlp import MLP, CoordinateNetwork, MLPSpec

Problem = tuple[CoordinateNetwork, Tensor, Tensor]


@pytest.fixture
def problem() -> Problem:
    generator = torch.Generator().manual_seed(0)
    encoding = gaussian(1, 2.0, 8, generator=generator)
    network = CoordinateNetwork(encoding, MLP(MLPSpec(16, 2, depth=3, width=24, activation="gelu"), generator))
    points = torch.rand(9, 1, generator=generator, dtype=torch.float64)
    return network.double(), points, torch.rand(9, 2, generator=generator, dtype=torch.float64)


def weights_of(network: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in network.named_parameters()}


def test_it_is_the_tangent(problem: Problem) -> None:
    network, points, _ = problem
    linear, start = linearize(network), weights_of(network)
    torch.testing.assert_close(linear(start, points), network(points))
    errors = []
    for step in (1e-2, 1e-3):
        moved = {name: value + step * torch.ones_like(value) for name, value in start.items()}
        outputs = torch.func.functional_call(network, moved, (points,))
        errors.append(float((linear(moved, points) - outputs).norm().detach()))
    assert errors[1] < errors[0] / 50  # second order


def test_its_training_is_gradient_descent_on_it(problem: Problem) -> None:
    network, points, targets = problem
    linear, moving = linearize(network), weights_of(network)
    rate, steps, elsewhere = 0.05, 40, points + 0.03
    for value in moving.values():
        value.requires_grad_(True)
    for _ in range(steps):
        loss = 0.5 * (linear(moving, points) - targets).square().mean()
        for value, slope in zip(moving.values(), torch.autograd.grad(loss, list(moving.values())), strict=True):
            value.data -= rate * slope
    training = LinearizedTraining(network, points, targets)
    descent = GradientDescent(rate, torch.tensor([steps]), divisor=targets.numel())
    torch.testing.assert_close(training.outputs(descent)[0], linear(moving, points).detach())
    torch.testing.assert_close(training.outputs(descent, elsewhere)[0], linear(moving, elsewhere).detach())
    found = training.parameters(descent)[0]
    for name, value in moving.items():
        torch.testing.assert_close(found[name], value.detach(), rtol=1e-6, atol=1e-9)


def test_its_weights_give_its_outputs(problem: Problem) -> None:
    network, points, targets = problem
    training = LinearizedTraining(network, points, targets)
    flow = GradientFlow(torch.tensor([0.0, 1.0, 50.0], dtype=torch.float64), divisor=18)
    for outputs, weights in zip(training.outputs(flow), training.parameters(flow), strict=True):
        torch.testing.assert_close(linearize(network)(weights, points), outputs)


def test_it_reaches_the_targets(problem: Problem) -> None:
    network, points, targets = problem
    end = LinearizedTraining(network, points, targets).outputs(GradientFlow(torch.tensor([torch.inf])))
    torch.testing.assert_close(end[0], targets, rtol=0, atol=1e-6)


def test_null_directions_of_a_float32_network_stay_null() -> None:
    """Least squares by a linear layer on more points than weights: t = ∞ is the pseudo-inverse."""
    generator = torch.Generator().manual_seed(0)
    points, targets = torch.randn(20, 2, generator=generator), torch.randn(20, 1, generator=generator)
    network = nn.Linear(2, 1)
    end = LinearizedTraining(network, points, targets).outputs(GradientFlow(torch.tensor([1e3, torch.inf])), points)
    design = torch.cat([points, torch.ones(20, 1)], dim=1).double()
    expected = design @ torch.linalg.lstsq(design, targets.double()).solution
    torch.testing.assert_close(end[1], expected, rtol=0, atol=1e-4)
    torch.testing.assert_close(end[0], end[1], rtol=0, atol=1e-3)
