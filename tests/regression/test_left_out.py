"""Samples foretold from those around them, against regression on all of them."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from fourierfield.encodings._spec import EncodingSpec
from fourierfield.kernels._matern import MaternKernel
from fourierfield.regression import _left_out as left_out
from fourierfield.regression._left_out import Neighbourhoods, predict_left_out
from fourierfield.regression._spec import KernelSpec

KERNEL = KernelSpec(EncodingSpec("gaussian", 2.0)).kernel(2)
seeds = st.integers(0, 2**31)


def drawn(count: int, seed: int, channels: int = 2) -> tuple[Tensor, Tensor, Tensor]:
    """Places, values, and weights of the samples."""
    generator = torch.Generator().manual_seed(seed)
    places = torch.rand(count, 2, dtype=torch.float64, generator=generator)
    values = torch.randn(count, channels, dtype=torch.float64, generator=generator)
    return places, values, 0.5 + 3 * torch.rand(count, dtype=torch.float64, generator=generator)


def dense(places: Tensor, ridge: float, weights: Tensor | None) -> Tensor:
    matrix = KERNEL.between(places, places)
    return matrix + torch.diag(ridge / (torch.ones(len(places)).double() if weights is None else weights))


@given(st.integers(2, 12), st.integers(0, 9), st.integers(1, 3), seeds)
def test_one_place_from_others(count: int, gone: int, channels: int, seed: int) -> None:
    """Estimate and deviation are those of a Gaussian process; an absent one is as if it were not there."""
    places, values, weights = drawn(count, seed, channels)
    absent = torch.arange(count - 1) < min(gone, count - 2)
    kept = torch.cat([torch.tensor([0]), 1 + (~absent).nonzero().flatten()])
    matrix, noise = KERNEL.between(places, places), 0.1 / weights
    full = (matrix + torch.diag(noise))[kept][:, kept]
    slopes = torch.linalg.solve(full[1:, 1:], matrix[0, kept[1:]])
    estimate, deviation = slopes @ values[kept[1:]], (full[0, 0] - slopes @ matrix[0, kept[1:]]).sqrt()
    masked = matrix.clone()
    masked[1:][absent], masked[:, 1:][:, absent] = 0.0, 0.0
    found = predict_left_out(masked[None], values[None, 1:], noise[None])
    torch.testing.assert_close(found[0][0], estimate, rtol=0, atol=1e-9)
    torch.testing.assert_close(found[1][0], deviation, rtol=0, atol=1e-9)


def test_a_matrix_without_a_factor_foretells_nothing() -> None:
    """And does not spoil the others."""
    singular, fine = torch.ones(3, 3).double(), KERNEL.between(*[drawn(3, 0)[0]] * 2)
    found = predict_left_out(torch.stack([singular, fine]), torch.ones(2, 2, 1).double(), torch.zeros(2, 3))
    assert found[0].isnan().flatten().tolist() == [True, False]
    assert found[1].isfinite().tolist() == [False, True]


@pytest.mark.parametrize("weighted", [False, True])
@given(st.integers(2, 20), st.floats(1e-3, 1), seeds)
def test_from_all_others_it_is_leaving_one_out(weighted: bool, count: int, ridge: float, seed: int) -> None:
    """Errors (A⁻¹y)_i/(A⁻¹)_ii with variances 1/(A⁻¹)_ii (Rasmussen & Williams 2006, Eq. 5.12)."""
    places, values, weights = drawn(count, seed)
    given_weights = weights if weighted else None
    around = Neighbourhoods.around(places, values, count=count, scale=torch.ones(2), weights=given_weights)
    (found,) = around.judge(KERNEL, [ridge])
    inverse = torch.linalg.inv(dense(places, ridge, given_weights))
    errors = (inverse @ values) / inverse.diagonal()[:, None]
    shares = errors * inverse.diagonal().sqrt()[:, None]
    torch.testing.assert_close(found.mse, errors.square().mean(0), rtol=1e-6, atol=1e-9)
    torch.testing.assert_close(found.power, shares.square().mean(0), rtol=1e-6, atol=1e-9)
    torch.testing.assert_close(found.scale * 1.6449, torch.quantile(shares.abs(), 0.9, dim=0), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("weighted", [False, True])
@given(st.integers(1, 20), st.floats(1e-3, 1), seeds)
def test_from_all_earlier_ones_it_is_the_likelihood(weighted: bool, count: int, ridge: float, seed: int) -> None:
    """That of y ~ N(0, s²A) at the likeliest s² of each channel, but for constants."""
    places, values, weights = drawn(count, seed)
    given_weights = weights if weighted else None
    before = Neighbourhoods.before(places, values, count=count, scale=torch.ones(2), weights=given_weights)
    (found,) = before.judge(KERNEL, [ridge])
    matrix = dense(places, ridge, given_weights)
    power = (values * torch.linalg.solve(matrix, values)).sum(0) / count
    score = -0.5 * float(power.log().mean()) - 0.5 * float(torch.linalg.slogdet(matrix)[1]) / count
    torch.testing.assert_close(found.power, power, rtol=1e-7, atol=0)
    assert found.score == pytest.approx(score, abs=1e-7)


def test_near_is_near_in_the_given_scale() -> None:
    """With another unit along an axis, other samples are the nearest."""
    places, values, _ = drawn(300, 0)
    narrow = Neighbourhoods.around(places, values, count=5, scale=torch.tensor([1.0, 0.01]))
    wide = Neighbourhoods.around(places, values, count=5, scale=torch.tensor([0.01, 1.0]))
    for found, near, far in ((narrow, 0, 1), (wide, 1, 0)):
        offsets = (found.places[:, 1:] - found.places[:, :1]).abs().mean((0, 1))
        assert offsets[near] < 0.1 * offsets[far]
    assert torch.equal(narrow.places[:, 0], wide.places[:, 0])


def test_several_ridges_and_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    places, values, weights = drawn(60, 0)
    for make in (Neighbourhoods.around, Neighbourhoods.before):
        near = make(places, values, count=6, scale=torch.ones(2), some=40, weights=weights)
        before = [part.clone() for part in (near.places, near.values, near.absent)]
        together = near.judge(KERNEL, [1e-3, 0.1])
        alone = [near.judge(KERNEL, [ridge])[0] for ridge in (1e-3, 0.1)]
        with monkeypatch.context() as patch:
            patch.setattr(left_out, "_MOST_NUMBERS", 300)
            blocks = near.judge(KERNEL, [1e-3, 0.1])
        for one, other, third in zip(together, alone, blocks, strict=True):
            torch.testing.assert_close(one.mse, other.mse, rtol=0, atol=1e-12)
            torch.testing.assert_close(one.scale, third.scale, rtol=0, atol=1e-12)
            assert one.score == pytest.approx(other.score) == pytest.approx(third.score)
        assert len(near.places) == 40
        assert all(torch.equal(x, y) for x, y in zip((near.places, near.values, near.absent), before, strict=True))


@given(st.integers(1, 90), st.integers(1, 120))
def test_thinned_they_are_some_from_first_to_last(count: int, most: int) -> None:
    places, values, weights = drawn(count, 0)
    near = Neighbourhoods.before(places, values, count=3, scale=torch.ones(2), weights=weights)
    thinned = near.thinned(most)
    assert len(thinned.places) == min(count, most)
    assert torch.equal(thinned.places[0], near.places[0])
    assert len({tuple(place) for place in thinned.places[:, 0].tolist()}) == len(thinned.places)
    assert thinned.weights is not None
    assert len(thinned.weights) == len(thinned.values) == len(thinned.absent) == len(thinned.places)
    if most > 1:
        assert torch.equal(thinned.places[-1], near.places[-1])


def test_of_a_known_process_the_scale_is_its_standard_deviation() -> None:
    """Whatever the size of each channel: nine of ten errors lie within ±1.645 of it."""
    places, noise, _ = drawn(1500, 1)
    kernel, sizes = MaternKernel(0.5, 0.3), torch.tensor([0.01, 50.0], dtype=torch.float64)
    matrix = kernel.between(places, places) + 0.05 * torch.eye(1500)
    values = sizes * (torch.linalg.cholesky(matrix) @ noise)
    (found,) = Neighbourhoods.around(places, values, count=30, scale=torch.ones(2)).judge(kernel, [0.05])
    torch.testing.assert_close(found.scale, sizes, rtol=0.08, atol=0)
    torch.testing.assert_close(found.power.sqrt(), sizes, rtol=0.08, atol=0)
    assert math.isfinite(found.score)


def test_places_where_all_is_known_are_judged_too() -> None:
    """A signal that is zero has errors of zero, and a score."""
    places, values, _ = drawn(50, 0)
    (found,) = Neighbourhoods.around(places, 0 * values, count=5, scale=torch.ones(2)).judge(KERNEL, [0.1])
    assert not found.mse.any()
    assert math.isfinite(found.score)
