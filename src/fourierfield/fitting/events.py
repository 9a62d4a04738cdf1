"""Who is told what happens in a fit, and who may stop it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..errors import Interrupted
from ..training import Progress

__all__ = ["FitEvents", "tuning_reporter"]


@dataclass(frozen=True)
class FitEvents:
    """Who is told what happens, and who may stop it: ``stop_signal`` returns the number of a signal that asked.

    ``tuning`` is told how many candidates were judged."""

    say: Callable[[str], None] = lambda line: None
    progress: Callable[[Progress], None] = lambda progress: None
    stop_signal: Callable[[], int | None] = lambda: None
    tuning: Callable[[int], None] = lambda count: None


def tuning_reporter(events: FitEvents) -> Callable[[int], None]:
    """Tells how many candidates were judged, and ends the search when asked to stop."""

    def report(count: int) -> None:
        events.tuning(count)
        stop = events.stop_signal()
        if stop is not None:
            raise Interrupted(stop, 0, None)

    return report
