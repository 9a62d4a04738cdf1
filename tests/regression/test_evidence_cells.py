"""Points averaged in cells: nothing is lost but where they lie within their cells."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from fourierfield.problems._points import PointSamples
from fourierfield.regression._evidence import Scatter, in_cells

COUNTS = st.integers(1, 300), st.integers(1, 3), st.integers(1, 40), st.integers(0, 99)


def drawn(count: int, d: int, seed: int, weighted: bool) -> tuple[PointSamples, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    points = torch.rand(count, d, dtype=torch.float64, generator=generator)
    weights = 0.1 + torch.rand(count, dtype=torch.float64, generator=generator) if weighted else None
    values = torch.randn(count, 2, dtype=torch.float64, generator=generator)
    return PointSamples(points, values, weights), values


@given(*COUNTS, st.booleans())
def test_weights_means_and_squares_are_kept(count: int, d: int, cells: int, seed: int, weighted: bool) -> None:
    samples, values = drawn(count, d, seed, weighted)
    before = Scatter(np.array([3.0, 5.0]), np.array([2.0, 2.0]))
    found, means, scatter = in_cells(samples, values, before, cells)
    weights = torch.ones(count, dtype=torch.float64) if samples.weights is None else samples.weights
    kept = torch.ones(len(found), dtype=torch.float64) if found.weights is None else found.weights
    assert len(found) == min(count, cells)
    torch.testing.assert_close(kept.sum(), weights.sum())
    for each, all_of_it in ((found.points, samples.points), (means, values)):
        torch.testing.assert_close(kept @ each, weights @ all_of_it)
    squares = kept @ means.square() + torch.from_numpy(scatter.squares - before.squares)
    torch.testing.assert_close(squares, weights @ values.square())
    np.testing.assert_allclose(scatter.freedom - before.freedom, count - len(found))


@given(*COUNTS)
def test_cells_are_of_about_equally_many_points(count: int, d: int, cells: int, seed: int) -> None:
    samples, values = drawn(count, d, seed, False)
    found, _, _ = in_cells(samples, values, Scatter.none(2), cells)
    if found.weights is not None:
        assert float(found.weights.min()) >= 1
        assert float(found.weights.max()) <= 2 * count / cells + 1


def test_they_lie_side_by_side() -> None:
    samples, values = drawn(4000, 2, 0, False)
    place = torch.round(8 * samples.points - 0.5)  # of an 8 × 8 board
    found, means, scatter = in_cells(samples, place.sum(1, keepdim=True) + 0 * values, Scatter.none(2), 64)
    assert float(torch.pdist(found.points).min()) > 0.06
    assert scatter.squares[0] / scatter.freedom[0] < 0.3 * float(place.sum(1).var())
    assert len(means) == 64


def test_equal_points_are_cells_like_others() -> None:
    points = torch.ones(50, 2, dtype=torch.float64)
    found, _, _ = in_cells(PointSamples(points, points), points, Scatter.none(2), 7)
    torch.testing.assert_close(found.points, torch.ones(7, 2, dtype=torch.float64))
