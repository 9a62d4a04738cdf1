"""Detect how a text file holds a table, from its first lines: delimiter, header, decimal mark, columns of numbers."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ...errors import SignalError
from ._columns import Column

# cells that stand for a missing value
MISSING = (
    *("", "NA", "N/A", "n/a", "na", "NaN", "nan", "NAN", "-nan", "NULL", "Null", "null", "None", "none"),
    *("<NA>", "#N/A", "#NA", "#VALUE!", "#DIV/0!"),
)
_DELIMITERS = ("\t", ";", ",", "|", None)  # None is any white space; of equally good ones the first is taken
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")  # thousands by commas, in quotes where commas delimit
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eEdD][+-]?\d+)?|[+-]?inf(inity)?", re.IGNORECASE)


def split_line(line: str, delimiter: str | None) -> list[str]:
    """Split a line into its fields, without their quotes.

    >>> split_line('"Oslo, centre", 59.9', ","), split_line("  1.5  2 ", None)
    (['Oslo, centre', '59.9'], ['1.5', '2'])
    """
    line = line.rstrip("\r").replace("\r", " ")  # csv takes a carriage return to be the end of the line
    if delimiter is None:
        if '"' not in line:
            return line.split()
        line, delimiter = " ".join(line.split()), " "
    return [field.strip() for field in next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])]


def is_number(field: str, delimiter: str | None) -> bool:
    """Return whether a field is a number; a decimal comma is allowed if commas do not delimit.

    >>> is_number("1,5", ";"), is_number("1,234.5", ","), is_number("1.5D-03", None), is_number("1,5", ",")
    (True, True, True, False)
    """
    if _GROUPED.fullmatch(field):
        return True
    if delimiter != "," and field.count(",") == 1:
        field = field.replace(",", ".")
    return _NUMBER.fullmatch(field) is not None


def best_split(lines: Sequence[str], label: str) -> tuple[str | None, list[list[str]]]:
    """Return the delimiter that makes most rows equally long and most fields numbers, and the rows split by it."""
    best, best_score, best_rows = None, 0.0, []
    for delimiter in _DELIMITERS:
        rows = [split_line(line, delimiter) for line in lines]
        score = _score(rows, delimiter)
        if score > best_score:
            best, best_score, best_rows = delimiter, score, rows
    if not best_rows:
        raise SignalError(
            f"{label} is not a table: its lines hold no columns of numbers; give CSV, text in columns, or Parquet"
        )
    return best, best_rows


def _score(rows: list[list[str]], delimiter: str | None) -> float:
    width = usual_width(rows)
    if width < 2:
        return 0.0
    if len(rows) == 1:
        return float(width)  # a header by itself, or a single row
    regular = [row for row in rows if len(row) == width]
    fields = [field for row in rows[1:] if len(row) == width for field in row if field not in MISSING]
    numbers = sum(is_number(field, delimiter) for field in fields)
    return len(regular) / len(rows) * numbers / max(1, len(fields))


def usual_width(rows: Sequence[Sequence[str]]) -> int:
    """Return how many fields most rows have."""
    return Counter(map(len, rows)).most_common(1)[0][0]


def number_columns(rows: list[list[str]], width: int, delimiter: str | None) -> list[bool]:
    """Return for each column whether most values are numbers; a stray word is named when the table is read."""
    numeric = []
    for column in range(width):
        present = [row[column] for row in rows if len(row) == width and row[column] not in MISSING]
        numeric.append(2 * sum(is_number(field, delimiter) for field in present) > len(present))
    return numeric


def decimal_mark(rows: list[list[str]], delimiter: str | None) -> str:
    """Return a comma if some numbers have one and none has a point or thousands by commas, otherwise a point."""
    fields = [field for row in rows for field in row if is_number(field, delimiter)]
    commas = any("," in field for field in fields) and not any("." in field for field in fields)
    return "," if commas and not groups_thousands(rows, delimiter) else "."


def groups_thousands(rows: list[list[str]], delimiter: str | None) -> bool:
    """Return whether commas group thousands: all groups have three digits, and something rules a decimal mark out.

    That is a delimiting comma, a decimal point, two groups, or whole numbers without a comma, all below a thousand.

    >>> groups_thousands([["1,234", "5"], ["987", "6"]], ";"), groups_thousands([["1,234"], ["0,5"]], ";")
    (True, False)
    """
    columns = [[field for field in column if is_number(field, delimiter)] for column in zip(*rows, strict=False)]
    grouped = [column for column in columns if any("," in field for field in column)]
    fields = [field for column in grouped for field in column]
    if not fields or not all(_GROUPED.fullmatch(field) for field in fields if "," in field):
        return False
    plain = [field for field in fields if "," not in field]
    small = bool(plain) and all(re.fullmatch(r"[+-]?\d{1,3}", field) for field in plain)
    return delimiter == "," or small or any("." in field or field.count(",") > 1 for field in fields)


_MOST_LINES = 1000  # lines that the layout is detected from; bounds the work
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


@dataclass(frozen=True)
class Layout:
    """The form of a table in text.

    ``delimiter`` None stands for white space; ``skip`` lines come before the data. ``header`` holds the names as they
    stand in the first line (none without a header), and ``header_fits`` says whether they match the columns. Of the
    ``rows`` that were examined, the share ``regular`` has as many fields as there are columns, and a line has
    ``line_bytes`` on average. ``thousands`` says that commas group digits, and ``units`` is a line below the names.
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
    thousands: bool = False
    units: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """The number of fields per row."""
        return len(self.columns)

    @property
    def notes(self) -> tuple[str, ...]:
        """Assumptions that may be wrong."""
        commas = ("commas are taken for decimal marks",) if self.decimal == "," else ()
        thousands = ("commas are taken to group thousands",) if self.thousands else ()
        units = (f"the line under the names is taken for units: {', '.join(self.units)}",) if self.units else ()
        return (*commas, *thousands, *units)


