"""Delimiter, header and decimal mark are told by content; prose, code and binary data are no tables."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourierfield.errors import SignalError
from fourierfield.kinds.tables._layout import Layout, is_plausible, layout_of


def layout(text: str | bytes, complete: bool = True) -> Layout:
    return layout_of(text if isinstance(text, bytes) else text.encode(), complete, "a.txt")


def names(text: str) -> list[str]:
    return [column.name for column in layout(text).columns]


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a,b\n1,2\n3,4\n", ","),
        ("a, b\n1, 2\n3, 4\n", ","),
        ("a\tb\n1\t2\n", "\t"),
        ("a;b\n1;2\n", ";"),
        ("a;b\n1,5;2,5\n2,5;3\n", ";"),
        ("day;b\n2020-01-01 00:00;1,5\n2020-01-02 00:00;2,5\n", ";"),
        ("a|b\n1|2\n", "|"),
        ("a b\n1 2\n", None),
        ("  1.0   2.0\n 10.0  -3e5\n", None),
        ("1\t 2\n3\t 4\n", "\t"),
        ('name,b\n"Oslo, centre",2\nBergen,3\n', ","),
        ("1,2\n", ","),
    ],
)
def test_delimiters(text: str, delimiter: str | None) -> None:
    found = layout(text)
    assert (found.delimiter, found.width) == (delimiter, 2)
    assert found.regular == 1


@given(
    st.lists(st.lists(st.floats(-1e9, 1e9), min_size=3, max_size=3), min_size=1, max_size=6),
    st.sampled_from([",", ";", "\t", "|", " "]),
    st.booleans(),
    st.sampled_from(["\n", "\r\n"]),
)
def test_every_table_of_numbers_is_one(rows: list[list[float]], delimiter: str, header: bool, end: str) -> None:
    lines = [["x", "y", "t"]] * header + [[repr(value) for value in row] for row in rows]
    found = layout(end.join(delimiter.join(line) for line in lines) + end)
    assert (found.delimiter or " ", found.width, found.rows) == (delimiter, 3, len(rows))
    assert found.header == (("x", "y", "t") if header else ())
    assert found.skip == header
    assert all(column.numeric for column in found.columns)
    assert is_plausible(found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x,y\n1,2\n", ["x", "y"]),
        ("1,2\n3,4\n", ["column 1", "column 2"]),
        ("# x y\n1 2\n", ["x", "y"]),
        ("# made by hand, today\n1,2\n", ["made by hand", "today"]),
        ("# made by hand\n1,2\n", ["column 1", "column 2"]),
        ("# 7,8\n1,2\n", ["column 1", "column 2"]),
        (",x,y\n0,1,2\n", ["column 1", "x", "y"]),
        ('"x" "y"\n"1" 1 2\n"2" 3 4\n', ["column 1", "x", "y"]),
        ("x,y\n1,2,\n3,4,\n", ["x", "y", "column 3"]),
        ("x,y,\n1,2\n3,4\n", ["x", "y"]),
        ("\ufeffx,y\n1,2\n", ["x", "y"]),
        ("\n\nx,y\n\n1,2\n", ["x", "y"]),
        ("id,2019,x\na,2,3\n", ["id", "2019", "x"]),
        ("a,b\nc,1\n", ["a", "b"]),
    ],
)
def test_names(text: str, expected: list[str]) -> None:
    assert names(text) == expected
    assert layout(text).header_fits


def test_only_a_nameless_first_column_counts_rows() -> None:
    assert [column.why_not for column in layout(",x\n0,1\n").columns] == ["has no name", ""]
    assert not any(column.why_not for column in layout("0,1\n1,2\n").columns)


def test_a_header_that_does_not_match_is_noticed() -> None:
    assert not layout("x,y\n1,2,3\n4,5,6\n").header_fits
    assert not layout("depth (m) t (s)\n1 2\n3 4\n").header_fits


def test_columns_are_numbers_if_most_of_their_values_are() -> None:
    found = layout("a,b,c,d\n1,x,,oops\n2,y,,5\nNA,3,,6\n")
    assert [column.numeric for column in found.columns] == [True, False, False, True]


def test_decimal_commas_are_noted() -> None:
    assert layout("a;b\n1,5;2\n").notes == ("commas are taken for decimal marks",)
    assert layout("a;b\n1.5;2\n").decimal == "."
    assert layout("a,b\n1,5\n").decimal == "."


def test_text_in_latin_1_and_a_letter_cut_in_two() -> None:
    assert layout("température;b\n1;2\n".encode("latin-1")).columns[0].name == "température"
    assert layout("a,b\n1,2\né".encode()[:-1], complete=False).encoding == "utf-8"


def test_a_last_line_that_may_be_cut_off_is_not_looked_at() -> None:
    assert layout("a,b\n1,2\n3", complete=False).regular == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"\n\n  \n", "no rows"),
        (b"# only\n# comments\n", "no rows"),
        (bytes(range(256)), "binary"),
        (np.random.default_rng(0).bytes(5000), "binary"),
        ("a,b\n1,2\n".encode("utf-16"), "binary data"),
        (b"a,b\r1,2\r", "carriage returns"),
        (b"Call me Ishmael.\nSome years ago, never mind how long\nprecisely, having money\n", "no columns of numbers"),
        (b"1\n2\n3\n", "no columns of numbers"),
        (b"a,b\nc,d\n", "no columns of numbers"),
    ],
)
def test_what_holds_no_table(content: bytes, reason: str) -> None:
    with pytest.raises(SignalError, match=reason) as caught:
        layout(content)
    assert "\n" not in str(caught.value)


def test_a_line_without_end_is_no_table() -> None:
    with pytest.raises(SignalError, match="first line"):
        layout("1,2," * 1000, complete=False)


PROSE = """It was 1876, the winter of the 3 great storms,
and 12 ships were lost, 5 of them with all hands.
In 1877, 40 more were built, 7 of steel.
"""
CODE = """import numpy as np

