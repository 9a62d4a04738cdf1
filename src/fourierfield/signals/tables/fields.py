"""Fields of a table's lines: which delimiter makes sense of them, and which are numbers."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence

from ...errors import SignalError

__all__ = ["MISSING", "best_split", "decimal_mark", "is_number", "number_columns", "split_line", "usual_width"]

MISSING = (
    *("", "NA", "N/A", "n/a", "na", "NaN", "nan", "NAN", "-nan", "NULL", "Null", "null", "None", "none"),
    *("<NA>", "#N/A", "#NA", "#VALUE!", "#DIV/0!"),
)
_DELIMITERS = ("\t", ";", ",", "|", None)  # None is any white space; the first of equals is taken
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?inf(inity)?", re.IGNORECASE)


def split_line(line: str, delimiter: str | None) -> list[str]:
    """The fields of a line, quotes taken off.

    >>> split_line('"Oslo, centre", 59.9', ","), split_line("  1.5  2 ", None)
    (['Oslo, centre', '59.9'], ['1.5', '2'])
    """
    line = line.rstrip("\r").replace("\r", " ")  # csv takes a carriage return for the end of the line
    if delimiter is None:
        if '"' not in line:
            return line.split()
        line, delimiter = " ".join(line.split()), " "
    return [field.strip() for field in next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])]


def is_number(field: str, delimiter: str | None) -> bool:
    """Whether a field is a number; a decimal comma counts where commas do not delimit."""
    if delimiter != "," and field.count(",") == 1:
        field = field.replace(",", ".")
    return _NUMBER.fullmatch(field) is not None


def best_split(lines: Sequence[str], label: str) -> tuple[str | None, list[list[str]]]:
    """The delimiter by which most rows have as many fields as most, and most fields are numbers."""
    best, best_score, best_rows = None, 0.0, []
    for delimiter in _DELIMITERS:
        rows = [split_line(line, delimiter) for line in lines]
        score = _score(rows, delimiter)
        if score > best_score:
            best, best_score, best_rows = delimiter, score, rows
    if not best_rows:
        raise SignalError(
            f"{label} is no table: its lines hold no columns of numbers; give CSV, text in columns, or Parquet"
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
    """How many fields most rows have."""
    return Counter(map(len, rows)).most_common(1)[0][0]


def number_columns(rows: list[list[str]], width: int, delimiter: str | None) -> list[bool]:
    """Columns most of whose values are numbers, so that one stray word is found and named when the table is read."""
    numeric = []
    for column in range(width):
        present = [row[column] for row in rows if len(row) == width and row[column] not in MISSING]
        numeric.append(2 * sum(is_number(field, delimiter) for field in present) > len(present))
    return numeric


def decimal_mark(rows: list[list[str]], delimiter: str | None) -> str:
    """A comma where some numbers have one and none has a point."""
    fields = [field for row in rows for field in row if is_number(field, delimiter)]
    commas = any("," in field for field in fields) and not any("." in field for field in fields)
    return "," if commas else "."
