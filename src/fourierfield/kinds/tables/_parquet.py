"""Read tables in Parquet files, of which only the columns that are asked for are loaded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import FourierFieldError, SignalError
from ._columns import Column
from ._container import check_rows
from ._text import not_numbers

PARQUET_MAGIC = b"PAR1"
_INDEX = "__index_level_"  # the beginning of pandas' names for row numbers that it keeps


@dataclass(frozen=True)
class ParquetTable:
    """A Parquet file whose schema has been read."""

    path: Path
    columns: tuple[Column, ...]
    rows: int
    notes: tuple[str, ...] = ()

    @classmethod
    def open(cls, path: Path) -> ParquetTable:
        """Read the schema of a file; raise ``SignalError`` if it is damaged."""
        import pyarrow.parquet

        with _one_line_errors(path), pyarrow.parquet.ParquetFile(path) as file:
            columns = tuple(
                Column(field.name, _is_numeric(field.type), "has no name" if field.name.startswith(_INDEX) else "")
                for field in file.schema_arrow
            )
            return cls(path, columns, file.metadata.num_rows)

    def read(self, positions: Sequence[int]) -> np.ndarray:
        """Read the columns at ``positions`` (from 0), (N, k) float64; null is NaN."""
        import pyarrow.parquet

        check_rows(self.rows, len(positions), str(self.path))
        names = [self.columns[place].name for place in positions]
        with _one_line_errors(self.path), pyarrow.parquet.ParquetFile(self.path) as file:
            self._refuse_others(file, positions)
            batches = [
                np.column_stack([_numbers(batch.column(name)) for name in names])
                for batch in file.iter_batches(columns=names)
            ]
        return np.concatenate(batches) if batches else np.empty((0, len(names)))

    def _refuse_others(self, file: Any, positions: Sequence[int]) -> None:
        for place in positions:
            column = self.columns[place]
            if not column.numeric:
                raise self._no_number(file, column.name, str(file.schema_arrow.field(place).type))
            if [other.name for other in self.columns].count(column.name) > 1:
                raise SignalError(f"{self.path} has several columns named {column.name}; give each its own name")

    def _no_number(self, file: Any, name: str, kind: str) -> SignalError:
        first = 0
        for batch in file.iter_batches(columns=[name]):
            values = batch.column(0)
            row = next((row for row, value in enumerate(values) if value.is_valid), None)
            if row is not None:
                return not_numbers(name, f"{values[row].as_py()!r} ({kind})", first + row, str(self.path))
            first += len(values)
        return SignalError(f"{self.path}: {name} holds no value at all; choose other columns")


def _is_numeric(kind: Any) -> bool:
    from pyarrow import types

    tests = (types.is_integer, types.is_floating, types.is_decimal, types.is_boolean)
    return any(test(kind) for test in tests)


def _numbers(values: Any) -> np.ndarray:
    import pyarrow

    if pyarrow.types.is_boolean(values.type):
        values = values.cast(pyarrow.uint8())
    return values.cast(pyarrow.float64(), safe=False).to_numpy(zero_copy_only=False)


@contextmanager
def _one_line_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except FourierFieldError:
        raise
    except FileNotFoundError:
        raise SignalError(f"{path} does not exist; check the name and the folder") from None
    except Exception as problem:  # Arrow raises nearly anything on damaged files
        reason = " ".join(str(problem).split())[:200]
        raise SignalError(f"{path} cannot be read as Parquet: {reason}; it is damaged or cut off") from problem
