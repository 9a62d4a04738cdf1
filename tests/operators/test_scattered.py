"""Sums of kernels over scattered points by waves and near pairs, against the sums themselves."""

from __future__ import annotations

import sys

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from fourierfield.encodings._families import gaussian
from fourierfield.encodings._spec import EncodingSpec
from fourierfield.errors import TooLargeError
from fourierfield.kernels._encoding import EncodingKernel
from fourierfield.kernels._matern import MaternKernel
from fourierfield.kernels._stationary import GaussianKernel, StationaryKernel
from fourierfield.operators import _scattered as scattered
from fourierfield.operators._gram import gram
from fourierfield.operators._scattered import KernelSum, ScatteredGram, cell_by_cell, smooth_split_for, split_for
from fourierfield.regression._spec import KernelSpec

SEAM = sys.modules[gram.__module__]
COUNT = 300
TOLERANCE = {1: 1e-6, 2: 1e-4, 3: 1e-3}


def drawn(*shape: int, seed: int = 0) -> Tensor:
    return torch.rand(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def clustered(x: Tensor) -> Tensor:
    return torch.cat([0.5 + 0.01 * (x[: len(x) // 2] - 0.5), x[len(x) // 2 :]])


def thin(x: Tensor) -> Tensor:
    return x * torch.tensor([1.0, 1e-2, 1e-4], dtype=torch.float64)[: x.shape[1]]


PLACES = {
    "uniform": lambda x: x,
    "clustered": clustered,
    "thin": thin,
    "equal": lambda x: torch.cat([x[:40], x[:-40]]),
    "on a line": lambda x: x[:, :1].expand(-1, x.shape[1]),
    "far from zero": lambda x: x + 1e4,
    "one point": lambda x: x[:1].expand(20, -1),
}


def kernels(d: int) -> dict[str, StationaryKernel]:
    few = gaussian(d, 1.0, 5, generator=torch.Generator().manual_seed(0))
    return {
        "ends": KernelSpec(EncodingSpec("gaussian", 4.0)).kernel(d),
        "ends later": KernelSpec(EncodingSpec("gaussian", 0.7), trained="last").kernel(d),
        "stretched": KernelSpec(EncodingSpec("gaussian", (6.0, 1.0, 2.0)[:d])).kernel(d),
        "never ends": KernelSpec(EncodingSpec("laplace", 2.0)).kernel(d),
        "few frequencies": EncodingKernel(few),
        "matern": MaternKernel(0.5, 0.2),
    }


MAPS = [(d, place, name) for d in (1, 2) for place in PLACES for name in ("ends", "stretched", "never ends")]
MAPS += [(2, place, "few frequencies") for place in PLACES]
MAPS += [(3, place, "stretched") for place in ("uniform", "clustered", "equal")]


@pytest.mark.parametrize(("d", "place", "name"), MAPS)
def test_the_map_is_the_kernels_matrix(d: int, place: str, name: str) -> None:
    """To what the split says, wherever the points lie."""
    kernel = kernels(d)[name]
    points = PLACES[place](drawn(COUNT, d, seed=d)).contiguous()
    split = split_for(kernel, points, TOLERANCE[d])
    assert split.error <= 3 * TOLERANCE[d]
    rows = torch.arange(0, len(points), 50 if d == 3 else 7)
    units = torch.zeros(len(points), len(rows), dtype=torch.float64)
    units[rows, torch.arange(len(rows))] = 1.0
    found = ScatteredGram(split, points) @ units
    bound = (2 * split.error + 1e-12) * kernel.at_zero
    torch.testing.assert_close(found, kernel.between(points, points[rows]), rtol=0, atol=bound)


@given(st.integers(1, 400), st.integers(1, 3), st.integers(0, 99))
def test_points_that_follow_each_other_lie_near_each_other(count: int, d: int, seed: int) -> None:
    points = drawn(count, d, seed=seed)
    order = cell_by_cell(points)
    assert order.sort().values.tolist() == list(range(count))
    assert cell_by_cell(points[order]).tolist() == list(range(count))
    if count > 200:
        apart = [float(x.diff(dim=0).norm(dim=1).mean()) for x in (points[order], points)]
        assert apart[0] < 0.7 * apart[1]


def test_the_map_is_the_same_in_whatever_order_points_come() -> None:
    kernel, points = kernels(2)["ends"], drawn(COUNT, 2)
    split, order, x = split_for(kernel, points, 1e-5), cell_by_cell(points), drawn(COUNT, 2, seed=1)
    ours, theirs = ScatteredGram(split, points) @ x, ScatteredGram(split, points[order]) @ x[order]
    torch.testing.assert_close(ours[order], theirs, rtol=1e-12, atol=1e-12)


@settings(max_examples=12)
@given(st.integers(1, 3), st.sampled_from(list(kernels(1))), st.integers(1, 5), st.integers(0, 2**31))
def test_sums_elsewhere_are_the_sums(d: int, name: str, channels: int, seed: int) -> None:
    """At the points themselves, between them, and at a single place."""
    kernel, points = kernels(d)[name], drawn(COUNT, d, seed=seed)
    weights = drawn(COUNT, channels, seed=seed + 1) - 0.5
    split = split_for(kernel, points, TOLERANCE[d], sides=torch.full((d,), 1.2, dtype=torch.float64))
    found = KernelSum(split, points, weights)
    at = torch.cat([points[:20], 1.2 * drawn(50, d, seed=seed + 2) - 0.1])
    expected = kernel.between(at, points) @ weights
    bound = 2 * split.error * float(weights.abs().sum(0).max())
    torch.testing.assert_close(found(at), expected, rtol=0, atol=bound)
    torch.testing.assert_close(found(at[:1]), expected[:1], rtol=0, atol=bound)
    assert found(at[:0]).shape == (0, channels)
    assert found.gradient(at[:0]).shape == (0, channels, d)


@pytest.mark.parametrize(("d", "name"), [(d, name) for d in (1, 2) for name in kernels(1)] + [(3, "ends")])
def test_gradients_are_slopes_of_the_sums(d: int, name: str) -> None:
    kernel, points, weights = kernels(d)[name], drawn(COUNT, d), drawn(COUNT, 2, seed=1) - 0.5
    split = split_for(kernel, points, 0.01 * TOLERANCE[d])
    found = KernelSum(split, points, weights).gradient(drawn(30, d, seed=2))
    for axis in range(d):
        step = torch.zeros(d, dtype=torch.float64)
        step[axis] = 1e-5
        beyond, before = (kernel.between(drawn(30, d, seed=2) + s, points) @ weights for s in (step, -step))
        slope = (beyond - before) / 2e-5
        scale = float(slope.norm(dim=0).max())
        assert float((found[..., axis] - slope).norm(dim=0).max()) < 3e-3 * scale


def test_at_a_point_itself_the_kink_counts_as_flat() -> None:
    kernel, points = kernels(2)["ends"], drawn(1, 2)
    split = split_for(kernel, points, 1e-8, sides=torch.ones(2))
    slope = KernelSum(split, points, torch.ones(1, 1, dtype=torch.float64)).gradient(points)
    beside = KernelSum(split, points, torch.ones(1, 1, dtype=torch.float64)).gradient(points + 1e-4)
    assert slope.abs().max() < 1e-3 * beside.abs().max()


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few pairs a block may have: clustered points are taken a few at a time."""
    kernel, points = kernels(2)["ends"], clustered(drawn(COUNT, 2))
    split, weights, at = split_for(kernel, points, 1e-5), drawn(COUNT, 1), clustered(drawn(90, 2, seed=1))
    whole = KernelSum(split, points, weights)
    monkeypatch.setattr(scattered, "_MOST_PAIRS", 500)
    blocks = KernelSum(split, points, weights)
    assert blocks._rows < 20 < whole._rows
    torch.testing.assert_close(blocks(at), whole(at), rtol=0, atol=1e-5)
    torch.testing.assert_close(blocks.gradient(at), whole.gradient(at), rtol=0, atol=1e-2)


def test_finer_waves_keep_clustered_points_to_few_pairs() -> None:
    points = clustered(drawn(4000, 2))
    split = split_for(kernels(2)["ends"], points, 1e-4)
    even = split_for(kernels(2)["ends"], drawn(4000, 2), 1e-4)
    assert split.radius < even.radius
    assert even.modes[0] * even.modes[1] < split.modes[0] * split.modes[1] <= 40 * 4000


def test_more_pairs_than_fit_in_memory_are_refused_with_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    points = drawn(200, 2)
    split = split_for(kernels(2)["ends"], points, 1e-4)
    monkeypatch.setattr(scattered, "_PAIR_BYTES", 10**10)
    with pytest.raises(TooLargeError, match="200 points lie so close together"):
        ScatteredGram(split, points)


def test_the_gram_seam_takes_waves_where_they_pay_and_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SEAM, "_MANY", 200)
    kernel, many = kernels(2)["ends"], drawn(COUNT, 2)
    waves = gram(kernel, many, tolerance=1e-4)
    assert isinstance(waves, ScatteredGram)
    torch.testing.assert_close(waves.to_dense(), gram(kernel, many).to_dense(), rtol=0, atol=6e-4)
    assert not isinstance(gram(kernel, many), ScatteredGram)
    assert not isinstance(gram(kernel, many[:100], tolerance=1e-4), ScatteredGram)
    assert not isinstance(gram(kernel, many, many[:5], tolerance=1e-4), ScatteredGram)
    assert not isinstance(gram(kernel.between, many, tolerance=1e-4), ScatteredGram)


def test_kernels_of_too_many_waves_are_dense_or_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rather than wrong."""
    fine = EncodingKernel(gaussian(2, 1e4, 5, generator=torch.Generator().manual_seed(0)))
    points = drawn(200, 2)
    monkeypatch.setattr(SEAM, "_MANY", 100)
    operator = gram(fine, points, tolerance=1e-4)
    torch.testing.assert_close(operator.to_dense(), fine.between(points, points))
    monkeypatch.setattr(SEAM, "_MOST_DENSE", 100)
    with pytest.raises(TooLargeError, match="use a smaller bandwidth, or at most 100 points"):
        gram(fine, points, tolerance=1e-4)


def test_more_than_three_dimensions_are_dense_whatever_the_tolerance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SEAM, "_MANY", 10)
    assert not isinstance(gram(MaternKernel(0.5, 0.2), drawn(20, 4), tolerance=1e-3), ScatteredGram)


@pytest.mark.parametrize("d", [1, 2])
@pytest.mark.parametrize("kernel", [GaussianKernel(2.0), GaussianKernel(0.3)], ids=["ends", "does not end"])
def test_waves_alone_do_for_smooth_kernels(d: int, kernel: StationaryKernel) -> None:
    points = drawn(COUNT, d)
    split = smooth_split_for(kernel, points, 1e-7)
    assert split is not None
    assert split.error <= 3e-7
    found = ScatteredGram(split, points)
    assert found._half.matrix.nnz == 0
    torch.testing.assert_close(found.to_dense(), kernel.between(points, points), rtol=0, atol=2e-6)


def test_waves_alone_are_too_many_for_rough_ones() -> None:
    assert smooth_split_for(MaternKernel(0.5, 0.2), drawn(COUNT, 2), 1e-6) is None
    assert smooth_split_for(GaussianKernel(300.0), drawn(COUNT, 2), 1e-6) is None
