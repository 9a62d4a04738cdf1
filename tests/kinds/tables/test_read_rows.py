"""Rows without values are left out, infinities refused, points that occur several times averaged."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourierfield.errors import SignalError
from fourierfield.kinds.tables._read import complete_rows, merge_duplicates


def test_incomplete_rows_are_left_out_and_counted() -> None:
    rows = np.array([[1.0, 2, 3], [np.nan, 2, 3], [1, 2, np.nan], [4, 5, 6]])
    kept, notes = complete_rows(rows, ["x", "y", "t"], "a.csv")
    assert kept.tolist() == [[1, 2, 3], [4, 5, 6]]
    assert notes == ("2 of 4 rows have no value in x, t; left out",)
    assert complete_rows(kept, ["x", "y", "t"], "a.csv")[1] == ()


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (np.array([[1.0, 2.0], [3.0, -np.inf]]), "t is infinite in row 2"),
        (np.empty((0, 2)), "holds no rows"),
        (np.array([[np.nan, 1.0], [2.0, np.nan]]), "none of its 2 rows is complete in x, t"),
    ],
)
def test_rows_that_leave_nothing(rows: np.ndarray, reason: str) -> None:
    with pytest.raises(SignalError, match=reason):
        complete_rows(rows, ["x", "t"], "a.csv")


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(-9, 9), st.integers(-9, 9)), min_size=1),
)
def test_merging_is_a_mean_by_point_in_order(table: list[tuple[int, int, int, int]]) -> None:
    array = np.array(table, dtype=float)
    points, values, notes = merge_duplicates(array[:, :2], array[:, 2:], ["a", "b"])
    groups: dict[tuple[float, ...], list[np.ndarray]] = {}
    for row in array:
        groups.setdefault(tuple(row[:2]), []).append(row[2:])
    assert [tuple(point) for point in points] == list(groups)
    np.testing.assert_allclose(values, [np.mean(group, axis=0) for group in groups.values()], atol=1e-12)
    assert len(notes) == (len(groups) < len(table))


def test_what_differs_is_said() -> None:
    points = np.array([[0.0], [1.0], [0.0], [1.0], [1.0], [2.0]])
    values = np.array([[1.0, 7], [2, 7], [1.5, 7], [2, 7], [9, 7], [0, 7]])
    _, merged, notes = merge_duplicates(points, values, ["a", "b"])
    assert notes == ("2 points occur several times (5 rows): their values are averaged; they differ by up to 7 in a",)
    assert (merged[:, 1] == 7).all()
    _, _, notes = merge_duplicates(points, values[:, 1:], ["b"])
    assert notes[0].endswith("averaged; they agree")


def test_values_that_agree_are_kept_to_the_bit() -> None:
    _, values, _ = merge_duplicates(np.zeros((3, 1)), np.full((3, 1), 0.1), ["a"])
    assert values.tolist() == [[0.1]]
    assert merge_duplicates(np.array([[0.0], [-0.0]]), np.ones((2, 1)), ["a"])[0].tolist() == [[0.0]]
