"""Rows of a table that cannot be fitted as they are: without a value, infinite, or of one point several times."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...errors import SignalError
from ..column_names import name_list

__all__ = ["complete_rows", "merge_duplicates"]


def complete_rows(rows: np.ndarray, names: Sequence[str], label: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """The rows of (N, k) without NaN, and a note of how many were left out.

    Raises ``SignalError`` for infinities, and where no row is left.
    """
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
    """Each point (N, d) once, in the order of first appearance, with the mean of its values (N, C), and a note.

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
    """Mean of each group of rows, and each column's largest disagreement within a group."""
    lowest, highest = (choose.reduceat(values, starts, axis=0) for choose in (np.minimum, np.maximum))
    offsets = values - np.repeat(lowest, counts, axis=0)  # so that rows which agree keep their value to the bit
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
