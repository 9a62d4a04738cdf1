from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourierfield.errors import SettingsError
from fourierfield.grids._splits import GridHoldOut, NoHoldOut, RandomHoldOut, parse_hold_out


@given(st.integers(2, 20), st.integers(2, 20), st.integers(0, 5))
def test_random_hold_out_partitions_what_was_measured(height: int, width: int, seed: int) -> None:
    present = np.random.default_rng(seed).random((height, width)) < 0.8
    present.flat[:4] = True
    split = RandomHoldOut(0.4, seed).split(present)
    together = np.sort(np.concatenate([split.training, split.held_out]))
    np.testing.assert_array_equal(together, np.flatnonzero(present))


def test_random_hold_out_depends_on_its_seed_alone() -> None:
    present = np.ones((20, 20), dtype=bool)
    first, again, other = (RandomHoldOut(0.1, seed).split(present).held_out for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert len(first) == 40


def test_grid_hold_out_is_the_papers() -> None:
    split = GridHoldOut().split(np.ones((5, 6), dtype=bool))
    index = np.arange(30).reshape(5, 6)
    np.testing.assert_array_equal(split.training, index[::2, ::2].ravel())
    np.testing.assert_array_equal(split.held_out, index[1::2, 1::2].ravel())


def test_missing_samples_are_in_neither_part() -> None:
    present = np.ones((6, 6), dtype=bool)
    present[0, 0] = present[1, 1] = False
    split = GridHoldOut().split(present)
    assert 0 not in split.training
    assert 7 not in split.held_out
    assert len(NoHoldOut().split(present).training) == 34


@pytest.mark.parametrize("text", ["none", "grid", "random:0.1"])
def test_names_and_rules_go_both_ways(text: str) -> None:
    assert str(parse_hold_out(text)) == text


@pytest.mark.parametrize(
    "text", ["", "half", "random", "random:", "random:x", "random:0", "random:1", "random:-1", "random:1e", "grid:2"]
)
def test_unknown_hold_outs_are_refused(text: str) -> None:
    with pytest.raises(SettingsError):
        parse_hold_out(text)


def test_a_hold_out_that_leaves_nothing_is_refused() -> None:
    with pytest.raises(SettingsError):
        RandomHoldOut(0.1).split(np.ones((1, 2), dtype=bool))
    with pytest.raises(SettingsError):
        GridHoldOut().split(np.ones((1, 9), dtype=bool))
