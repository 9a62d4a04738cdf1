"""Progress in plain lines, and the signals that stop a run."""

from __future__ import annotations

import os
import signal
import time

import pytest

from fourierfield.cli._progress import Heartbeat, ProgressDisplay, StopSignals, say
from fourierfield.errors import Interrupted
from fourierfield.training._loop import Progress


def test_a_line_is_printed_for_each_score(capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressDisplay(Heartbeat("training"), live=False) as display:
        display(Progress(1, 1000, loss=0.25, train_psnr_db=6.021, held_out_psnr_db=5.5))
        display(Progress(2, 1000))
        display(Progress(1000, 1000, loss=0.001, train_psnr_db=30.0))
    first, last = capsys.readouterr().err.splitlines()
    assert first == "step 1/1,000  loss 2.50e-01  train 6.02 dB  held out 5.50 dB"
    assert last == "step 1,000/1,000  loss 1.00e-03  train 30.00 dB"


def test_the_time_left_follows_from_the_pace(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = [100.0]
    monkeypatch.setattr("fourierfield.cli._progress.time.monotonic", lambda: clock[0])
    display = ProgressDisplay(Heartbeat("training"), live=False)
    display(Progress(10, 100, loss=1.0, train_psnr_db=0.0))
    clock[0] = 103.0
    display(Progress(40, 100, loss=1.0, train_psnr_db=0.0))
    assert capsys.readouterr().err.splitlines()[1].endswith("  6 s left")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Heartbeat, "FIRST", 0.3)
    monkeypatch.setattr(Heartbeat, "NEXT", 0.6)


def test_silence_is_broken_with_what_is_being_done(quick: None, capsys: pytest.CaptureFixture[str]) -> None:
    with Heartbeat("reading photo.png") as heartbeat:
        time.sleep(1.6)
        heartbeat("scoring", 0.0)
        time.sleep(0.4)
        heartbeat("scoring", 0.5)
        time.sleep(1.0)
    lines = capsys.readouterr().err.splitlines()
    assert lines[:2] == ["reading photo.png …", "reading photo.png: 1 s so far"]
    assert "scoring: 50%, 1 s left" in lines


def test_whoever_says_something_needs_no_heartbeat(quick: None, capsys: pytest.CaptureFixture[str]) -> None:
    with Heartbeat("working"):
        for _ in range(12):
            say("at work")
            time.sleep(0.1)
    assert "working" not in capsys.readouterr().err


def test_a_bar_that_moves_needs_no_heartbeat(quick: None, capsys: pytest.CaptureFixture[str]) -> None:
    with Heartbeat("training") as heartbeat:
        heartbeat.hush()
        time.sleep(0.8)
        heartbeat("training", 0.5)
        time.sleep(0.8)
    assert capsys.readouterr().err == ""


def test_candidates_are_counted(quick: None, capsys: pytest.CaptureFixture[str]) -> None:
    with Heartbeat("choosing an encoding") as heartbeat:
        display = ProgressDisplay(heartbeat, live=False)
        for count in (1, 2, 3):
            display.tuning(count)
        time.sleep(1.6)
    assert capsys.readouterr().err.splitlines()[:2] == [
        "choosing an encoding, 3 candidates judged …",
        "choosing an encoding: 1 s so far, 3 candidates judged",
    ]


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


def test_an_interruption_that_is_lost_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a handler raises while a finaliser runs is printed and forgotten."""
    monkeypatch.setattr("fourierfield.cli._progress._AGAIN", 0.2)

    class Final:
        def __del__(self) -> None:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(0.05)

    def work() -> None:
        with StopSignals():
            held = Final()
            del held
            time.sleep(20)

    monkeypatch.setattr("sys.unraisablehook", lambda lost: None)
    began = time.monotonic()
    with pytest.raises(Interrupted):
        work()
    assert time.monotonic() - began < 15
