"""Volumes and films written as a user would write them."""

from __future__ import annotations

from pathlib import Path

from fourierfield.grids._signal import GridSignal
from fourierfield.kinds.volumes._files import write_volume


def save(signal: GridSignal, path: Path) -> None:
    """Write a signal as it was read."""
    write_volume(path, signal.values, signal.description, signal.domain, signal.grid)
