"""Nearest points against sorted distances."""

from __future__ import annotations

import math

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree
from torch import Tensor

from fourierfield.operators._neighbours import earlier_neighbours, nearest_neighbours, pairs_within

seeds = st.integers(0, 2**31)


def drawn(count: int, d: int, seed: int) -> Tensor:
    """Some of them at equal places."""
    points = torch.rand(count, d, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    return torch.cat([points, points[: count // 5]])[:count]


@given(st.integers(1, 150), st.integers(1, 3), st.integers(1, 12), seeds)
def test_earlier_neighbours_are_earlier(count: int, d: int, wanted: int, seed: int) -> None:
    """A permutation; patterns of different points before each in it, absent ones last."""
    numbers, patterns = earlier_neighbours(drawn(count, d, seed), wanted, seed=seed % 7)
    assert sorted(numbers.tolist()) == list(range(count))
    assert patterns.shape == (count, wanted)
    place = numbers.argsort()
    for i, pattern in enumerate(patterns):
        found = pattern[pattern >= 0]
        assert (pattern[len(found) :] == -1).all()
        assert len(found.unique()) == len(found) <= i
        assert (place[found] < i).all()


@settings(max_examples=40)
@given(st.integers(30, 200), st.integers(1, 3), st.integers(1, 10), seeds)
def test_they_are_the_nearest_of_those_or_most_of_them(count: int, d: int, wanted: int, seed: int) -> None:
    points = drawn(count, d, seed)
    numbers, patterns = earlier_neighbours(points, wanted)
    ordered, kept, possible = points[numbers], 0, 0
    for i, pattern in enumerate(patterns):
        distance = (ordered[:i] - ordered[i]).norm(dim=1).sort().values
        found = (points[pattern[pattern >= 0]] - ordered[i]).norm(dim=1)
        torch.testing.assert_close(found, distance[: len(found)])
        kept, possible = kept + len(found), possible + min(i, wanted)
    assert kept >= 0.8 * possible


@given(st.integers(1, 200), st.integers(0, 250), seeds)
def test_some_are_a_choice_of_all(count: int, some: int, seed: int) -> None:
    points = drawn(count, 2, seed)
    numbers, patterns = earlier_neighbours(points, 5)
    chosen, theirs = earlier_neighbours(points, 5, some=some)
    assert len(chosen) == min(some, count)
    place = numbers.argsort()[chosen]
    assert (place.diff() > 0).all()
    assert torch.equal(patterns[place], theirs)


def test_the_first_points_lie_far_apart() -> None:
    """So that their neighbours tell of large scales and the last ones' of small ones."""
    points = drawn(2000, 2, 0)
    numbers, patterns = earlier_neighbours(points, 1)
    distances = (points[numbers[1:]] - points[patterns[1:, 0]]).norm(dim=1)
    assert distances[:20].mean() > 3 * distances[-500:].mean()


@given(st.integers(1, 60), st.integers(0, 20), st.integers(1, 3), st.integers(1, 70), seeds)
def test_the_nearest_are_the_nearest(count: int, others: int, d: int, wanted: int, seed: int) -> None:
    points, of = drawn(count, d, seed), drawn(others, d, seed + 1)
    found = nearest_neighbours(points, of, wanted)
    assert found.shape == (others, min(wanted, count))
    distances = (of[:, None] - points[None]).norm(dim=2)
    torch.testing.assert_close(distances.gather(1, found), distances.sort(dim=1).values[:, : found.shape[1]])
    assert all(len(row.unique()) == len(row) for row in found)


@given(st.integers(0, 40), st.integers(0, 40), st.integers(1, 3), st.floats(0.01, 2), seeds)
def test_pairs_within_are_all_pairs_but_equal_points(left: int, right: int, d: int, radius: float, seed: int) -> None:
    x, y = drawn(left, d, seed).numpy(), drawn(right, d, seed).numpy()
    distances = np.linalg.norm(x[:, None] - y[None], axis=2)
    found = set(zip(*(side.tolist() for side in pairs_within(x, cKDTree(y), radius)), strict=True))
    inside = {(i, j) for i, j in zip(*np.nonzero((distances <= radius) & (distances > 0)), strict=True)}
    assert inside <= found
    assert all(distances[pair] <= radius * (1 + 1e-12) for pair in found)
    assert math.prod(distances.shape) >= len(found)
