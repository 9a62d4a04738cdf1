"""Columns are chosen by name, by position, or by what there is; what is not clear is refused with a list."""

from __future__ import annotations

import pytest

from fourierfield.errors import SignalError
from fourierfield.kinds.tables._columns import Column, select_columns

STATIONS = [Column("id", False), Column("Lon", True), Column("Lat", True), Column("depth (m)", True), Column("t", True)]


def numbers(*names: str) -> list[Column]:
    return [Column(name, True) for name in names]


@pytest.mark.parametrize(
    ("columns", "inputs", "outputs", "expected"),
    [
        (STATIONS, ["Lon", "Lat"], ["t"], ((1, 2), (4,))),
        (STATIONS, ["lat", "LON"], ["t", "depth"], ((2, 1), (4, 3))),
        (STATIONS, ["3", "2"], ["5"], ((2, 1), (4,))),
        (STATIONS, None, ["t"], ((1, 2), (4,))),
        (STATIONS, ["Lon", "Lat", "depth"], None, ((1, 2, 3), (4,))),
        (STATIONS[:4], None, None, ((1, 2), (3,))),
        ([STATIONS[3], *STATIONS[:3]], None, None, ((2, 3), (0,))),
        (numbers("t", "u"), None, None, ((0,), (1,))),
        (numbers("a", "b", "c", "d"), None, None, ((0, 1, 2), (3,))),
        ([Column("name", False), *numbers("a", "b")], None, None, ((1,), (2,))),
        (numbers("a", "b", "c"), None, ["b"], ((0, 2), (1,))),
        (numbers("2", "1", "c"), ["1"], ["2"], ((1,), (0,))),
    ],
)
def test_choices(
    columns: list[Column], inputs: list[str] | None, outputs: list[str] | None, expected: tuple[tuple[int, ...], ...]
) -> None:
    selection = select_columns(columns, inputs, outputs, "a.csv")
    assert (selection.inputs, selection.outputs) == expected


@pytest.mark.parametrize(
    ("columns", "inputs", "outputs", "reason"),
    [
        (STATIONS, None, None, r"2 columns of numbers beside longitude and latitude \(depth \(m\), t\); say which"),
        (STATIONS[:3], None, None, "no column of numbers beside longitude and latitude"),
        (numbers(*"abcde"), None, None, r"5 columns of numbers \(a, b, c, d, e\).*--inputs a,b --outputs e"),
        (numbers(*(f"V{n}" for n in range(61))), None, None, "matrix of samples"),
        (numbers("a"), None, None, r"1 column of numbers \(a\)"),
        ([Column("a", False)] * 2, None, None, "no column of numbers.*its columns are a, a"),
        (STATIONS, ["Lon", "Lat"], None, "2 columns of numbers beside the inputs"),
        (numbers(*"abcde"), None, ["e"], "say which are --inputs"),
        (numbers("a"), None, ["a"], "say which are --inputs"),
        (STATIONS, ["Longitude"], ["t"], "no column Longitude; did you mean|no column Longitude; its columns are id"),
        (STATIONS, ["lot"], ["t"], "did you mean Lon"),
        (STATIONS, ["6"], ["t"], "no column 6; its columns are id, Lon"),
        (STATIONS, ["0"], ["t"], "no column 0"),
        (STATIONS, ["9" * 5000], ["t"], "no column 9"),
        (STATIONS, ["Lon", "2"], ["t"], "names Lon twice"),
        (STATIONS, ["Lon", "t"], ["t"], "t is an input and an output"),
        (STATIONS, [], ["t"], "names no column"),
        (STATIONS, ["Lon"], [], "names no column"),
        (numbers(*"abcdef"), list("abcde"), ["f"], "5 inputs.*NeuralTangentRegressor"),
        (numbers("a", "a", "b"), ["a"], ["b"], "2 columns named a; choose by position"),
        (numbers("d (m)", "d (km)", "b"), ["d"], ["b"], "2 columns named d"),
    ],
)
def test_what_is_not_clear_is_refused_in_one_line(
    columns: list[Column], inputs: list[str] | None, outputs: list[str] | None, reason: str
) -> None:
    with pytest.raises(SignalError, match=reason) as caught:
        select_columns(columns, inputs, outputs, "a.csv")
    assert "a.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_nameless_first_column_counts_rows() -> None:
    columns = [Column("column 1", True, "has no name"), *numbers("x", "y")]
    selection = select_columns(columns, None, None, "a.csv")
    assert (selection.inputs, selection.outputs) == ((1,), (2,))
    assert selection.notes[0] == "column 1 has no name and is taken for row numbers; left out"
    assert select_columns(columns, ["1"], ["x"], "a.csv").inputs == (0,)
