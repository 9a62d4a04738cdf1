"""The empirical NTK as a map is the empirical NTK as a table."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from fourierfield.encodings._families import gaussian
from fourierfield.kernels._empirical import empirical_ntk
from fourierfield.networks._activations import ACTIVATIONS
from fourierfield.networks._mlp import MLP, CoordinateNetwork, MLPSpec
from fourierfield.operators._empirical import EmpiricalNTKOperator


def flat(theta: torch.Tensor) -> torch.Tensor:
    n, m, channels, _ = theta.shape
    return theta.transpose(1, 2).reshape(n * channels, m * channels)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("channels", [1, 3])
def test_it_is_the_table(activation: str, channels: int, generator: torch.Generator) -> None:
    mlp = MLP(MLPSpec(10, channels, depth=3, width=9, activation=activation, skips=(1,)), generator)
    network = CoordinateNetwork(gaussian(2, 2.0, 5, generator=generator), mlp).double()
    points = torch.rand(6, 2, dtype=torch.float64, generator=generator)
    operator = EmpiricalNTKOperator(network, points)
    assert operator.shape == (6 * channels, 6 * channels)
    torch.testing.assert_close(operator.to_dense(), flat(empirical_ntk(network, points)))


def test_any_module_will_do_and_keeps_its_weights(generator: torch.Generator) -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(3, 4), nn.SiLU(), nn.LayerNorm(4), nn.Linear(4, 2)).double()
    network[0].requires_grad_(False)
    before = [value.clone() for value in network.parameters()]
    points = torch.rand(5, 3, dtype=torch.float64, generator=generator)
    operator = EmpiricalNTKOperator(network, points)
    product = operator @ torch.ones(10, dtype=torch.float64)
    torch.testing.assert_close(product, flat(empirical_ntk(network, points)).sum(1))
    assert not product.requires_grad
    assert all(torch.equal(a, b) for a, b in zip(before, network.parameters(), strict=True))
    assert all(parameter.grad is None for parameter in network.parameters())
