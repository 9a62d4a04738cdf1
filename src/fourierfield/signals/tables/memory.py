"""Whether the numbers of a table fit in memory, before they are read."""

from __future__ import annotations

import psutil

from ...errors import TooLargeError

__all__ = ["check_rows"]

_BYTES_PER_NUMBER = 48  # float64 as read, joined, without gaps, as coordinates, sorted, merged


def check_rows(rows: int, columns: int, label: str) -> None:
    """Raise ``TooLargeError`` where ``rows`` of ``columns`` numbers take more memory than there is."""
    needed, available = rows * columns * _BYTES_PER_NUMBER, psutil.virtual_memory().available
    if needed > available:
        raise TooLargeError(
            f"{label} holds some {rows:,} rows of {columns} chosen columns, which take {needed / 1e9:.1f} GB, and "
            f"{available / 1e9:.1f} GB are free; choose fewer columns or every tenth row"
        )
