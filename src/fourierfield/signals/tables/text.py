"""Tables in text: read in blocks of lines, so that a large file is never held as text."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import SignalError
from .columns import Column
from .container import head_of, open_text, unpacked_bytes
from .fields import MISSING
from .layout import Layout, layout_of
from .lines import whole_rows
from .memory import check_rows

__all__ = ["TextTable", "not_numbers"]

_HEAD = 1 << 16


@dataclass(frozen=True)
class TextTable:
    """A table in a text file, compressed or not, of which the first lines have been read."""

    path: Path
    layout: Layout

    @classmethod
    def open(cls, path: Path) -> TextTable:
        """Raises ``SignalError`` where the file does not begin like a table."""
        head, complete = head_of(path, _HEAD)
        return cls(path, layout_of(head, complete, str(path)))

    @property
    def columns(self) -> tuple[Column, ...]:
        """What the file has."""
        return self.layout.columns

    @property
    def notes(self) -> tuple[str, ...]:
        """What was assumed."""
        return self.layout.notes

    def read(self, positions: Sequence[int]) -> np.ndarray:
        """The columns at ``positions`` (from 0), (N, k) float64; an empty cell is NaN.

        Raises ``SignalError`` for text in them and for lines with another number of fields, ``TooLargeError``.
        """
        if not self.layout.header_fits:
            raise SignalError(
                f"{self.path}: the header names {len(self.layout.header)} columns and the rows have "
                f"{self.layout.width}; give each column a name"
            )
        check_rows(int(unpacked_bytes(self.path) / self.layout.line_bytes), len(positions), str(self.path))
        blocks: list[np.ndarray] = []
        count = 0
        with open_text(self.path) as stream:
            for block in whole_rows(stream, self.layout, str(self.path)):
                blocks.append(self._parse(block, positions, count))
                count += len(blocks[-1])
                check_rows(count, len(positions), str(self.path))  # the estimate may have been too low
        return np.concatenate(blocks) if blocks else np.empty((0, len(positions)))

    def _parse(self, block: bytes, positions: Sequence[int], before: int) -> np.ndarray:
        """The numbers of a block of whole rows, ``before`` being the rows that came before it."""
        import pandas

        frame = pandas.read_csv(
            io.BytesIO(block),
            sep=self.layout.delimiter or r"\s+",
            header=None,
            names=range(self.layout.width),
            usecols=sorted(positions),
            index_col=False,
            na_values=list(MISSING),
            keep_default_na=False,
            skipinitialspace=True,
            decimal=self.layout.decimal,
            encoding=self.layout.encoding,
            encoding_errors="replace",
            low_memory=False,
        )
        return np.column_stack([self._numbers(frame[place], place, before) for place in positions])

    def _numbers(self, series: Any, place: int, before: int) -> np.ndarray:
        import pandas

        if series.dtype.kind in "iuf":
            return series.to_numpy(dtype=np.float64)
        numbers = pandas.to_numeric(series, errors="coerce")
        bad = np.flatnonzero((numbers.isna() & series.notna()).to_numpy())
        if len(bad):
            row = int(bad[0])
            raise not_numbers(self.columns[place].name, repr(str(series.iloc[row])), before + row, str(self.path))
        return numbers.to_numpy(dtype=np.float64, na_value=np.nan)


def not_numbers(column: str, value: str, row: int, label: str) -> SignalError:
    """What to say of a column that was chosen and holds ``value`` in row ``row`` (from 0) of the data."""
    return SignalError(
        f"{label}: {column} holds {value} in row {row + 1:,} of the data, which is no number; choose other columns, or "
        f"leave the cell empty"
    )