def mean(values, weights=1):
    total = 0
    for value in values:
        total += value * weights, 1
    return total
"""
ASSIGNMENTS = "width = 640\nheight = 480\ndepth = 24\n"
ASSEMBLY = "mov eax, 1\nmov ebx, 2\nadd eax, 3\n"
MESH = "v 0.0 0.0 1.0\nv 1.0 0.0 1.0\nv 0.0 1.0 1.0\nf 1 2 3\n"
OFF = "OFF\n4 2 0\n0 0 0\n1 0 0\n0 1 0\n0 0 1\n3 0 1 2\n3 0 1 3\n"
PLY = "ply\nformat ascii 1.0\nelement vertex 9\nend_header\n" + "0.5 1.5 2.5\n" * 9
LOG = "2024-01-01 12:00:01 17 started 4\n2024-01-01 12:00:05 18 stopped 5\n"
CHECKSUMS = "356d504b 3.1.1 to 3.1.16\nf8b8e27b 4 to 5.0.0\n12345678 5.1 and 5.2\n"
JSON = '{"a": 1, "b": 2}\n{"a": 3, "b": 4}\n'


@pytest.mark.parametrize("text", [PROSE, CODE, ASSIGNMENTS, ASSEMBLY, MESH, OFF, PLY, LOG, CHECKSUMS, JSON])
def test_other_text_is_not_taken_for_a_table(text: str) -> None:
    try:
        found = layout(text)
    except SignalError:
        return
    assert not is_plausible(found)


@pytest.mark.parametrize(
    "text",
    [
        "x,y,t\n1,2,3\n4,5\n6,7,8\n",  # ragged: so that the line is named when it is read
        "x,y\n1,2,3\n4,5,6\n",
        "station lon lat\nA 1 2\nB 3 4\n",
        '"x" "y"\n"1" 1 2\n"2" 3 4\n',
        "a,b,c\n1,oops,3\n2,3,4\n",
    ],
)
def test_tables_with_a_flaw_are_tables(text: str) -> None:
    assert is_plausible(layout(text))


def test_a_line_of_units_under_the_names_is_left_out() -> None:
    found = layout("lon,lat,temp\ndeg,deg,degC\n1,2,3\n4,5,6\n")
    assert [column.name for column in found.columns] == ["lon", "lat", "temp"]
    assert all(column.numeric for column in found.columns)
    assert found.skip == 2
    assert "taken for units: deg, deg, degC" in found.notes[0]
    assert not layout("a,b,c\nx,y,z\nq,1,2\nr,3,4\n").units  # names in the rows themselves


@pytest.mark.parametrize(
    ("text", "thousands"),
    [
        ("a;b\n1,234;5\n987;6\n", True),
        ("a;b\n1,234;0,5\n2,345;6\n", False),
        ('a,b\n"1,234",5\n"987",6\n', True),
        ("a;b\n1,234,567;5\n1,000;6\n", True),
        ("a;b\n1,234.5;5\n2,345.5;6\n", True),
        ("a;b\n1,23;5\n9;6\n", False),
        ("a;b\n1,234;5\n2,345;6\n", False),
    ],
)
def test_commas_that_group_thousands(text: str, thousands: bool) -> None:
    found = layout(text)
    assert found.thousands is thousands
    assert found.decimal == ("." if thousands else ",")


def test_names_that_repeat_are_numbered() -> None:
    assert names("x,y,x,x\n1,2,3,4\n5,6,7,8\n") == ["x", "y", "x (2)", "x (3)"]
