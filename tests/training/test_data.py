from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from fourierfield.training._data import Batches


@given(st.integers(1, 60), st.integers(1, 70), st.integers(0, 9))
def test_an_epoch_sees_no_row_twice(count: int, size: int, seed: int) -> None:
    batches = Batches(count, size, seed)
    rows = torch.cat([batches.rows(step) for step in range(batches.per_epoch)])
    assert len(rows.unique()) == len(rows) == batches.per_epoch * batches.size
    assert rows.max() < count


def test_a_step_sees_the_same_rows_whatever_came_before() -> None:
    straight, jumping = Batches(100, 7, 3), Batches(100, 7, 3)
    expected = [straight.rows(step) for step in range(60)]
    for step in (59, 0, 33, 14, 13):
        assert torch.equal(jumping.rows(step), expected[step])


def test_epochs_and_seeds_differ() -> None:
    batches = Batches(100, 100, 0)
    assert not torch.equal(batches.rows(0), batches.rows(1))
    assert not torch.equal(batches.rows(0), Batches(100, 100, 1).rows(0))


def test_huge_counts_draw_without_a_permutation() -> None:
    rows = Batches(1 << 40, 5, 0).rows(123)
    assert torch.equal(rows, Batches(1 << 40, 5, 0).rows(123))
    assert rows.max() > 1 << 30