def layout_of(head: bytes, complete: bool, label: str) -> Layout:
    """Return the layout of a table that begins with ``head``, which is ``complete`` or ends anywhere."""
    text, encoding = _decoded(head, label)
    comments, body = _lines(text, complete, label)
    delimiter, rows = best_split([line for _, line in body], label)
    header = rows[0] if _has_header(rows, delimiter) else []
    data = rows[1:] if header else rows
    units = data[0] if header and _are_units(data, delimiter) else []
    data = data[1:] if units else data
    width = usual_width(data) if data else len(header)
    regular = [row for row in data if len(row) == width]
    fitting = _fitting(header, regular, width, delimiter) if header else _names_in_comment(comments, width, delimiter)
    return Layout(
        delimiter,
        _columns(fitting or [""] * width, number_columns(regular, width, delimiter), regular),
        body[bool(units)][0] if header else body[0][0] - 1,
        decimal_mark(regular, delimiter),
        encoding,
        tuple(header),
        not header or bool(fitting),
        len(data),
        len(regular) / max(1, len(data)),
        sum(len(line.encode(encoding, "replace")) + 1 for _, line in body) / len(body),
        groups_thousands(regular, delimiter),
        tuple(units),
    )


def _lines(text: str, complete: bool, label: str) -> tuple[list[str], list[tuple[int, str]]]:
    """Return the comments before the data, and the first lines of the table with their numbers from 1."""
    lines = text.split("\n")
    if not complete and len(lines) > 1:
        lines.pop()  # it may be cut off
    elif not complete:
        raise SignalError(
            f"{label} is not a table: its first line has more than {len(text):,} characters; check the file"
        )
    body = [(number, line) for number, line in enumerate(lines, 1) if line.strip() and not _is_comment(line)]
    if not body:
        raise SignalError(f"{label} holds no rows of data; give a table with at least two points")
    return [line for line in lines[: body[0][0] - 1] if line.strip()], body[:_MOST_LINES]


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#") or _SEPARATOR.fullmatch(line) is not None


_SEPARATOR = re.compile(r'"?sep=."?\s*', re.IGNORECASE)  # the first line of what Excel exports


def _decoded(head: bytes, label: str) -> tuple[str, str]:
    if not head:
        raise SignalError(f"{label} is empty (0 bytes); give a file with data")
    if _CONTROL.search(head):
        raise SignalError(f"{label} is not a table: it holds binary data; give CSV, text in columns, or Parquet")
    if b"\r" in head and b"\n" not in head:
        raise SignalError(f"{label} ends its lines with carriage returns alone; save it with line feeds")
    try:
        return head.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError as problem:
        cut_off = problem.reason == "unexpected end of data"
        return (head[: problem.start].decode("utf-8-sig"), "utf-8") if cut_off else (head.decode("latin-1"), "latin-1")


