"""The part of a signal that its spectrum looks at: which samples, where they lie, and what is filled in."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fourierfield.grids._arrays import as_signal
from fourierfield.problems._grid import grid_problem
from fourierfield.tasks._windows import coarser_window, fullest_window, lost_variance, shrunk


@given(st.lists(st.integers(1, 50), min_size=1, max_size=4), st.integers(1, 5000))
def test_a_shrunk_box_fits_in_both_the_grid_and_the_limit(shape: list[int], most: int) -> None:
    found = shrunk(tuple(shape), most)
    assert all(1 <= m <= n for m, n in zip(found, shape, strict=True))
    assert math.prod(found) <= most
    if math.prod(shape) <= most:
        assert found == tuple(shape)


def test_a_window_is_the_middle_with_its_own_coordinates() -> None:
    values = np.random.default_rng(0).random((20, 30)).astype(np.float32)
    signal = as_signal(values)
    window = fullest_window(grid_problem(signal), signal, most=100)
    assert window.grid.shape == (10, 10)
    assert window.share == pytest.approx(100 / 600)
    corner = signal.grid.coordinates(np.array([5 * 30 + 10]))
    np.testing.assert_allclose(window.grid.coordinates(np.array([0])), corner)
    np.testing.assert_allclose(window.values.numpy()[:, 0], values[5:15, 10:20].ravel(), atol=1e-6)
    assert "middle 10×10" in window.notes[0]


def test_gaps_take_the_nearest_value_and_are_avoided() -> None:
    values = np.tile(np.arange(12, dtype=np.float32), (12, 1))
    values[5, 5] = np.nan
    signal = as_signal(values)
    whole = fullest_window(grid_problem(signal), signal)
    own = whole.values.reshape(12, 12)
    assert min(abs(float(own[5, 5] - own[i, j])) for i, j in ((4, 5), (6, 5), (5, 4), (5, 6))) == 0
    assert int(whole.measured.isnan().sum()) == 1
    torch.testing.assert_close(whole.filled(whole.measured), whole.values)
    apart = fullest_window(grid_problem(signal), signal, most=9)
    assert apart.nearest is None


def test_a_coarser_window_holds_means_and_the_rest_of_the_variance_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fourierfield.tasks._windows.MOST_DENSE", 16)
    signal = as_signal(np.random.default_rng(0).random((8, 8)).astype(np.float32))
    window = fullest_window(grid_problem(signal), signal)
    coarse = coarser_window(window)
    means = window.values.reshape(4, 2, 4, 2).mean((1, 3))
    torch.testing.assert_close(coarse.values.reshape(4, 4), means)
    places = window.grid.coordinates(np.arange(64)).reshape(4, 2, 4, 2, 2).mean((1, 3)).reshape(16, 2)
    np.testing.assert_allclose(coarse.grid.coordinates(np.arange(16)), places)
    inside = window.values.reshape(4, 2, 4, 2) - means[:, None, :, None]
    assert lost_variance(window, coarse) == pytest.approx(float(inside.square().mean()))
    assert coarser_window(coarse) is coarse
