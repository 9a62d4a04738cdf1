"""Which encodings are tried."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fourierfield.encodings._registry import FAMILIES, LEAST_BANDWIDTH, Ladder, Octaves
from fourierfield.encodings._spec import EncodingSpec
from fourierfield.tuning._candidates import anisotropic, finer, first_candidates, other_counts, per_axis_ratio

LADDERS = {name: family.ladder for name, family in FAMILIES.items() if isinstance(family.ladder, Ladder)}

rates = st.floats(2.0, 1e6)
dimensions = st.integers(1, 3)
slopes = st.lists(st.one_of(st.just(0.0), st.floats(1e-6, 1e6)), min_size=1, max_size=3)


def built(spec: EncodingSpec, d: int) -> torch.Tensor:
    return spec.build(d, torch.Generator().manual_seed(0)).frequencies


@given(rate=rates, d=dimensions, features=st.one_of(st.none(), st.integers(1, 70)))
def test_every_candidate_can_be_built_and_keeps_to_its_ladder(rate: float, d: int, features: int | None) -> None:
    found = first_candidates(rate, d, features)
    assert len(set(found)) == len(found)
    for spec in found:
        frequencies = built(spec, d)
        assert torch.isfinite(frequencies).all()
        assert frequencies.shape[1] == d
        if spec.family in LADDERS:
            ladder = LADDERS[spec.family]
            assert isinstance(spec.bandwidth, float)
            assert ladder.low * rate * 0.999 <= spec.bandwidth <= ladder.high * rate * 1.001
            assert spec.bandwidth > LEAST_BANDWIDTH
            if features is not None:
                assert abs(len(frequencies) - features) < d
        if spec.family == "nerf":
            assert isinstance(spec.bandwidth, float)
            assert spec.bandwidth <= max(2.0, 1.001 / 5 * rate)


@given(rate=st.floats(64, 1e6), d=dimensions)
def test_there_are_some_forty_of_eight_families(rate: float, d: int) -> None:
    found = first_candidates(rate, d, None)
    assert 40 <= len(found) <= 50
    assert len({spec.family for spec in found}) == 8


@given(rate=rates, d=dimensions, level=st.integers(0, 1))
def test_finer_bandwidths_lie_between_neighbours(rate: float, d: int, level: int) -> None:
    for spec in first_candidates(rate, d, None):
        if spec.family in LADDERS:
            ratio = LADDERS[spec.family].ratio ** 0.5**level
            assert isinstance(spec.bandwidth, float)
            for other in finer(spec, level, rate):
                assert isinstance(other.bandwidth, float)
                assert spec.bandwidth / ratio < other.bandwidth < spec.bandwidth * ratio
                assert other.bandwidth != spec.bandwidth
                built(other, d)


def test_nothing_lies_between_octaves_and_encodings_without_a_ladder() -> None:
    assert isinstance(FAMILIES["nerf"].ladder, Octaves)
    for spec in (EncodingSpec("nerf", 8.0), EncodingSpec("basic"), EncodingSpec("power-law", 6.0)):
        assert finer(spec, 0, 200.0) == []


@pytest.mark.parametrize("family", LADDERS)
def test_a_ladders_ratio_is_that_of_its_steps(family: str) -> None:
    steps = [s.bandwidth for s in first_candidates(1024.0, 2, None) if s.family == family]
    for low, high in itertools.pairwise(steps):
        assert isinstance(low, float)
        assert isinstance(high, float)
        assert high / low == pytest.approx(LADDERS[family].ratio, rel=1e-3)


@given(d=dimensions, features=st.one_of(st.none(), st.integers(1, 300)))
def test_other_counts_are_about_half_and_twice(d: int, features: int | None) -> None:
    for spec in first_candidates(300.0, d, features):
        count = len(built(spec, d))
        for other in other_counts(spec, d):
            assert len(built(other, d)) != count
            assert count / 2 - d <= len(built(other, d)) <= 2 * count + d


@given(slopes=slopes)
def test_ratios_have_geometric_mean_one_and_follow_the_slopes(slopes: list[float]) -> None:
    ratios = per_axis_ratio(tuple(slopes))
    assert math.prod(ratios) == pytest.approx(1.0)
    assert all(0.25 * 0.999 <= ratio <= 4 * 1.001 for ratio in ratios)
    order = sorted(range(len(slopes)), key=lambda axis: slopes[axis])
    assert all(ratios[a] <= ratios[b] * (1 + 1e-12) for a, b in itertools.pairwise(order))


def test_moderate_ratios_are_those_of_the_slopes() -> None:
    assert per_axis_ratio((9.0, 1.0, 3.0)) == pytest.approx((3**0.5, 3**-0.5, 1.0))


@given(slopes=slopes)
def test_an_anisotropic_encoding_keeps_the_geometric_mean(slopes: list[float]) -> None:
    ratios, d = per_axis_ratio(tuple(slopes)), len(slopes)
    for spec in first_candidates(128.0, d, None):
        found = anisotropic(spec, ratios)
        if spec.family not in LADDERS or max(ratios) / min(ratios) < 1.3:
            assert found is None
            continue
        assert found is not None
        assert isinstance(found.bandwidth, tuple)
        assert math.prod(found.bandwidth) ** (1 / d) == pytest.approx(spec.bandwidth, rel=2e-3)
        built(found, d)


def test_axis_aligned_frequencies_end_at_a_fifth_of_the_sampling() -> None:
    """Beyond, samples left out of a grid, which share rows and columns with others, overrate them."""
    found = [s for s in first_candidates(500.0, 2, None) if s.family in ("positional", "nerf")]
    assert max(float(str(s.bandwidth)) for s in found) == 100.0
    top = max((s for s in found if s.family == "positional"), key=lambda s: float(str(s.bandwidth)))
    assert all(float(str(s.bandwidth)) < 100.0 for s in finer(top, 0, 500.0))
