"""Progress on standard error: a live bar on a terminal, plain lines otherwise."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from ..training import Progress

__all__ = ["ProgressDisplay", "say"]


def say(line: str) -> None:
    """A line for the user on standard error."""
    print(line, file=sys.stderr, flush=True)


class ProgressDisplay:
    """Shows step, loss, PSNRs and time left; call it with each ``Progress``."""

    def __init__(self, *, live: bool | None = None) -> None:
        self._live = sys.stderr.isatty() if live is None else live
        self._bar: Bar | None = None
        self._task: TaskID | None = None
        self._scores = ""
        self._first: tuple[float, int] | None = None

    def __enter__(self) -> ProgressDisplay:
        return self

    def __exit__(self, kind: type | None, value: BaseException | None, trace: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, progress: Progress) -> None:
        if self._first is None:
            self._first = time.monotonic(), progress.step
        if progress.loss is not None:
            self._scores = _scores(progress)
        if self._live:
            self._draw(progress)
        elif progress.loss is not None:
            say(f"step {progress.step:,}/{progress.steps:,}  {self._scores}{self._time_left(progress)}")

    def tuning(self, count: int) -> None:
        """Shows how many candidates were judged: on a terminal a line that the next one replaces."""
        if self._live:
            print(f"\rcandidates judged: {count}", end="\r", file=sys.stderr, flush=True)
        elif count == 1:
            say("judging candidates …")

    def _draw(self, progress: Progress) -> None:
        bar, task = self._bar_of(progress)
        bar.update(task, completed=progress.step, scores=self._scores)

    def _bar_of(self, progress: Progress) -> tuple[Bar, TaskID]:
        """The bar, started at the first call."""
        if self._bar is not None and self._task is not None:
            return self._bar, self._task
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[scores]}"), TimeRemainingColumn())
        bar = Bar(*columns, console=Console(stderr=True), refresh_per_second=4)
        self._task = bar.add_task("training", total=progress.steps, completed=progress.step, scores="")
        bar.start()
        self._bar = bar
        return bar, self._task

    def _time_left(self, progress: Progress) -> str:
        assert self._first is not None
        started, first = self._first
        if progress.step == first or progress.step == progress.steps:
            return ""
        seconds = (time.monotonic() - started) / (progress.step - first) * (progress.steps - progress.step)
        return f"  {seconds:.0f} s left"


def _scores(progress: Progress) -> str:
    held_out = "" if progress.held_out_psnr_db is None else f"  held out {progress.held_out_psnr_db:.2f} dB"
    return f"loss {progress.loss:.2e}  train {progress.train_psnr_db:.2f} dB{held_out}"
