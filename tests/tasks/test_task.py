"""The task protocol and what the runner hands to a task."""

from __future__ import annotations

import inspect
import math
import re
import time
from pathlib import Path

import pytest

from fourierfield.errors import Interrupted
from fourierfield.kinds.scans._kernel import ScanKernelTask
from fourierfield.kinds.scans._network import ScanNetworkTask
from fourierfield.kinds.shapes._task import ShapeKernelTask, ShapeNetworkTask
from fourierfield.kinds.tables._network import PointNetworkTask
from fourierfield.kinds.views._task import ViewsTask
from fourierfield.tasks import _task
from fourierfield.tasks._kernel import GridKernelTask, PointKernelTask
from fourierfield.tasks._network import GridNetworkTask
from fourierfield.tasks._task import Budget, FitEvents, Parts, Record, Task

BY_NETWORK = (GridNetworkTask, PointNetworkTask, ShapeNetworkTask, ScanNetworkTask, ViewsTask)
BY_KERNEL = (GridKernelTask, PointKernelTask, ShapeKernelTask, ScanKernelTask)
METHODS = ("check", "notes", "choose", "identity", "within", "forecast", "announce", "run", "parts")


def test_the_protocol_names_its_methods_in_order() -> None:
    assert Task.__doc__ is not None
    assert tuple(re.findall(r"``([a-z]+)``", Task.__doc__)) == METHODS


@pytest.mark.parametrize("task", [*BY_NETWORK, *BY_KERNEL], ids=lambda task: task.__name__)
def test_every_task_has_what_the_runner_calls(task: type) -> None:
    assert task.method == ("network" if task in BY_NETWORK else "kernel")  # type: ignore[attr-defined]
    assert "settings" in task.__dataclass_fields__  # type: ignore[attr-defined]
    for name in METHODS:
        asked, given = (list(inspect.signature(getattr(of, name)).parameters) for of in (Task, task))
        assert given == asked, name


def test_a_record_holds_the_parts_of_a_task() -> None:
    assert Parts.__required_keys__ <= Record.__required_keys__
    assert Parts.__optional_keys__ <= Record.__required_keys__ | Record.__optional_keys__


def test_without_a_bound_there_is_time_for_ever() -> None:
    now = time.perf_counter()
    assert Budget(None, now).rest() == math.inf
    assert Budget(10.0, now - 4.0).rest() == pytest.approx(6.0, abs=1.0)
    assert Budget(10.0, now - 40.0).rest() < 0


def test_a_fit_that_is_not_asked_to_stop_goes_on() -> None:
    told: list[int] = []
    events = FitEvents(tuning=told.append)
    events.judged(3)
    events.check(Path("kept"), 5)
    assert told == [3]


def test_a_stop_names_the_step_and_the_checkpoint_that_is_there(tmp_path: Path) -> None:
    events, kept = FitEvents(stop_signal=lambda: 2), tmp_path / "f.checkpoint"
    for path, named in ((None, None), (kept, None), (kept, str(kept))):
        with pytest.raises(Interrupted) as stop:
            events.check(path, 7)
        assert (stop.value.signal_number, stop.value.step, stop.value.checkpoint) == (2, 7, named)
        kept.touch()
        if path is None:
            kept.unlink()


def test_a_search_reports_before_it_stops() -> None:
    told: list[int] = []
    with pytest.raises(Interrupted):
        FitEvents(tuning=told.append, stop_signal=lambda: 2).judged(1)
    assert told == [1]


def test_a_solver_is_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    clock = [0.0]
    monkeypatch.setattr(_task.time, "monotonic", lambda: clock[0])
    watch = FitEvents(say=said.append).solver_watch()
    for step, now in ((1, 1.0), (2, 4.0), (3, 5.0), (4, 8.0)):
        clock[0] = now
        watch(step, 10.0**-step)
    assert said == ["iteration 2: residual 1.0e-02", "iteration 4: residual 1.0e-04"]
    said.clear()
    watch = FitEvents(say=said.append).solver_watch(aim=1e-8)
    for step, now in ((2, 12.0), (4, 16.0), (9, 20.0)):
        clock[0] = now
        watch(step, 10.0**-step)
    assert said == [
        "iteration 2: residual 1.0e-02, about 10 s left",
        "iteration 4: residual 1.0e-04, about 8 s left",
        "iteration 9: residual 1.0e-09",
    ]
    with pytest.raises(Interrupted) as stop:
        FitEvents(stop_signal=lambda: 2).solver_watch()(9, 1.0)
    assert stop.value.step == 9
