from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourierfield.errors import SettingsError
from fourierfield.grids._domain import Domain, Grid

shapes = st.lists(st.integers(1, 40), min_size=1, max_size=3).map(tuple)


@given(shapes)
def test_samples_sit_at_centres_and_the_longest_axis_spans_one(shape: tuple[int, ...]) -> None:
    domain = Domain.of_samples(shape)
    grid = domain.grid(shape)
    longest = max(shape)
    assert max(domain.sides) == 1
    for axis, count in enumerate(shape):
        np.testing.assert_allclose(grid.axis(axis), (np.arange(count) + 0.5) / longest)


@given(shapes)
def test_coordinates_follow_c_order(shape: tuple[int, ...]) -> None:
    grid = Domain.of_samples(shape).grid(shape)
    expected = np.stack(np.meshgrid(*[grid.axis(a) for a in range(len(shape))], indexing="ij"), axis=-1)
    np.testing.assert_array_equal(grid.coordinates(np.arange(grid.size)), expected.reshape(-1, len(shape)))


def test_physical_spacing_sets_the_ratio_of_the_axes() -> None:
    domain = Domain.of_samples((10, 10), spacing=(2.0, 1.0), units=("mm", "mm"))
    assert domain.sides == (1.0, 0.5)
    assert domain.scale == 20


@pytest.mark.parametrize("extent", [(), (0.0,), (-1.0,), (float("nan"),)])
def test_an_impossible_extent_is_refused(extent: tuple[float, ...]) -> None:
    with pytest.raises(SettingsError):
        Domain(extent, ("px",) * len(extent))


def test_an_empty_window_is_refused() -> None:
    with pytest.raises(SettingsError, match="empty window"):
        Grid((0.5,), (0.5,), (3,))


def test_coordinates_of_a_few_samples_of_an_endless_grid_take_no_memory() -> None:
    grid = Grid((0.0,), (1.0,), (10**15,))
    np.testing.assert_allclose(grid.coordinates(np.array([0, 10**15 - 1])), [[5e-16], [1.0]], rtol=1e-12)
