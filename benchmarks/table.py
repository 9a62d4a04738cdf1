"""A CSV of finished runs that an interrupted benchmark goes on from."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from fourierfield.grids._files import atomic_write

Row = dict[str, str]


class Table:
    """Rows told apart by their ``keys``; every ``add`` rewrites the file atomically."""

    def __init__(self, path: Path, keys: tuple[str, ...]) -> None:
        self.path, self.keys = path, keys
        self.rows: list[Row] = []
        if path.exists():
            with open(path, newline="") as file:
                self.rows = list(csv.DictReader(file))

    def has(self, wanted: Row) -> bool:
        """Whether a row with these keys is there."""
        return any(all(row[key] == wanted[key] for key in self.keys) for row in self.rows)

    def add(self, row: Row) -> None:
        """Append a row and write the file."""
        self.rows.append(row)
        buffer = io.StringIO()
        writer = csv.DictWriter(buffer, list(row), lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows)
        atomic_write(self.path, buffer.getvalue().encode())
        print(", ".join(f"{name} {value}" for name, value in row.items()), flush=True)
