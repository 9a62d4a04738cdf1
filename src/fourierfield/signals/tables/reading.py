"""Tables: CSV and its relatives, text in columns, and Parquet, as signals at scattered points."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ...errors import SignalError
from ..placing import place
from ..points import PointSignal
from .columns import MOST_INPUTS, select_columns
from .container import head_of
from .layout import is_plausible
from .parquet import PARQUET_MAGIC, ParquetTable
from .rows import complete_rows, merge_duplicates
from .text import TextTable

__all__ = ["as_points", "looks_like_table", "read_table"]

_AXES = ("x", "y", "z")


def read_table(
    path: Path | str, inputs: Sequence[str] | None = None, outputs: Sequence[str] | None = None
) -> PointSignal:
    """The points and values in a table of numbers: text with any usual delimiter, compressed or not, or Parquet.

    ``inputs`` (1 to 3) and ``outputs`` (1 or more) are names of columns, in any case and without their units if that is
    clear, or positions from 1. Left out, longitude and latitude are the inputs where there are such, and the one other
    column of numbers the output; else the last column of numbers is the output and the one to three before it are the
    inputs. Lines that begin with # are comments; empty cells, NA and NaN are missing, and their rows are left out;
    values at the same point are averaged; notes of the signal say so.

    Raises ``SignalError`` where it is not clear which columns are meant, for text and infinities in them, lines of
    another length, points that agree along an axis, and files that are damaged or no table; ``TooLargeError``.
    """
    path = Path(path)
    table = _open(path)
    chosen = select_columns(table.columns, inputs, outputs, str(path))
    names = [table.columns[position].name for position in (*chosen.inputs, *chosen.outputs)]
    rows = table.read((*chosen.inputs, *chosen.outputs))
    return _signal(rows, names, len(chosen.inputs), str(path), os.path.getsize(path), (*table.notes, *chosen.notes))


def as_points(
    inputs: np.ndarray,
    outputs: np.ndarray,
    *,
    input_names: Sequence[str] | None = None,
    output_names: Sequence[str] | None = None,
    name: str = "array",
) -> PointSignal:
    """Points (N,) or (N, d), d ≤ 3, and their values (N,) or (N, C) as a signal, treated as a table's rows are.

    Without names the axes are x, y, z, in one unit; ``input_names`` may give units ("depth (m)") or say that two are
    longitude and latitude. Raises ``SignalError`` as ``read_table`` does, and for other shapes and types.

    >>> signal = as_points(np.array([[0.0, 0.0], [4.0, 2.0]]), np.array([1.0, 3.0]))
    >>> signal.points.tolist(), signal.domain.extent
    ([[0.0, 0.0], [1.0, 0.5]], (4.0, 2.0))
    """
    points, values = _matrix(inputs, "inputs", name), _matrix(outputs, "outputs", name)
    if len(points) != len(values):
        raise SignalError(f"{name} has {len(points):,} points and {len(values):,} values; give one value per point")
    if points.shape[1] > MOST_INPUTS:
        raise SignalError(
            f"{name} has {points.shape[1]} inputs, and a field takes 1 to {MOST_INPUTS}; "
            f"NeuralTangentRegressor takes any number"
        )
    input_names = _AXES[: points.shape[1]] if input_names is None else input_names
    output_names = _numbered(values.shape[1]) if output_names is None else output_names
    if (len(input_names), len(output_names)) != (points.shape[1], values.shape[1]):
        raise SignalError(f"{name}: give a name for each of {points.shape[1]} inputs and {values.shape[1]} outputs")
    rows = np.concatenate([points, values], axis=1)
    return _signal(rows, [*input_names, *output_names], points.shape[1], name, None, ())


def looks_like_table(path: Path | str, head: bytes) -> bool:
    """Whether a file that begins with ``head`` is a table, by content: Parquet, or text (compressed or not) of rows.

    Prose, source code and other formats made of text are none: rows have to be regular, and two columns numbers.
    Raises nothing for files that are damaged, missing or no tables.
    """
    if head.startswith(PARQUET_MAGIC):
        return True
    try:
        return is_plausible(TextTable.open(Path(path)).layout)
    except SignalError:
        return False


def _open(path: Path) -> TextTable | ParquetTable:
    head, _ = head_of(path, len(PARQUET_MAGIC))
    return ParquetTable.open(path) if head == PARQUET_MAGIC else TextTable.open(path)


def _matrix(array: np.ndarray, role: str, name: str) -> np.ndarray:
    array = np.asarray(array)
    if array.dtype.kind not in "buif":
        raise SignalError(f"{name}: its {role} are {array.dtype} values; a table has integers or floats")
    if array.ndim not in (1, 2) or array.shape[1:] == (0,):
        raise SignalError(f"{name}: its {role} have shape {array.shape}; give (points,) or (points, columns)")
    return (array if array.ndim == 2 else array[:, None]).astype(np.float64)


def _numbered(channels: int) -> tuple[str, ...]:
    return ("value",) if channels == 1 else tuple(f"value {channel}" for channel in range(1, channels + 1))


def _signal(
    rows: np.ndarray, names: Sequence[str], dimensions: int, label: str, size: int | None, notes: tuple[str, ...]
) -> PointSignal:
    """A signal from rows (N, d + C) whose first ``dimensions`` columns are the inputs."""
    rows, dropped = complete_rows(rows, names, label)
    placement, domain, placed = place(rows[:, :dimensions], names[:dimensions], label)
    outputs = tuple(names[dimensions:])
    points, values, merged = merge_duplicates(
        placement.to_coordinates(rows[:, :dimensions]), rows[:, dimensions:], outputs
    )
    return PointSignal(points, values, domain, placement, outputs, label, size, (*notes, *dropped, *merged, *placed))
