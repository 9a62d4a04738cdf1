"""Progress in plain lines, and the signals that stop a run."""

from __future__ import annotations

import os
import signal
import time

import pytest

from fourierfield.cli._progress import ProgressDisplay, StopSignals
from fourierfield.errors import Interrupted
from fourierfield.training._loop import Progress


def test_a_line_is_printed_for_each_score(capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressDisplay(live=False) as display:
        display(Progress(1, 1000, loss=0.25, train_psnr_db=6.021, held_out_psnr_db=5.5))
        display(Progress(2, 1000))
        display(Progress(1000, 1000, loss=0.001, train_psnr_db=30.0))
    first, last = capsys.readouterr().err.splitlines()
    assert first == "step 1/1,000  loss 2.50e-01  train 6.02 dB  held out 5.50 dB"
    assert last == "step 1,000/1,000  loss 1.00e-03  train 30.00 dB"


def test_the_time_left_follows_from_the_pace(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = iter([100.0, 103.0])
    monkeypatch.setattr("fourierfield.cli._progress.time.monotonic", lambda: next(clock))
    display = ProgressDisplay(live=False)
    display(Progress(10, 100, loss=1.0, train_psnr_db=0.0))
    display(Progress(40, 100, loss=1.0, train_psnr_db=0.0))
    assert capsys.readouterr().err.splitlines()[1].endswith("  6 s left")


def test_candidates_are_announced_once(capsys: pytest.CaptureFixture[str]) -> None:
    display = ProgressDisplay(live=False)
    for count in (1, 2, 3):
        display.tuning(count)
    assert capsys.readouterr().err == "judging candidates …\n"


def loop(*, polls: int, kills: int, wait: bool = True) -> None:
    """Run a loop that looks for signals now and then, sends itself some, and looks no more."""
    with StopSignals() as stop:
        for _ in range(polls):
            assert stop.number() is None
        for kill in range(kills):
            os.kill(os.getpid(), signal.SIGTERM)
            assert polls == 0 or kill > 0 or not wait or stop.number() == signal.SIGTERM
        if wait:
            time.sleep(60)


def test_the_first_signal_waits_for_the_loop_and_the_second_does_not() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(Interrupted):
        loop(polls=1, kills=2)
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_signal_before_the_loop_stops_at_once() -> None:
    with pytest.raises(Interrupted) as stopped:
        loop(polls=0, kills=1)
    assert stopped.value.signal_number == signal.SIGTERM
    assert not stopped.value.finished


def unheeded() -> None:
    with StopSignals() as stop:
        stop.number()
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(60)


def test_a_loop_that_does_not_look_is_stopped_within_two_seconds() -> None:
    started = time.monotonic()
    with pytest.raises(Interrupted) as stopped:
        unheeded()
    assert time.monotonic() - started < 2.5
    assert not stopped.value.finished


def test_a_signal_when_all_is_done_counts_too() -> None:
    with pytest.raises(Interrupted) as stopped:
        loop(polls=1, kills=1, wait=False)
    assert stopped.value.finished
