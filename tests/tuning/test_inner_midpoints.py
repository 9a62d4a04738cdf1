"""Points between the samples of smooth signals, against functions that are known there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourierfield.grids._domain import Grid
from fourierfield.tuning._inner import midpoint_problem


def waves(points: np.ndarray) -> np.ndarray:
    """Two channels of slow waves at points (n, d)."""
    phase = points @ np.arange(1, points.shape[1] + 1)
    return np.stack([np.sin(phase), np.cos(0.7 * phase)], axis=-1).astype(np.float32)


@pytest.mark.parametrize("shape", [(40,), (30, 24), (16, 14, 12)])
def test_values_between_are_those_of_the_function(shape: tuple[int, ...]) -> None:
    grid = Grid.from_origin((0.0,) * len(shape), (0.2,) * len(shape), shape)
    axes = np.meshgrid(*[grid.axis(a) for a in range(len(shape))], indexing="ij")
    values = waves(np.stack(axes, -1).reshape(-1, len(shape))).reshape(*shape, 2)
    problem = midpoint_problem(grid, values, 0)
    assert problem.held_out is not None
    assert len(problem.training) == grid.size
    np.testing.assert_allclose(problem.training.values, values.reshape(-1, 2), atol=1e-6)
    expected = waves(problem.held_out.coordinates().double().numpy())
    assert np.sqrt(np.mean((problem.held_out.values.numpy() - expected) ** 2)) < 2e-3


@given(st.lists(st.integers(1, 9), min_size=1, max_size=3), st.integers(0, 5))
def test_the_samples_stay_and_nothing_is_in_both(shape: list[int], seed: int) -> None:
    """Whatever the shape, axes of a single sample too; half as many points between as samples, where there are."""
    grid = Grid.from_origin((0.5,) * len(shape), (0.25,) * len(shape), tuple(shape))
    values = np.random.default_rng(seed).random((*shape, 1)).astype(np.float32)
    problem = midpoint_problem(grid, values, seed)
    assert problem.held_out is not None
    assert set(problem.training.flat.tolist()).isdisjoint(problem.held_out.flat.tolist())
    assert len(problem.held_out) <= max(1, round(0.5 * grid.size))
    assert (len(problem.held_out) > 0) == (max(shape) > 1)
    np.testing.assert_allclose(problem.training.values[:, 0], values.ravel(), atol=1e-5)
    mine, theirs = (
        problem.training.coordinates(),
        np.stack(np.meshgrid(*[grid.axis(a) for a in range(len(shape))], indexing="ij"), -1).reshape(-1, len(shape)),
    )
    np.testing.assert_allclose(mine, theirs, atol=1e-6)
