from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fourierfield.encodings._families import gaussian, identity
from fourierfield.errors import SettingsError
from fourierfield.networks._mlp import MLP, CoordinateNetwork, MLPSpec


@given(st.integers(1, 5), st.integers(1, 9), st.integers(1, 4), st.integers(1, 3))
def test_parameters_are_counted_without_building(depth: int, width: int, inputs: int, outputs: int) -> None:
    spec = MLPSpec(inputs, outputs, depth, width)
    assert spec.parameters == sum(p.numel() for p in MLP(spec).parameters())


def test_relu_forward_is_the_formula(generator: torch.Generator) -> None:
    mlp = MLP(MLPSpec(3, 2, depth=3, width=5, output="sigmoid"), generator)
    x = torch.randn(4, 3, generator=generator)
    first, second, last = mlp.layers
    hidden = torch.relu(second(torch.relu(first(x))))
    torch.testing.assert_close(mlp(x), torch.sigmoid(last(hidden)))


def test_he_weights_keep_the_scale_through_a_deep_network(generator: torch.Generator) -> None:
    encoding = gaussian(2, 10.0, 512, generator=generator)
    mlp = MLP(MLPSpec(1024, 64, depth=12, width=1024, output="none"), generator)
    outputs = CoordinateNetwork(encoding, mlp)(torch.rand(64, 2, generator=generator))
    assert outputs.square().mean().item() == pytest.approx(1.0, rel=0.5)  # |gamma|^2/fan_in = 1/2, times 2 per layer
    assert all(layer.bias.abs().max() == 0 for layer in mlp.layers)


def test_siren_initialisation_keeps_unit_activations(generator: torch.Generator) -> None:
    mlp = MLP(MLPSpec(256, 256, depth=5, width=256, activation="sine", output="none"), generator)
    assert mlp.layers[0].weight.abs().max() <= 1 / 256
    assert mlp.layers[2].weight.abs().max() <= math.sqrt(6 / 256) / 30


def test_skips_join_the_input_again(generator: torch.Generator) -> None:
    spec = MLPSpec(6, 1, depth=4, width=8, skips=(2,))
    assert spec.layer_sizes == [(6, 8), (8, 8), (14, 8), (8, 1)]
    assert MLP(spec, generator)(torch.rand(3, 6)).shape == (3, 1)


def test_same_generator_same_weights() -> None:
    first, again = (MLP(MLPSpec(4, 1), torch.Generator().manual_seed(5)).state_dict() for _ in range(2))
    assert all(torch.equal(first[name], again[name]) for name in first)


@pytest.mark.parametrize(
    "choice",
    [{"depth": 0}, {"width": 0}, {"activation": "smell"}, {"output": "x"}, {"initialisation": "y"}, {"skips": (4,)}],
)
def test_impossible_networks_are_refused(choice: dict) -> None:
    with pytest.raises(SettingsError):
        MLPSpec(2, 1, **choice)


def test_encoding_and_network_have_to_fit(generator: torch.Generator) -> None:
    with pytest.raises(ValueError, match="features"):
        CoordinateNetwork(identity(2), MLP(MLPSpec(3, 1), generator))


def test_the_output_function_comes_last() -> None:
    mlp = MLP(MLPSpec(3, 2, depth=3, width=16, output="sigmoid"), torch.Generator().manual_seed(0))
    features = torch.randn(7, 3, generator=torch.Generator().manual_seed(1))
    assert torch.equal(mlp(features), torch.sigmoid(mlp.before_output(features)))
    with torch.autocast("cpu", torch.bfloat16):
        assert mlp.before_output(features).dtype == torch.float32
