"""Standard deviations between the samples of a grid."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from fourierfield.errors import SettingsError
from fourierfield.grids._domain import Domain
from fourierfield.problems._grid import GridSamples
from fourierfield.problems._points import PointSamples
from fourierfield.regression._on_grid import between_samples


def samples_of(*shape: int) -> GridSamples:
    grid = Domain.of_samples(shape).grid(shape)
    return GridSamples(grid, torch.arange(grid.size), torch.zeros(grid.size, 1))


def at(samples: GridSamples) -> torch.Tensor:
    return torch.from_numpy(samples.grid.coordinates(np.arange(samples.grid.size)))


@pytest.mark.parametrize("shape", [(5,), (4, 6), (3, 4, 5), (1, 4, 5), (1, 1)])
def test_they_are_those_of_the_samples_at_samples(shape: tuple[int, ...]) -> None:
    samples = samples_of(*shape)
    spread = torch.rand(samples.grid.size, 2, dtype=torch.float64)
    assert torch.allclose(between_samples(samples, spread, at(samples)), spread)


def test_they_are_linear_in_between() -> None:
    samples = samples_of(6, 9)
    slopes = torch.tensor([[1.0, -2.0], [0.5, 3.0]], dtype=torch.float64)
    low, high = at(samples).amin(0), at(samples).amax(0)
    points = low + (high - low) * torch.rand(50, 2, dtype=torch.float64)
    found = between_samples(samples, 5 + at(samples) @ slopes, points)
    assert torch.allclose(found, 5 + points @ slopes)


def test_beyond_them_the_nearest_counts() -> None:
    samples = samples_of(4, 4)
    spread = torch.arange(16, dtype=torch.float64)[:, None]
    far = torch.tensor([[-9.0, -9.0], [9.0, 9.0], [0.01, 9.0], [float(at(samples)[8, 0]), 0.0]], dtype=torch.float64)
    assert torch.allclose(between_samples(samples, spread, far)[:, 0], spread[[0, 15, 3, 8], 0])


def test_shapes_of_points_are_kept() -> None:
    samples = samples_of(4, 4)
    points = torch.rand(3, 5, 2, dtype=torch.float64)
    found = between_samples(samples, torch.rand(16, 2, dtype=torch.float64), points)
    assert found.shape == (3, 5, 2)
    assert torch.equal(found[1, 2], between_samples(samples, found.new_ones(16, 2), points[1, 2]) * found[1, 2])


def test_where_they_are_not_known() -> None:
    samples = samples_of(4, 4)
    with pytest.raises(SettingsError, match="fit again with --uncertainty"):
        between_samples(samples, None, torch.rand(2, 2))
    points = PointSamples(torch.rand(3, 2, dtype=torch.float64), torch.zeros(3, 1))
    with pytest.raises(SettingsError, match="fit again with --uncertainty"):
        between_samples(points, torch.ones(3, 1), torch.rand(2, 2))
