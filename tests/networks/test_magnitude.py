"""Magnitudes of complex fields."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from fourierfield.encodings import gaussian
from fourierfield.errors import SettingsError
from fourierfield.networks import MLP, CoordinateNetwork, MagnitudeField, MLPSpec, NetworkField, ValueRange
from fourierfield.signals import Domain, SampleFormat, SignalDescription


@pytest.fixture
def field() -> NetworkField:
    """Untrained, with real and imaginary part."""
    generator = torch.Generator().manual_seed(0)
    encoding = gaussian(2, 2.0, 8, generator=generator)
    network = CoordinateNetwork(
        encoding, MLP(MLPSpec(16, 2, depth=3, width=16, activation="gelu", output="none"), generator)
    )
    source = SignalDescription("volume", (12, 20), 2, SampleFormat("complex64", squeeze=True))
    return NetworkField(network, Domain.of_samples((12, 20)), ValueRange(0.0, 3.0), source, {"steps": 1})


def test_values(field: NetworkField) -> None:
    points = np.random.default_rng(0).random((3, 5, 2)).astype(np.float32)
    parts, found = field(points), MagnitudeField(field)(points)
    assert found.shape == (3, 5, 1)
    assert np.allclose(found[..., 0], np.abs(parts[..., 0] + 1j * parts[..., 1]), rtol=1e-6)
    assert torch.allclose(MagnitudeField(field)(torch.from_numpy(points)), torch.from_numpy(found))


def test_samples(field: NetworkField) -> None:
    grid = field.domain.grid((6, 7))
    found = MagnitudeField(field).sample(grid)
    assert (found.shape, found.dtype) == ((6, 7, 1), np.float32)
    places = grid.coordinates(np.arange(grid.size))
    assert np.allclose(found.reshape(-1, 1), MagnitudeField(field)(places), rtol=1e-5)


def test_gradients_are_those_of_differences(field: NetworkField) -> None:
    field.network.double()
    points, step = np.random.default_rng(0).random((20, 2)), 1e-5
    found = MagnitudeField(field).gradient(points)
    assert found.shape == (20, 1, 2)
    for axis in (0, 1):
        shift = step * np.eye(2)[axis]
        beyond, before = (
            np.linalg.norm(field.network(torch.from_numpy(p)).detach().numpy(), axis=-1) * 3.0
            for p in (points + shift, points - shift)
        )
        assert np.allclose(found[:, 0, axis], (beyond - before) / (2 * step), rtol=1e-3, atol=1e-3)
    assert np.allclose(MagnitudeField(field).gradient(torch.from_numpy(points)), found)


def test_where_it_is_zero_there_is_no_slope(field: NetworkField) -> None:
    for parameter in field.network.mlp.parameters():
        parameter.zero_()
    found = MagnitudeField(field)
    assert np.array_equal(found(np.full((2, 2), 0.3)), np.zeros((2, 1)))
    assert np.array_equal(found.gradient(np.full((2, 2), 0.3)), np.zeros((2, 1, 2)))


def test_what_it_says_of_itself(field: NetworkField) -> None:
    found = MagnitudeField(field)
    assert (found.source.channels, found.source.sample_format.dtype) == (1, "float32")
    assert found.source.sample_format.squeeze
    assert found.value_range == ValueRange(0.0, 3.0)
    assert (found.domain, found.record) == (field.domain, field.record)
    with pytest.raises(SettingsError, match="save the field itself"):
        found.save("x.safetensors")
