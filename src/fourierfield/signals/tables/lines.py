"""Blocks of a text file in which every line has as many fields as the table has columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from operator import methodcaller
from typing import IO

from ...errors import SignalError
from .fields import split_line
from .layout import Layout

__all__ = ["whole_rows"]

_BLOCK = 1 << 22
_LONGEST = 1 << 26  # bytes: a line that is longer belongs to no table
_LONGEST_QUOTE = 100_000  # bytes: a quote that goes on for longer was never closed
_BOM = b"\xef\xbb\xbf"


def whole_rows(stream: IO[bytes], layout: Layout, label: str, block_bytes: int = _BLOCK) -> Iterator[bytes]:
    """The lines of data in ``stream``, in blocks; comments and empty lines are left out.

    pandas fills up short lines, and cuts off long ones where it reads some columns alone; here either raises
    ``SignalError`` with the number of the line.
    """
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
    """Pieces of the stream that end where a line does, each with its last newline."""
    rest: list[bytes] = []
    while piece := stream.read(size):
        cut = piece.rfind(b"\n") + 1
        if cut:
            yield b"".join([*rest, piece[:cut]])
            rest = []
        rest.append(piece[cut:])
        if sum(map(len, rest)) > _LONGEST:
            raise SignalError(f"{label} is no table: a line is longer than {_LONGEST >> 20} MB; check the file")
    last = b"".join(rest)
    if last:
        yield last + b"\n"


def _checked(block: bytes, layout: Layout, number: int, label: str) -> tuple[bytes, bytes]:
    """The rows of a block whose first line has ``number``, and the beginning of a row that goes on beyond it."""
    lines = block.split(b"\n")[:-1]
    if b'"' not in block and b"#" not in block and _all_regular(lines, layout):
        return block, b""
    rows: list[bytes] = []
    row = b""  # as far as it has come: a quoted field may hold ends of lines
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
    """Whether each line has as many fields as there are columns, told fast where nothing is quoted."""
    if layout.delimiter is None:
        return set(map(len, map(bytes.split, lines))) == {layout.width}
    return set(map(methodcaller("count", layout.delimiter.encode()), lines)) == {layout.width - 1}


def _plain_fields(line: bytes, layout: Layout) -> int:
    return len(line.split()) if layout.delimiter is None else line.count(layout.delimiter.encode()) + 1


def _fields(row: bytes, layout: Layout) -> int | None:
    """The number of fields, or None where a quote is open at the end."""
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
    return SignalError(f"{label}: a quote that opens in line {number:,} is never closed; close it or take it out")


def _ragged(number: int, fields: int, layout: Layout, label: str) -> SignalError:
    found = f"{fields} field{'s' if fields > 1 else ''}"
    return SignalError(
        f"{label}: line {number:,} has {found} where the table has {layout.width} columns; mend it, or quote text that "
        f"holds the delimiter"
    )
