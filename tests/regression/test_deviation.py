"""The standard deviation of a field, drawn like a field."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from fourierfield.encodings import EncodingSpec
from fourierfield.errors import SettingsError
from fourierfield.networks import NetworkField
from fourierfield.problems import grid_problem
from fourierfield.regression import Candidates, DeviationField, KernelField, KernelSpec, choose_for, train_kernel
from fourierfield.signals import as_signal


@pytest.fixture
def trained() -> KernelField:
    problem = grid_problem(as_signal(np.random.default_rng(0).random((8, 11, 3))))
    spec = KernelSpec(EncodingSpec("gaussian", 1.5))
    return train_kernel(problem, choose_for(problem, Candidates(fixed=[spec]))).field


def test_it_is_the_fields_own_everywhere(trained: KernelField) -> None:
    deviation = DeviationField(trained)
    points = torch.rand(5, 2, dtype=torch.float64)
    assert torch.equal(deviation(points), trained.deviation(points))
    np.testing.assert_array_equal(deviation(points.numpy()), trained.deviation(points.numpy()))
    grid = trained.domain.grid((6, 9))
    expected = trained.deviation(grid.coordinates(np.arange(54))).reshape(6, 9, 3)
    np.testing.assert_allclose(deviation.sample(grid), expected, rtol=1e-6)
    assert deviation.sample(grid).dtype == np.float32
    assert (deviation.domain, deviation.source) == (trained.domain, trained.source)


def test_it_has_no_slopes_and_no_file(trained: KernelField, tmp_path: Path) -> None:
    deviation = DeviationField(trained)
    with pytest.raises(SettingsError, match="not known"):
        deviation.gradient(torch.zeros(1, 2))
    with pytest.raises(SettingsError, match="saved with its field"):
        deviation.save(tmp_path / "a")


def test_a_network_has_none(small_field: NetworkField) -> None:
    with pytest.raises(SettingsError, match="fit with --method kernel"):
        DeviationField(small_field)
