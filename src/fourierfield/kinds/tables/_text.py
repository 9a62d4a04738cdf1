"""Read tables in text, in blocks of whole rows, so that a large file is never held as text."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import methodcaller
from pathlib import Path
from typing import IO, Any

import numpy as np

from ...errors import SignalError
from ._columns import Column
from ._container import check_rows, head_of, open_text, unpacked_bytes
from ._layout import MISSING, Layout, layout_of, split_line

_BLOCK = 1 << 22  # bytes read at a time; bounds memory
_LONGEST = 1 << 26  # bytes: a line that is longer is not part of a table
_LONGEST_QUOTE = 100_000  # bytes: a quote that continues for longer was never closed
_FORTRAN = re.compile(r"^([+-]?[\d.]+)[dD]([+-]?\d+)$")  # exponents in double precision
_BOM = b"\xef\xbb\xbf"


def whole_rows(stream: IO[bytes], layout: Layout, label: str, block_bytes: int = _BLOCK) -> Iterator[bytes]:
    """Yield data lines in blocks, without comments; refuse lines that pandas would fill up or cut off."""
    if stream.read(len(_BOM)) != _BOM:
        stream.seek(0)
    for _ in range(layout.skip):
        stream.readline()
    number, rest = layout.skip + 1, b""
    for lines in _blocks(stream, label, block_bytes):
        block = rest + lines
        rows, rest = _checked(block, layout, number, label)
        number += block.count(b"\n") - rest.count(b"\n")
        if rows:
            yield rows
    if rest:
        raise _unclosed(number, label)


def _blocks(stream: IO[bytes], label: str, size: int) -> Iterator[bytes]:
    """Yield pieces of the stream that end where a line does, each with its last newline."""
    rest: list[bytes] = []
    while piece := stream.read(size):
        cut = piece.rfind(b"\n") + 1
        if cut:
            yield b"".join([*rest, piece[:cut]])
            rest = []
        rest.append(piece[cut:])
        if sum(map(len, rest)) > _LONGEST:
            raise SignalError(f"{label} is not a table: a line is longer than {_LONGEST >> 20} MB; check the file")
    last = b"".join(rest)
    if last:
        yield last + b"\n"


def _checked(block: bytes, layout: Layout, number: int, label: str) -> tuple[bytes, bytes]:
    """Return the rows of a block whose first line is ``number``, and the beginning of a row that goes on beyond it."""
    lines = block.split(b"\n")[:-1]
    if b'"' not in block and b"#" not in block and _all_regular(lines, layout):
        return block, b""
    rows: list[bytes] = []
    row = b""  # the row so far: a quoted field may contain line breaks
    for at, line in enumerate(lines, number):
        if not row and (not line.strip() or line.lstrip().startswith(b"#")):
            continue
        goes_on = bool(row) and b'"' not in line
        row += line + b"\n"
        fields = None if goes_on else _fields(row, layout)
        if fields is None:
            if len(row) > _LONGEST_QUOTE:
                raise _unclosed(at - row.count(b"\n") + 1, label)
            continue
        if fields != layout.width:
            raise _ragged(at, fields, layout, label)
        rows.append(row)
        row = b""
    return b"".join(rows), row


def _all_regular(lines: list[bytes], layout: Layout) -> bool:
    """Return whether each line has as many fields as there are columns, by a fast test for lines without quotes."""
    if layout.delimiter is None:
        return set(map(len, map(bytes.split, lines))) == {layout.width}
    return set(map(methodcaller("count", layout.delimiter.encode()), lines)) == {layout.width - 1}


def _plain_fields(line: bytes, layout: Layout) -> int:
    return len(line.split()) if layout.delimiter is None else line.count(layout.delimiter.encode()) + 1


def _fields(row: bytes, layout: Layout) -> int | None:
    """Return the number of fields, or None if a quote is open at the end."""
    if b'"' not in row:
        return _plain_fields(row, layout)
    text = row.decode("latin-1")
    if layout.delimiter is None:
        text = " ".join(text.split())
    delimiter = layout.delimiter or " "
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True)
        return len(next(rows))
    except csv.Error as problem:
        if "unexpected end" in str(problem):
            return None
    return len(split_line(text.replace("\n", " "), layout.delimiter))  # quotes in the middle of a field


def _unclosed(number: int, label: str) -> SignalError:
    return SignalError(f"{label}: a quote that opens in line {number:,} is never closed; close it or remove it")


def _ragged(number: int, fields: int, layout: Layout, label: str) -> SignalError:
    found = f"{fields} field{'s' if fields > 1 else ''}"
    return SignalError(
        f"{label}: line {number:,} has {found} where the table has {layout.width} columns; correct it, or quote text "
        f"that contains the delimiter"
    )


_HEAD = 1 << 16  # bytes that the layout is detected from


@dataclass(frozen=True)
class TextTable:
    """A table in a text file, compressed or not, whose first lines have been read."""

    path: Path
    layout: Layout

    @classmethod
    def open(cls, path: Path) -> TextTable:
        """Read the first lines of a file; raise ``SignalError`` if it does not begin like a table."""
        head, complete = head_of(path, _HEAD)
        return cls(path, layout_of(head, complete, str(path)))

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of the file."""
        return self.layout.columns

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes on what was assumed."""
        return self.layout.notes

    def read(self, positions: Sequence[int]) -> np.ndarray:
        """Read the columns at ``positions`` (from 0), (N, k) float64; an empty cell is NaN."""
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
        """Return the numbers of a block of whole rows, with ``before`` rows in front of it."""
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
            thousands="," if self.layout.thousands else None,
            encoding=self.layout.encoding,
            encoding_errors="replace",
            low_memory=False,
        )
        return np.column_stack([self._numbers(frame[place], place, before) for place in positions])

    def _numbers(self, series: Any, place: int, before: int) -> np.ndarray:
        import pandas

        if series.dtype.kind in "iuf":
            return series.to_numpy(dtype=np.float64)
        series = series.astype("string").str.replace(_FORTRAN, r"\1e\2", regex=True)
        numbers = pandas.to_numeric(series, errors="coerce")
        bad = np.flatnonzero((numbers.isna() & series.notna()).to_numpy())
        if len(bad):
            row = int(bad[0])
            raise not_numbers(self.columns[place].name, repr(str(series.iloc[row])), before + row, str(self.path))
        return numbers.to_numpy(dtype=np.float64, na_value=np.nan)


def not_numbers(column: str, value: str, row: int, label: str) -> SignalError:
    """Return the error for a chosen column that holds ``value`` in row ``row`` (from 0) of the data."""
    return SignalError(
        f"{label}: {column} holds {value} in row {row + 1:,} of the data, which is not a number; choose other columns, "
        f"or leave the cell empty"
    )