def _has_header(rows: list[list[str]], delimiter: str | None) -> bool:
    """Return whether the first row names columns: few of its fields are numbers, and one stands above numbers."""
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


def _are_units(rows: list[list[str]], delimiter: str | None) -> bool:
    """Return whether the first row holds no number, above rows of as many fields that have some."""
    if len(rows) < 2 or len(rows[0]) != usual_width(rows) or not any(rows[0]):
        return False
    if any(is_number(field, delimiter) for field in rows[0]):
        return False
    numeric = number_columns(rows[1:], len(rows[0]), delimiter)
    return all(numeric) and all(field not in MISSING or not field for field in rows[0])


def _fitting(header: list[str], rows: list[list[str]], width: int, delimiter: str | None) -> list[str]:
    """Return a name per column from the header, or an empty list if it does not match the rows."""
    missing = width - len(header)
    if missing == -1 and not header[-1]:
        return header[:-1]  # the header ends in a delimiter, the rows do not
    if missing == 1 and rows and not any(row[-1] for row in rows):
        return [*header, ""]  # the rows end in a delimiter, the header does not
    if missing == 1 and delimiter in (None, "\t"):
        return ["", *header]  # row names without a header, as R writes them
    return header if missing == 0 else []


def _names_in_comment(comments: list[str], width: int, delimiter: str | None) -> list[str]:
    """Return the names in the last comment before the data ("# x y value", as numpy.savetxt writes them), or []."""
    names = split_line(comments[-1].lstrip().lstrip("#").strip(), delimiter) if comments else []
    names = [name.strip(" ,;") for name in names]  # "# lon, lat, depth" may stand above rows of white space
    fit = len(names) == width and all(name and not is_number(name, delimiter) for name in names)
    return names if fit else []


def _columns(names: list[str], numeric: list[bool], rows: list[list[str]]) -> tuple[Column, ...]:
    found: list[Column] = []
    for place, (given, numbers) in enumerate(zip(names, numeric, strict=True), 1):
        name = given.strip(" ,;") if given else ""
        why = "has no name" if place == 1 and not name and any(names) else ""
        if numbers and not why:
            why = why_no_input(name, [row[place - 1] for row in rows])
        name = name or f"column {place}"
        repeated = sum(column.name.split(" (")[0] == name for column in found)
        found.append(Column(f"{name} ({repeated + 1})" if repeated else name, numbers, why))
    return tuple(found)


_NAMES_THINGS = re.compile(
    r"(row|station|site|sample|point|object|record|feature|wmo|usaf|well|plot|platform)?[ _.-]*"
    r"(id|ids|idx|index|no|nr|num|code|fid|gid|uid|uuid|identifier|#)",
    re.IGNORECASE,
)


def why_no_input(name: str, fields: Sequence[str]) -> str:
    """Return why a column of numbers is no coordinate unless asked for, by its name and first values; or "".

    >>> why_no_input("station_id", ["10384"]), why_no_input("row", ["1", "2", "3"]), why_no_input("x", ["1", "2"])
    ('names things', 'counts rows', '')
    """
    whole = all(re.fullmatch(r"[+-]?\d+", field) for field in fields if field not in MISSING)
    if whole and _NAMES_THINGS.fullmatch(name):
        return "names things"
    if name.lower() in ("row", "rows", "number", "n", "unnamed: 0", "obs", "obs.") and _counts(fields):
        return "counts rows"
    return ""


def _counts(fields: Sequence[str]) -> bool:
    """Return whether fields count from 0 or 1."""
    first = int(fields[0]) if fields and re.fullmatch(r"[01]", fields[0]) else None
    return first is not None and list(fields) == [str(first + k) for k in range(len(fields))]


def is_plausible(layout: Layout) -> bool:
    """Return whether text of this layout is a table rather than prose, source code or another format made of text."""
    numeric = sum(column.numeric for column in layout.columns)
    if numeric < 2 or layout.regular < 0.5:
        return False
    if layout.delimiter is None:
        return _are_columns_of_text(layout, numeric)
    return layout.header_fits or layout.regular > 0.9


def _are_columns_of_text(layout: Layout, numeric: int) -> bool:
    """Return whether text in columns is a table; stricter, as logs and meshes are words and numbers as well."""
    digits = any(name[0].isdigit() for name in layout.header if name)
    if digits or not layout.header_fits or layout.regular < 0.8:
        return False
    return numeric >= len(layout.header or layout.columns) or len(layout.header) == layout.width
