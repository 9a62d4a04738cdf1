"""Values and derivatives of a field at the points of a CSV."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from ..errors import SettingsError
from ..grids._files import atomic_write, check_writable
from ..networks._field import Field
from ._kind import Say


def write_points(field: Field, points_file: Path, out: Path, *, gradient: bool, uncertainty: bool, say: Say) -> None:
    """Write a CSV row for each point: coordinates (or a table's columns), values, and what else is asked for."""
    if out.suffix.lower() != ".csv":
        raise SettingsError(f"{out}: values at points are written as .csv")
    check_writable(out)
    names, points = _read_points(points_file, field.domain.dimensions)
    channels = channel_names(field)
    coordinates, per_unit = points, np.ones(points.shape[1])
    if field.placement is not None:
        coordinates, per_unit = field.placement.to_coordinates(points), np.array(field.placement.factor)
    columns = [points, field(coordinates)]
    header = names + channels
    if uncertainty:
        columns.append(field.deviation(coordinates))
        header += [f"{channel}_sd" for channel in channels]
    if gradient:
        columns.append((field.gradient(coordinates) * per_unit).reshape(len(points), -1))
        header += [f"d{channel}/d{name}" for channel in channels for name in names]
    rows = np.concatenate(columns, axis=1)
    lines = [",".join(header), *(",".join(f"{number:.9g}" for number in row) for row in rows)]
    atomic_write(out, ("\n".join(lines) + "\n").encode())
    say(f"{out}: {len(points):,} points")


def channel_names(field: Field) -> list[str]:
    """Return the names of the output columns; value0, value1, … where there are none."""
    names = field.record.get("columns", {}).get("outputs")
    return list(names) if names else [f"value{c}" for c in range(field.source.channels)]


def _read_points(path: Path, dimensions: int) -> tuple[list[str], np.ndarray]:
    """Return column names and coordinates (N, d) of a CSV with or without a header line."""
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            rows = [row for row in csv.reader(file) if row]
    except (OSError, UnicodeDecodeError) as problem:
        reason = getattr(problem, "strerror", None) or "it is not text"
        raise SettingsError(f"--at {path} cannot be read: {reason}") from problem
    names = [f"v{axis}" for axis in range(dimensions)]
    try:
        if rows and not _is_number(rows[0][0]):
            names, rows = [name.strip() for name in rows[0]], rows[1:]
        points = np.array([[float(cell) for cell in row] for row in rows], dtype=np.float64)
    except ValueError as problem:
        raise SettingsError(f"--at {path}: every cell must be a number ({problem})") from problem
    if points.ndim != 2 or points.shape[1] != dimensions or len(names) != dimensions or not np.isfinite(points).all():
        raise SettingsError(
            f"--at {path}: give at least one row of {dimensions} finite coordinates (a column per axis)"
        )
    return names, points


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
