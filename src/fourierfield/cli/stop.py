"""Ctrl-C and SIGTERM: finish the step, keep a checkpoint, then stop."""

from __future__ import annotations

import signal
from types import FrameType, TracebackType

from ..errors import Interrupted

__all__ = ["StopSignals"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StopSignals:
    """While entered, the first signal is handed to the loop that polls ``number``; any other ends the program.

    Before the loop polls, and at the second signal, ``Interrupted`` is raised on the spot.
    """

    def __init__(self) -> None:
        self._received: int | None = None
        self._polled = False
        self._previous: dict[int, object] = {}

    def number(self) -> int | None:
        """The signal received, or None."""
        self._polled = True
        return self._received

    def __enter__(self) -> StopSignals:
        self._previous = {number: signal.signal(number, self._handle) for number in _SIGNALS}
        return self

    def __exit__(self, kind: type | None, value: BaseException | None, trace: TracebackType | None) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self._received is not None or not self._polled:
            raise Interrupted(number, 0, None)
        self._received = number
