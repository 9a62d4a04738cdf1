"""From values on a grid to a field between them, and its standard deviation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from fourierfield import load
from fourierfield.encodings._spec import EncodingSpec
from fourierfield.errors import SettingsError
from fourierfield.grids._domain import Domain
from fourierfield.grids._sample_format import SampleFormat
from fourierfield.grids._signal import SignalDescription
from fourierfield.kinds.scans._found import field_of_values, usual_bandwidth
from fourierfield.networks._drawn import DeviationField
from fourierfield.networks._values import ValueRange
from fourierfield.regression._field import KernelField
from fourierfield.regression._spec import KernelSpec

SHAPES = [(1, 16, 16), (2, 12, 15), (1, 3, 8, 9)]


def field_of(parts: torch.Tensor, spread: torch.Tensor | None = None, values: ValueRange | None = None) -> KernelField:
    shape = tuple(parts.shape[1:])
    source = SignalDescription("volume", shape, len(parts), SampleFormat("float32", squeeze=True))
    spec = KernelSpec(EncodingSpec("gaussian", usual_bandwidth(shape)))
    domain = Domain.of_samples(shape)
    return field_of_values(parts, domain, source, spec, values=values or ValueRange(), spread=spread)


def random_parts(shape: tuple[int, ...]) -> torch.Tensor:
    return torch.rand(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("values", [ValueRange(), ValueRange(-3.0, 40.0)])
def test_it_goes_through_the_values(shape: tuple[int, ...], values: ValueRange) -> None:
    parts = 40 * random_parts(shape) - 3 if values.offset else random_parts(shape)
    field = field_of(parts, values=values)
    assert field.value_range == values
    found = np.moveaxis(field.sample(field.domain.grid(shape[1:])), -1, 0)
    peak = values.common[1]
    assert np.abs(found - parts.numpy()).max() < 2e-3 * peak


def test_between_them_it_is_smooth() -> None:
    """Of a wave of eight samples it is within a few per cent everywhere but at the border."""
    grid = Domain.of_samples((32, 32)).grid((32, 32))
    y, x = (torch.from_numpy(np.stack(np.meshgrid(grid.axis(0), grid.axis(1), indexing="ij"))[a]) for a in (0, 1))
    field = field_of((0.5 + 0.5 * torch.sin(2 * torch.pi * (4 * x + y)))[None])
    points = 0.1 + 0.8 * np.random.default_rng(0).random((200, 2))
    exact = 0.5 + 0.5 * np.sin(2 * np.pi * (4 * points[:, 1] + points[:, 0]))
    assert np.abs(field(points)[:, 0] - exact).max() < 0.04


@pytest.mark.parametrize("shape", SHAPES)
def test_a_file_holds_the_standard_deviation(tmp_path: Path, shape: tuple[int, ...]) -> None:
    parts, spread = random_parts(shape), 0.1 + random_parts(shape)
    field = field_of(parts, spread, ValueRange(-1.0, 4.0))
    field.save(tmp_path / "a.safetensors")
    back = load(tmp_path / "a.safetensors")
    assert isinstance(back, KernelField)
    assert not back.weights.measured
    back.save(tmp_path / "b.safetensors")
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()
    grid = field.domain.grid(shape[1:])
    places = grid.coordinates(np.arange(grid.size))
    for one in (field, back):
        found = DeviationField(one).sample(grid)
        assert np.allclose(np.moveaxis(found, -1, 0), spread, rtol=1e-5)
        assert np.allclose(one(places), field(places), rtol=1e-12)
    points = torch.rand(9, len(shape) - 1, dtype=torch.float64)
    assert torch.equal(back.deviation(points), field.deviation(points))  # type: ignore[arg-type]
    assert back.deviation(points.numpy()).shape == (9, shape[0])


def test_without_it_there_is_none(tmp_path: Path) -> None:
    field = field_of(random_parts((1, 8, 8)))
    field.save(tmp_path / "a.safetensors")
    for one in (field, load(tmp_path / "a.safetensors")):
        assert isinstance(one, KernelField)
        with pytest.raises(SettingsError, match="fit again with --uncertainty"):
            one.deviation(np.zeros((1, 2)))


def test_usual_bandwidths() -> None:
    assert usual_bandwidth((16, 16)) == 1.0
    assert usual_bandwidth((64, 320)) == 5.0
