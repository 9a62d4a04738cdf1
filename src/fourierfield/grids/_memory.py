"""Free memory, and refusals of work that would not fit into it."""

from __future__ import annotations

import psutil

from ..errors import TooLargeError

SHARE = 0.8  # of the free memory that work may plan with: the rest is for what estimates leave out


def free_memory() -> int:
    """Return the free bytes of this machine's memory."""
    return int(psutil.virtual_memory().available)


def require_memory(needed: float, what: str, advice: str, *, share: float = SHARE, free: int | None = None) -> None:
    """Raise ``TooLargeError`` with the numbers if ``needed`` bytes are more than a ``share`` of the free memory.

    ``what`` is the subject of the message and ``advice`` its end. ``free`` is the free memory of another device.

    >>> require_memory(1e15, "drawing a.png", "lower --size", free=8_000_000_000)
    Traceback (most recent call last):
    ...
    fourierfield.errors.TooLargeError: drawing a.png needs 1000000.0 GB and 8.0 GB are free; lower --size
    """
    free = free_memory() if free is None else free
    if needed > share * free:
        raise TooLargeError(f"{what} needs {needed / 1e9:.1f} GB and {free / 1e9:.1f} GB are free; {advice}")
