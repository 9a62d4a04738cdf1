"""Progress on standard error, as a live bar on a terminal and plain lines otherwise, and signals that stop a run.

On Ctrl-C and SIGTERM a run finishes its step, keeps a checkpoint and stops.
"""

from __future__ import annotations

import os
import signal
import stat
import sys
import threading
import time
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any

from ..errors import Interrupted, SettingsError

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from ..training._loop import Progress


_printed = [0.0]  # when anything was printed last (``time.monotonic``)


def say(line: str) -> None:
    """Print a line for the user on standard error."""
    _printed[0] = time.monotonic()
    print(printable(line), file=sys.stderr, flush=True)


def show(text: str) -> None:
    """Print lines of a result on standard output."""
    print("\n".join(printable(line) for line in text.split("\n")), flush=True)


def printable(line: str) -> str:
    r"""Return a line with control characters, and bytes of names that are not text, escaped.

    >>> print(printable("red\x1b[31m.png"))
    red\x1b[31m.png
    """
    if line.isprintable() and line.isascii():
        return line
    shown = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in line)
    encoding = sys.stdout.encoding if sys.stdout is not None else None
    return shown.encode(encoding or "utf-8", "backslashreplace").decode(encoding or "utf-8")


def check_output() -> None:
    """Raise ``SettingsError`` if standard output is closed or full; give standard error a place if it is closed."""
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - open as long as the process
    if sys.stdout is None:
        raise SettingsError("standard output is closed; redirect it to a file or to /dev/null")
    try:
        held = os.fstat(sys.stdout.fileno())
        full = os.stat("/dev/full").st_rdev if os.path.exists("/dev/full") else -1
        if stat.S_ISREG(held.st_mode):
            writable = os.fstatvfs(sys.stdout.fileno()).f_bavail > 0
        else:
            writable = not (stat.S_ISCHR(held.st_mode) and held.st_rdev == full)
    except (OSError, ValueError, AttributeError):  # no file of the system, as in tests and notebooks
        return
    if not writable:
        raise SettingsError("standard output has no space left; free some, or redirect it elsewhere")


class Heartbeat:
    """A context that says what is being done whenever nothing has been printed for a while.

    Called with the name of a phase when it begins, and again with the share of it that is done, where that is known.
    The first line of a phase comes after ``FIRST`` seconds of silence, the next ones after ``NEXT``.
    """

    FIRST, NEXT = 1.5, 8.0

    def __init__(self, what: str) -> None:
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._quiet = False
        self._begin(what)

    def __call__(self, what: str, share: float | None = None) -> None:
        """Note what is being done, and how much of it is."""
        if what != self._what:
            self._begin(what)
        self._share: float | None = share

    def note(self, detail: str) -> None:
        """Add a remark on how far the phase has come, where the whole of it is not known."""
        self._detail = f", {detail}"

    def hush(self) -> None:
        """Say nothing until the next phase: something else moves on the screen."""
        self._quiet = True

    def __enter__(self) -> Heartbeat:
        _printed[0] = time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, kind: type | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._ended.set()
        self._thread.join()

    def _begin(self, what: str) -> None:
        self._what, self._share, self._detail, self._said, self._quiet = what, None, "", False, False
        self._began = time.monotonic()

    def _watch(self) -> None:
        while not self._ended.wait(0.25):
            now = time.monotonic()
            if not self._quiet and now - max(_printed[0], self._began) >= (self.NEXT if self._said else self.FIRST):
                say(self._line(now - self._began))
                self._said = True

    def _line(self, seconds: float) -> str:
        if self._share is not None and self._share > 0:
            return f"{self._what}: {self._share:.0%}, {seconds / self._share * (1 - self._share):.0f} s left"
        return f"{self._what}: {seconds:.0f} s so far{self._detail}" if self._said else f"{self._what}{self._detail} …"


class ProgressDisplay:
    """A display of step, loss, PSNR and time left, to be called with each ``Progress``."""

    def __init__(self, heartbeat: Heartbeat, *, live: bool | None = None) -> None:
        self._heartbeat = heartbeat
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
            self._heartbeat.hush()
            bar, task = self._bar_of(progress)
            bar.update(task, completed=progress.step, total=progress.steps, scores=self._scores)
            return
        done = (progress.step - self._first[1]) / max(1, progress.steps - self._first[1])
        self._heartbeat("training", done)
        if progress.loss is not None:
            say(f"step {progress.step:,}/{progress.steps:,}  {self._scores}{self._time_left(progress)}")

    def tuning(self, count: int) -> None:
        """Show how many candidates were judged; on a terminal each line replaces the one before."""
        if self._live:
            self._heartbeat.hush()
            print(f"\rcandidates judged: {count}", end="\r", file=sys.stderr, flush=True)
        elif count:
            self._heartbeat.note(f"{count} candidates judged")

    def _bar_of(self, progress: Progress) -> tuple[Bar, TaskID]:
        """Return the bar and its task; start the bar at the first call."""
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


_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StopSignals:
    """A context in which the first Ctrl-C or SIGTERM is passed to the loop that polls ``number``.

    ``Interrupted`` is raised at once by a second signal, and by the first if no loop has polled yet, or does not within
    a second and a half; and at the end of the context, if nothing was left to stop.
    """

    def __init__(self) -> None:
        self._received: int | None = None
        self._polled = False
        self._previous: dict[int, Any] = {}

    def number(self) -> int | None:
        """Return the number of the signal that was received, or None."""
        self._polled = True
        if self._received is not None:
            _wake_after(0.0)  # the loop stops by itself
        return self._received

    def __enter__(self) -> StopSignals:
        self._previous = {number: signal.signal(number, self._handle) for number in _SIGNALS}
        if _ALARM is not None:
            self._previous[_ALARM] = signal.signal(_ALARM, lambda number, frame: self._stop())
        return self

    def __exit__(self, kind: type | None, value: BaseException | None, trace: TracebackType | None) -> None:
        _wake_after(0.0)
        for number, handler in self._previous.items():
            signal.signal(number, handler)
        if kind is None and self._received is not None:
            raise Interrupted(self._received, 0, None, finished=True)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        again = self._received is not None
        self._received = number
        at_once = again or not self._polled
        _wake_after(_AGAIN if at_once else _PATIENCE)
        if at_once:
            self._stop()

    def _stop(self) -> None:
        assert self._received is not None
        raise Interrupted(self._received, 0, None)


_ALARM = getattr(signal, "SIGALRM", None)  # Windows has none: there, loops are waited for
_PATIENCE = 1.5  # seconds; a run ends within two
_AGAIN = 1.0  # seconds after which an interruption is repeated: what is raised in a callback of C is lost


def _wake_after(seconds: float) -> None:
    """Send this process SIGALRM after some seconds; 0 cancels it."""
    if _ALARM is not None:
        signal.setitimer(signal.ITIMER_REAL, seconds)
