"""Kernels of infinite width against wide networks with drawn weights: the only test that shares no formula."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest
import torch
from torch import Tensor, nn

from fourierfield.encodings._families import gaussian
from fourierfield.encodings._fourier import FourierEncoding
from fourierfield.kernels._composed import ComposedNNGP, composed_ntk
from fourierfield.kernels._duals import PairMoments
from fourierfield.kernels._empirical import empirical_ntk
from fourierfield.kernels._encoding import EncodingKernel
from fourierfield.kernels._infinite import InfiniteMLP
from fourierfield.networks._mlp import MLP, CoordinateNetwork, MLPSpec

WIDTH, NETWORKS = 512, 16
ACTIVATIONS = ["relu", "gelu", "tanh", "erf", "sine"]


def assert_agrees(found: list[Tensor], expected: Tensor, bias: float = 0.02) -> None:
    """The mean over networks is what is expected, within five of its standard errors and O(1/width) of the largest."""
    samples = torch.stack(found).double()
    largest, error = expected.abs().max(), samples.std(dim=0) / math.sqrt(len(found))
    assert error.max() < 0.06 * largest  # sharp enough to say something
    assert ((samples.mean(0) - expected).abs() < 5 * error + bias * largest).all()


def networks_of(spec: MLPSpec, count: int = NETWORKS) -> Iterator[MLP]:
    return (MLP(spec, torch.Generator().manual_seed(seed)) for seed in range(count))


@torch.no_grad()
def covariance(network: nn.Module, inputs: Tensor) -> Tensor:
    """Mean over outputs, which are draws of their own given the hidden layers."""
    outputs = network(inputs)
    return outputs @ outputs.T / outputs.shape[1]


@pytest.fixture
def inputs() -> Tensor:
    """Six inputs of three norms."""
    generator = torch.Generator().manual_seed(5)
    return torch.randn(6, 16, generator=generator) * torch.tensor([1.0, 1.0, 1.5, 1.5, 0.6, 0.6])[:, None]


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_outputs_of_wide_networks_have_the_nngp_covariance(activation: str, inputs: Tensor) -> None:
    spec = MLPSpec(16, WIDTH, depth=3, width=WIDTH, activation=activation, output="none")
    found = [covariance(network, inputs) for network in networks_of(spec)]
    assert_agrees(found, InfiniteMLP.of(spec)(PairMoments.of_points(inputs, inputs)).nngp)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("initialisation", ["he", "glorot"])
def test_wide_networks_have_the_ntk(activation: str, initialisation, inputs: Tensor) -> None:  # type: ignore[no-untyped-def]
    spec = MLPSpec(16, 1, depth=4, width=WIDTH, activation=activation, initialisation=initialisation, output="none")
    found = [empirical_ntk(network, inputs)[..., 0, 0] for network in networks_of(spec)]
    assert_agrees(found, InfiniteMLP.of(spec)(PairMoments.of_points(inputs, inputs)).ntk)


@pytest.mark.slow
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_what_is_left_falls_with_width(activation: str, inputs: Tensor) -> None:
    """A wrong constant would stay: many networks, a width at which the bias is a thousandth."""
    spec = MLPSpec(16, 1, depth=4, width=2048, activation=activation, output="none")
    found = [empirical_ntk(network, inputs)[..., 0, 0] for network in networks_of(spec, 64)]
    assert_agrees(found, InfiniteMLP.of(spec)(PairMoments.of_points(inputs, inputs)).ntk, bias=0.003)


@pytest.fixture
def encoding() -> FourierEncoding:
    drawn = gaussian(2, 2.0, 24, generator=torch.Generator().manual_seed(1))
    return FourierEncoding(drawn.frequencies, torch.linspace(0.5, 1.5, 24))


@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_coordinate_networks_have_the_composed_ntk_in_each_channel(activation: str, encoding: FourierEncoding) -> None:
    spec = MLPSpec(48, 3, depth=4, width=WIDTH, activation=activation, output="none")
    points = 0.3 * torch.rand(7, 2, generator=torch.Generator().manual_seed(2))
    networks = [CoordinateNetwork(encoding, mlp) for mlp in networks_of(spec)]
    kernel = composed_ntk(networks[0]).between(points, points)
    expected = kernel[:, :, None, None] * torch.eye(3, dtype=torch.float64)  # no channel knows of another
    assert_agrees([empirical_ntk(network, points) for network in networks], expected)


def test_coordinate_networks_have_the_composed_covariance(encoding: FourierEncoding) -> None:
    spec = MLPSpec(48, WIDTH, depth=3, width=WIDTH, output="none")
    points = 0.3 * torch.rand(7, 2, generator=torch.Generator().manual_seed(2))
    found = [covariance(CoordinateNetwork(encoding, mlp), points) for mlp in networks_of(spec)]
    power = float(encoding.amplitudes.double().square().sum()) / encoding.out_features
    kernel = ComposedNNGP(EncodingKernel(encoding), InfiniteMLP.of(spec), power)
    assert_agrees(found, kernel.between(points, points))
