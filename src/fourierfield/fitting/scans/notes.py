"""What there is to say of a scan itself."""

from __future__ import annotations

from ...problems.scans import Scan
from ..events import FitEvents

__all__ = ["say_notes"]


def say_notes(signal: Scan, events: FitEvents) -> None:
    """How its file was taken: said once nothing is refused any more, so that a refusal is a single line."""
    for note in signal.notes:
        events.say(f"{signal.name}: {note}")
