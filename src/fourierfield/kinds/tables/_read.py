"""Read tables as signals at scattered points: CSV and its relatives, text in columns, and Parquet."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ...errors import SignalError
from ...grids._column_names import name_list
from ...grids._points import PointSignal
from ._columns import MOST_INPUTS, select_columns
from ._container import head_of
from ._layout import is_plausible
from ._parquet import PARQUET_MAGIC, ParquetTable
from ._placing import place
from ._text import TextTable


def complete_rows(rows: np.ndarray, names: Sequence[str], label: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return the rows of (N, k) without NaN, and a note of how many were left out."""
    _refuse_infinite(rows, names, label)
    if not len(rows):
        raise SignalError(f"{label} holds no rows of data; give a table with at least two points")
    absent = np.isnan(rows)
    incomplete = absent.any(axis=1)
    dropped = int(np.count_nonzero(incomplete))
    if not dropped:
        return rows, ()
    where = name_list([name for name, some in zip(names, absent.any(axis=0), strict=True) if some])
    if dropped == len(rows):
        raise SignalError(f"{label}: none of its {len(rows):,} rows is complete in {where}; choose other columns")
    verb = "has" if dropped == 1 else "have"
    return rows[~incomplete], (f"{dropped:,} of {len(rows):,} rows {verb} no value in {where}; left out",)


_FAR = 5.0  # spreads of all other values by which a marker is away from them
_FEW = 3  # equal values: fewer may be outliers


def far_values(rows: np.ndarray, names: Sequence[str]) -> tuple[str, ...]:
    """Return notes on columns of (N, k) whose extreme value occurs often and far from all others: −9999, 1e20, ….

    >>> far_values(np.array([[1.0], [2.0], [3.0], [-9999.0], [-9999.0], [-9999.0]]), ["depth"])
    ('3 values of depth are -9999, far from all others: if that stands for a missing value, leave these cells empty',)
    """
    notes = []
    for column, name in zip(rows.T, names, strict=True):
        for extreme in (column.min(), column.max()):
            others = column[column != extreme]
            count = len(column) - len(others)
            if count < _FEW or len(others) < 2 or abs(extreme) < 10:
                continue
            if np.abs(others - extreme).min() > _FAR * np.ptp(others):
                notes.append(
                    f"{count:,} values of {name} are {extreme:g}, far from all others: if that stands for a missing "
                    "value, leave these cells empty"
                )
    return tuple(notes)


def _refuse_infinite(rows: np.ndarray, names: Sequence[str], label: str) -> None:
    infinite = np.isinf(rows)
    if infinite.any():
        row, column = (int(index[0]) for index in np.nonzero(infinite))
        raise SignalError(
            f"{label}: {names[column]} is infinite in row {row + 1:,} of the data; empty the cell if it is unknown"
        )


def merge_duplicates(
    points: np.ndarray, values: np.ndarray, outputs: Sequence[str]
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Return each point (N, d) once, in order of first appearance, with the mean of its values (N, C), and a note.

    >>> merge_duplicates(np.array([[1.0], [0.0], [1.0]]), np.array([[2.0], [5.0], [3.0]]), ["t"])
    (array([[1.], [0.]]), array([[2.5], [5. ]]),
     ('1 point occurs several times (2 rows): its values are averaged; they differ by up to 1 in t',))
    """
    order = np.lexsort(points.T)  # stable: rows of one point stay in their order
    changes = np.any(np.diff(points[order], axis=0) != 0, axis=1)
    starts = np.concatenate([[0], np.flatnonzero(changes) + 1])
    if len(starts) == len(points):
        return points, values, ()
    counts = np.diff(starts, append=len(points))
    means, spread = _means(values[order], starts, counts)
    first = order[starts]
    by_appearance = np.argsort(first)
    note = _merged_note(counts, spread, outputs)
    return points[first[by_appearance]], means[by_appearance], (note,)


def _means(values: np.ndarray, starts: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean of each group of rows, and each column's largest disagreement within a group."""
    lowest, highest = (choose.reduceat(values, starts, axis=0) for choose in (np.minimum, np.maximum))
    offsets = values - np.repeat(lowest, counts, axis=0)  # so that rows that agree keep their value to the bit
    means = lowest + np.add.reduceat(offsets, starts, axis=0) / counts[:, None]
    return means, (highest - lowest).max(axis=0)


def _merged_note(counts: np.ndarray, spread: np.ndarray, outputs: Sequence[str]) -> str:
    several = counts[counts > 1]
    one = len(several) == 1
    subject = "1 point occurs" if one else f"{len(several):,} points occur"
    apart = [f"{much:g} in {name}" for much, name in zip(spread, outputs, strict=True) if much > 0]
    verdict = f"they differ by up to {name_list(apart, most=4)}" if apart else "they agree"
    whose = "its" if one else "their"
    return f"{subject} several times ({int(several.sum()):,} rows): {whose} values are averaged; {verdict}"


_AXES = ("x", "y", "z")


def read_table(
    path: Path | str, inputs: Sequence[str] | None = None, outputs: Sequence[str] | None = None
) -> PointSignal:
    """Read the points and values in a table of numbers: text with any usual delimiter, compressed or not, or Parquet.

    ``inputs`` (1 to 3) and ``outputs`` (1 or more) are names of columns, in any case and without their units if that is
    clear, or positions from 1. If they are left out, longitude and latitude are the inputs if the table has them, and
    the one other column of numbers the output; otherwise the last column of numbers is the output and the one to three
    before it are the inputs. Lines that begin with # are comments; empty cells, NA and NaN are missing, and their rows
    are left out; values at the same point are averaged; the signal's notes say so.
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
    """Return points (N,) or (N, d), d ≤ 3, and their values (N,) or (N, C) as a signal, treated as a table's rows are.

    Without names the axes are x, y, z, in one unit; ``input_names`` may give units ("depth (m)") or mark two of them as
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
            f"{name} has {points.shape[1]} inputs, but a field takes 1 to {MOST_INPUTS}; "
            f"NeuralTangentRegressor takes any number"
        )
    input_names = _AXES[: points.shape[1]] if input_names is None else input_names
    output_names = _numbered(values.shape[1]) if output_names is None else output_names
    if (len(input_names), len(output_names)) != (points.shape[1], values.shape[1]):
        raise SignalError(f"{name}: give a name for each of {points.shape[1]} inputs and {values.shape[1]} outputs")
    rows = np.concatenate([points, values], axis=1)
    return _signal(rows, [*input_names, *output_names], points.shape[1], name, None, ())


def looks_like_table(path: Path | str, head: bytes) -> bool:
    """Return whether a file is Parquet, or text in regular rows with two columns of numbers; raise nothing."""
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
    """Return the signal in rows (N, d + C) whose first ``dimensions`` columns are the inputs."""
    rows, dropped = complete_rows(rows, names, label)
    dropped += far_values(rows, names)
    placement, domain, placed = place(rows[:, :dimensions], names[:dimensions], label)
    outputs = tuple(names[dimensions:])
    points, values, merged = merge_duplicates(
        placement.to_coordinates(rows[:, :dimensions]), rows[:, dimensions:], outputs
    )
    return PointSignal(points, values, domain, placement, outputs, label, size, (*notes, *dropped, *merged, *placed))
