"""How a text file holds a table, from its first lines: delimiter, header, decimal mark, which columns are numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...errors import SignalError
from .columns import Column
from .fields import best_split, decimal_mark, is_number, number_columns, split_line, usual_width

__all__ = ["Layout", "is_plausible", "layout_of"]

_MOST_LINES = 1000
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


@dataclass(frozen=True)
class Layout:
    """A table's form. ``delimiter`` None stands for white space; ``skip`` lines come before the data.

    ``header`` holds the names as they stand in the first line (none without one), and ``header_fits`` says whether
    they match the columns. Of the ``rows`` that were looked at, the share ``regular`` has as many fields as there are
    columns, and a line has ``line_bytes`` on average.
    """

    delimiter: str | None
    columns: tuple[Column, ...]
    skip: int
    decimal: str
    encoding: str
    header: tuple[str, ...]
    header_fits: bool
    rows: int
    regular: float
    line_bytes: float

    @property
    def width(self) -> int:
        """Fields per row."""
        return len(self.columns)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was assumed that may be wrong."""
        return ("commas are taken for decimal marks",) if self.decimal == "," else ()


def layout_of(head: bytes, complete: bool, label: str) -> Layout:
    """The layout of a table that begins with ``head``, which is ``complete`` or ends anywhere.

    Raises ``SignalError`` where the beginning is no text, or holds no rows of at least two fields with numbers.
    """
    text, encoding = _decoded(head, label)
    comments, body = _lines(text, complete, label)
    delimiter, rows = best_split([line for _, line in body], label)
    header = rows[0] if _has_header(rows, delimiter) else []
    data = rows[1:] if header else rows
    width = usual_width(data) if data else len(header)
    regular = [row for row in data if len(row) == width]
    fitting = _fitting(header, regular, width, delimiter) if header else _names_in_comment(comments, width, delimiter)
    return Layout(
        delimiter,
        _columns(fitting or [""] * width, number_columns(regular, width, delimiter)),
        body[0][0] if header else body[0][0] - 1,
        decimal_mark(regular, delimiter),
        encoding,
        tuple(header),
        not header or bool(fitting),
        len(data),
        len(regular) / max(1, len(data)),
        sum(len(line.encode(encoding, "replace")) + 1 for _, line in body) / len(body),
    )


def _lines(text: str, complete: bool, label: str) -> tuple[list[str], list[tuple[int, str]]]:
    """The comments before the data, and the first lines of the table with their numbers from 1."""
    lines = text.split("\n")
    if not complete and len(lines) > 1:
        lines.pop()  # it may be cut off
    elif not complete:
        raise SignalError(f"{label} is no table: its first line has more than {len(text):,} characters; check the file")
    body = [(number, line) for number, line in enumerate(lines, 1) if line.strip() and not _is_comment(line)]
    if not body:
        raise SignalError(f"{label} holds no rows of data; give a table with at least two points")
    return [line for line in lines[: body[0][0] - 1] if line.strip()], body[:_MOST_LINES]


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")


def _decoded(head: bytes, label: str) -> tuple[str, str]:
    if not head:
        raise SignalError(f"{label} is empty (0 bytes); give a file with data")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SignalError(f"{label} is UTF-16 text; save it as UTF-8")
    if _CONTROL.search(head):
        raise SignalError(f"{label} is no table: it holds binary data; give CSV, text in columns, or Parquet")
    if b"\r" in head and b"\n" not in head:
        raise SignalError(f"{label} ends its lines by carriage returns alone; save it with line feeds")
    try:
        return head.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError as problem:
        cut_off = problem.reason == "unexpected end of data"
        return (head[: problem.start].decode("utf-8-sig"), "utf-8") if cut_off else (head.decode("latin-1"), "latin-1")


def _has_header(rows: list[list[str]], delimiter: str | None) -> bool:
    """Whether the first row names columns: few of its fields are numbers, and one stands above numbers."""
    first, others = rows[0], rows[1:]
    numbers = [is_number(field, delimiter) for field in first]
    if not others:
        return not any(numbers)
    if 2 * sum(numbers) >= len(first):
        return False
    width = usual_width(others)
    below = number_columns(others, width, delimiter)
    if len(first) != width:
        return not any(numbers)
    return any(numeric and not number for numeric, number in zip(below, numbers, strict=True))


def _fitting(header: list[str], rows: list[list[str]], width: int, delimiter: str | None) -> list[str]:
    """A name per column from the header, or none where it does not match the rows."""
    missing = width - len(header)
    if missing == -1 and not header[-1]:
        return header[:-1]  # the header ends in a delimiter, the rows do not
    if missing == 1 and rows and not any(row[-1] for row in rows):
        return [*header, ""]  # the other way round
    if missing == 1 and delimiter in (None, "\t"):
        return ["", *header]  # R's row names
    return header if missing == 0 else []


def _names_in_comment(comments: list[str], width: int, delimiter: str | None) -> list[str]:
    """Names in the last comment before the data ("# x y value"), as numpy.savetxt writes them, or none."""
    names = split_line(comments[-1].lstrip().lstrip("#").strip(), delimiter) if comments else []
    fit = len(names) == width and all(name and not is_number(name, delimiter) for name in names)
    return names if fit else []


def _columns(names: list[str], numeric: list[bool]) -> tuple[Column, ...]:
    return tuple(
        Column(name or f"column {place}", numbers, counts_rows=place == 1 and not name and any(names))
        for place, (name, numbers) in enumerate(zip(names, numeric, strict=True), 1)
    )


def is_plausible(layout: Layout) -> bool:
    """Whether text of this layout is a table rather than prose, source code or another format made of text."""
    numeric = sum(column.numeric for column in layout.columns)
    if numeric < 2 or layout.regular < 0.5:
        return False
    if layout.delimiter is None:
        return _are_columns_of_text(layout, numeric)
    return layout.header_fits or layout.regular > 0.9


def _are_columns_of_text(layout: Layout, numeric: int) -> bool:
    """Stricter where white space delimits: logs, meshes and lists of all kinds are words and numbers in lines."""
    digits = any(name[0].isdigit() for name in layout.header if name)
    if digits or not layout.header_fits or layout.regular < 0.8:
        return False
    return numeric >= len(layout.header or layout.columns) or len(layout.header) == layout.width
