"""Magnitudes of complex fields."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from fourierfield.encodings._families import gaussian
from fourierfield.grids._domain import Domain
from fourierfield.grids._sample_format import SampleFormat
from fourierfield.grids._signal import SignalDescription
from fourierfield.networks._drawn import MagnitudeField
from fourierfield.networks._field import NetworkField
from fourierfield.networks._mlp import MLP, CoordinateNetwork, MLPSpec
from fourierfield.networks._values import ValueRange


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


def test_where_both_parts_are_zero_it_is_zero(field: NetworkField) -> None:
    for parameter in field.network.mlp.parameters():
        parameter.zero_()
    assert np.array_equal(MagnitudeField(field)(np.full((2, 2), 0.3)), np.zeros((2, 1)))


def test_what_it_says_of_itself(field: NetworkField) -> None:
    found = MagnitudeField(field)
    assert (found.source.channels, found.source.sample_format.dtype) == (1, "float32")
    assert found.source.sample_format.squeeze
    assert found.value_range == ValueRange(0.0, 3.0)
    assert (found.domain, found.record) == (field.domain, field.record)
