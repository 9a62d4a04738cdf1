"""Parquet: every type of number, nulls, and columns that are none."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas
import pyarrow
import pyarrow.parquet
import pytest

from fourierfield.errors import SignalError
from fourierfield.kinds.tables._parquet import ParquetTable
from fourierfield.kinds.tables._read import read_table


def write(path: Path, **columns: pyarrow.Array) -> Path:
    pyarrow.parquet.write_table(pyarrow.table(columns), path, row_group_size=2)
    return path


NUMBERS = {
    "small": pyarrow.array([1, 2, None], pyarrow.int8()),
    "large": pyarrow.array([2**62 + 1, 5, 6], pyarrow.int64()),
    "half": pyarrow.array([0.5, 1.5, np.nan], pyarrow.float32()),
    "exact": pyarrow.array([Decimal("1.25"), None, Decimal("2.50")], pyarrow.decimal128(9, 2)),
    "flag": pyarrow.array([True, False, None]),
}


def test_every_type_of_number_is_read(tmp_path: Path) -> None:
    table = ParquetTable.open(write(tmp_path / "a.parquet", name=pyarrow.array(["a", "b", "c"]), **NUMBERS))
    assert [(column.name, column.numeric) for column in table.columns] == [("name", False)] + [
        (name, True) for name in NUMBERS
    ]
    expected = [[1, 2.0**62, 0.5, 1.25, 1], [2, 5, 1.5, np.nan, 0], [np.nan, 6, np.nan, 2.5, np.nan]]
    np.testing.assert_array_equal(table.read([1, 2, 3, 4, 5]), expected)
    np.testing.assert_array_equal(table.read([3, 1]), np.array(expected)[:, [2, 0]])


def test_the_row_numbers_of_pandas_are_left_out(tmp_path: Path) -> None:
    frame = pandas.DataFrame({"x": [0.0, 1.0, 2.0], "t": [1.0, 2.0, 4.0]})
    frame[frame.t != 2].to_parquet(tmp_path / "a.parquet", index=True)
    signal = read_table(tmp_path / "a.parquet")
    assert (signal.placement.names, signal.outputs) == (("x",), ("t",))


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        (pyarrow.array([None, None, "Oslo"]), r"s holds 'Oslo' \(string\) in row 3 of the data"),
        (pyarrow.array([1, 2, 3], pyarrow.timestamp("s")), r"s holds datetime.* \(timestamp\[.*\]\) in row 1"),
        (pyarrow.array([None] * 3, pyarrow.string()), "s holds no value at all"),
    ],
)
def test_other_types_are_refused_with_their_first_value(tmp_path: Path, column: pyarrow.Array, reason: str) -> None:
    path = write(tmp_path / "a.parquet", s=column, x=pyarrow.array([1.0, 2, 3]))
    with pytest.raises(SignalError, match=reason) as caught:
        read_table(path, ["x"], ["s"])
    assert "\n" not in str(caught.value)


def test_two_columns_of_one_name_cannot_be_told_apart(tmp_path: Path) -> None:
    columns = [pyarrow.array([1.0, 2]), pyarrow.array([3.0, 4])]
    pyarrow.parquet.write_table(pyarrow.Table.from_arrays(columns, names=["a", "a"]), tmp_path / "a.parquet")
    with pytest.raises(SignalError, match="several columns named a"):
        read_table(tmp_path / "a.parquet")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SignalError, match="does not exist"):
        ParquetTable.open(tmp_path / "absent.parquet")
