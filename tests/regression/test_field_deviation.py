"""The standard deviation of a field, drawn like a field."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from fourierfield.encodings._spec import EncodingSpec
from fourierfield.errors import SettingsError
from fourierfield.grids._arrays import as_signal
from fourierfield.networks._drawn import DeviationField
from fourierfield.networks._field import NetworkField
from fourierfield.problems._grid import grid_problem
from fourierfield.regression._choice import Candidates
from fourierfield.regression._field import KernelField
from fourierfield.regression._spec import KernelSpec
from fourierfield.regression._train import choose_for, train_kernel


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


def test_a_network_has_none(small_field: NetworkField) -> None:
    deviation = DeviationField(small_field)
    for evaluate in (lambda: deviation(torch.zeros(1, 2)), lambda: deviation.sample(small_field.domain.grid((2, 3)))):
        with pytest.raises(SettingsError, match="fit with --method kernel"):
            evaluate()
