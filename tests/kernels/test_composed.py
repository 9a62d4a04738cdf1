"""MLP∘γ: the composed kernel against the infinite MLP on features, and what an output function does to it."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fourierfield.encodings._families import gaussian
from fourierfield.encodings._fourier import FourierEncoding
from fourierfield.encodings._octaves import nerf
from fourierfield.kernels._composed import ComposedNNGP, ComposedNTK, PointNNGP, PointNTK, composed_ntk
from fourierfield.kernels._empirical import empirical_ntk
from fourierfield.kernels._encoding import EncodingKernel
from fourierfield.kernels._infinite import InfiniteMLP
from fourierfield.kernels._stationary import GaussianKernel
from fourierfield.networks._mlp import MLP, CoordinateNetwork, MLPSpec


def drawn(seed: int, d: int = 2, features: int = 10) -> FourierEncoding:
    generator = torch.Generator().manual_seed(seed)
    frequencies = gaussian(d, 2.0, features, generator=generator).frequencies
    return FourierEncoding(frequencies, 0.5 + torch.rand(features, generator=generator))


@pytest.mark.parametrize("activation", ["relu", "gelu", "tanh", "sine"])
@settings(max_examples=20)
@given(st.integers(1, 3), st.integers(1, 4), st.integers(0, 2**31))
def test_it_is_the_infinite_mlp_on_the_features(activation: str, d: int, depth: int, seed: int) -> None:
    """Scale and biases included: γ is not normalised."""
    encoding = drawn(seed, d)
    scale = 1e-3 if activation == "sine" else 1.5
    mlp = InfiniteMLP.of_depth(depth, activation, weight_variance=scale, bias_variance=0.1 * scale)
    x = torch.rand(8, d, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    power = float(encoding.amplitudes.double().square().sum()) / encoding.out_features
    for composed, on_points in ((ComposedNTK, PointNTK), (ComposedNNGP, PointNNGP)):
        kernel = composed(EncodingKernel(encoding), mlp, power)
        expected = on_points(mlp, encoding)(x, x)
        torch.testing.assert_close(kernel.between(x, x), expected, rtol=1e-7, atol=1e-7)
        assert kernel.at_zero == pytest.approx(expected[0, 0].item(), rel=1e-9)


def test_the_layers_of_its_gap_add_up() -> None:
    kernel = ComposedNTK(EncodingKernel(drawn(0)), InfiniteMLP.of_depth(4))
    gap = torch.linspace(0, 2, 9, dtype=torch.float64)
    parts = kernel.of_gap(gap)
    torch.testing.assert_close(sum(parts.layers), parts.ntk)
    assert len(parts.layers) == 4


def test_the_kernel_of_a_network_has_its_sizes_and_start() -> None:
    network = CoordinateNetwork(drawn(3), MLP(MLPSpec(20, 3, depth=3, width=40, activation="gelu"), None))
    kernel = composed_ntk(network)
    assert kernel.network == InfiniteMLP.of(network.mlp.spec, "standard")
    assert kernel.network.fan_ins == (20, 40, 40)
    features = network.encoding(torch.rand(1, 2, dtype=torch.float64))
    assert kernel.input_variance == pytest.approx(features.square().mean().item(), rel=1e-6)
    assert composed_ntk(network, "ntk").network.parameterisation == "ntk"


def test_an_output_function_multiplies_the_kernel_by_its_slopes() -> None:
    """f = s(z): Θ_f(x, x') = s'(z(x)) s'(z(x')) Θ_z(x, x'), so composed_ntk speaks of z alone."""
    encoding, generator = drawn(1), torch.Generator().manual_seed(0)
    linear = MLP(MLPSpec(20, 2, depth=3, width=32, output="none"), generator).double()
    squashed = MLP(MLPSpec(20, 2, depth=3, width=32, output="sigmoid"), None).double()
    squashed.load_state_dict(linear.state_dict())
    x = torch.rand(5, 2, dtype=torch.float64, generator=generator)
    networks = [CoordinateNetwork(encoding, mlp) for mlp in (linear, squashed)]
    with torch.no_grad():
        value = networks[1](x)
    slope = value * (1 - value)
    expected = slope[:, None, :, None] * slope[None, :, None, :] * empirical_ntk(networks[0], x)
    torch.testing.assert_close(empirical_ntk(networks[1], x), expected)
    assert composed_ntk(networks[0]).at_zero == composed_ntk(networks[1]).at_zero


def test_networks_whose_kernel_is_not_stationary_are_refused() -> None:
    raw = nerf(2, 3)
    with pytest.raises(ValueError, match="not stationary"):
        composed_ntk(CoordinateNetwork(raw, MLP(MLPSpec(raw.out_features, 1))))
    with pytest.raises(ValueError, match="skip"):
        composed_ntk(CoordinateNetwork(drawn(0), MLP(MLPSpec(20, 1, skips=(2,)))))


@pytest.mark.parametrize("activation", ["gelu", "erf"])
def test_its_gap_at_zero_is_exact_where_vector_and_scalar_instructions_round_apart(activation: str) -> None:
    """As they do for one variance in thirty."""
    for variance in torch.linspace(0.1, 1.5, 200).tolist():
        mlp = InfiniteMLP.of_depth(3, activation, bias_variance=0.1 * variance)
        kernel = ComposedNTK(GaussianKernel(1.0), mlp, variance)
        assert not kernel.gap(torch.zeros(33, 1)).any()
