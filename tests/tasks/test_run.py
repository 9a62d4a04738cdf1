"""The runner, with a task that is made up and takes no time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import torch

import fourierfield
from fourierfield.errors import FieldFileError, Interrupted, SettingsError
from fourierfield.networks._field import NetworkField
from fourierfield.tasks._reporting import FitDetails
from fourierfield.tasks._resume import Finished, Found, Identity, checkpoint_path
from fourierfield.tasks._run import FitOutcome, run_task
from fourierfield.tasks._settings import FitSettings
from fourierfield.tasks._task import Budget, FitEvents, Fitted, Parts
from fourierfield.training._checkpoint import Checkpoint, Checkpointer
from fourierfield.training._loop import TrainingRun

ORDER = ["check", "notes", "choose", "identity", "within", "forecast", "announce", "run", "parts"]
SIGNAL = {"name": "made up", "kind": "image"}
CURVE: list[dict[str, float | None]] = [{"step": 5.0, "loss": 0.1}]


@dataclass(frozen=True)
class Guess:
    """A prediction of everything."""

    words: str = "42.0 dB in training"

    def to_json(self) -> dict[str, Any]:
        return {"held_out_psnr_db": 42.0}

    def notes(self, metrics: dict[str, Any]) -> list[str]:
        return [f"off by {42.0 - metrics['train_psnr_db']:g} dB"]


@dataclass
class Seen:
    """What the runner did to a task: the calls in order, and what it handed over."""

    calls: list[str] = field(default_factory=list)
    found: Found = None
    run: TrainingRun | None = None
    budget: Budget | None = None


@dataclass(frozen=True)
class MadeUp:
    """A task that gives a field it was given, after five steps or as many as there is time for."""

    settings: FitSettings
    field: NetworkField
    seen: Seen
    data: str = "a"
    steps: int = 5
    method: str = "network"
    prediction: Guess | None = field(default_factory=Guess)
    keeps_checkpoint: bool = False

    def check(self) -> None:
        self.seen.calls.append("check")

    def choose(self, found: Found, events: FitEvents) -> MadeUp:
        self.seen.calls.append("choose")
        self.seen.found = found
        return self

    def identity(self) -> Identity:
        self.seen.calls.append("identity")
        return {"data": self.data, "steps": self.steps, "seed": self.settings.seed, "hold_out": "none"}

    def within(self, budget: Budget, found: Checkpoint | None) -> MadeUp:
        self.seen.calls.append("within")
        self.seen.budget = budget
        return self if budget.seconds is None else replace(self, steps=7)

    def forecast(self) -> Guess | None:
        self.seen.calls.append("forecast")
        return self.prediction

    def announce(self) -> list[str]:
        self.seen.calls.append("announce")
        return [f"{self.steps} steps"]

    def run(self, run: TrainingRun, events: FitEvents) -> Fitted:
        self.seen.calls.append("run")
        self.seen.run = run
        if self.keeps_checkpoint and run.checkpointer is not None:
            run.checkpointer.write(4, {"weights": torch.zeros(2)}, CURVE)
        return Fitted(self.field, CURVE)

    def parts(self, fitted: Fitted, watch: Callable[[float], None]) -> Parts:
        self.seen.calls.append("parts")
        watch(0.5)
        return {
            "encoding": {"family": "gaussian"},
            "network": {"depth": 3},
            "metrics": {"train_psnr_db": 40.0},
            "baselines": {"cubic_psnr_db": 30.0},
            "steps": self.steps,
            "training": {"chosen_by": "a whim"},
        }

    def notes(self) -> list[str]:
        self.seen.calls.append("notes")
        return ["a made-up signal"]


class Shown(MadeUp):
    """A task whose fit can be shown on a page, from details that are no more than its name."""

    def details(self, forecast: object, found: Found) -> FitDetails:
        self.seen.calls.append("details")
        return FitDetails(*["made up"] * 4, forecast, lambda step, network: None)  # type: ignore[arg-type]

    def details_of(self, found: Finished) -> FitDetails:
        self.seen.calls.append("details_of")
        return FitDetails(*["made up"] * 4, Guess(), lambda step, network: None)  # type: ignore[arg-type]


Make = Callable[..., MadeUp]


@pytest.fixture
def make(small_field: NetworkField) -> Make:
    def task(of: type[MadeUp] = MadeUp, *, settings: FitSettings | None = None, **changes: Any) -> MadeUp:
        return of(settings or FitSettings(), small_field, Seen(), **changes)

    return task


@pytest.fixture
def resumed(tmp_path: Path) -> FitSettings:
    """Settings of a fit to a file that is continued from what lies there."""
    return FitSettings(out=tmp_path / "f.safetensors", resume=True)


def run(task: MadeUp, events: FitEvents | None = None) -> FitOutcome:
    return run_task(task, SIGNAL, events or FitEvents(), fourierfield.load)


def stopped_in(task: MadeUp, call: str) -> FitEvents:
    """Events of a fit that is asked to stop once it has come as far as a call."""
    return FitEvents(stop_signal=lambda: 15 if call in task.seen.calls else None)


def test_the_calls_come_in_the_order_that_the_protocol_states(make: Make) -> None:
    task = make()
    run(task)
    assert list(dict.fromkeys(task.seen.calls)) == ORDER
    assert [task.seen.calls.count(name) for name in ORDER] == [1, 1, 1, 2, 1, 1, 1, 1, 1]


def test_what_is_being_done_is_told_when_it_begins(make: Make, tmp_path: Path) -> None:
    told: list[tuple[str, float | None]] = []
    out = tmp_path / "f.safetensors"
    run(make(settings=FitSettings(out=out)), FitEvents(phase=lambda what, share=None: told.append((what, share))))
    before = ["choosing an encoding", "timing the first steps", "forecasting", "training", "scoring"]
    assert told == [*((what, None) for what in before), ("scoring", 0.5), (f"writing {out}", None)]


def test_the_record_is_assembled(make: Make, tmp_path: Path) -> None:
    task = make(settings=FitSettings(out=tmp_path / "f.safetensors", missing=("3:4,5:6px",)))
    outcome = run(task)
    assert outcome.field.record == {
        "method": "network",
        "forecast": {"held_out_psnr_db": 42.0},
        "curve": CURVE,
        "settings": {"data": "a", "steps": 5, "seed": 0, "hold_out": "none"},
        "missing": ["3:4,5:6px"],
        "encoding": {"family": "gaussian"},
        "network": {"depth": 3},
        "metrics": {"train_psnr_db": 40.0},
        "baselines": {"cubic_psnr_db": 30.0},
        "steps": 5,
        "training": {"chosen_by": "a whim"},
    }
    assert fourierfield.load(tmp_path / "f.safetensors").record == outcome.field.record
    assert list(tmp_path.iterdir()) == [tmp_path / "f.safetensors"]


def test_the_parts_of_a_task_come_before_what_the_runner_knows(make: Make) -> None:
    class Solved(MadeUp):
        def parts(self, fitted: Fitted, watch: Callable[[float], None]) -> Parts:
            return {**super().parts(fitted, watch), "forecast": {"held_out_psnr_db": 41.0}}

    record = run(make(Solved, prediction=None)).field.record
    assert record["forecast"] == {"held_out_psnr_db": 41.0}
    assert "missing" not in record
    assert run(make(prediction=None)).field.record["forecast"] is None


def test_the_outcome_says_what_was_fitted_how_long_it_took_and_what_to_remark(make: Make) -> None:
    result = run(make(settings=FitSettings(seed=3))).to_json()
    assert result["signal"] == SIGNAL
    assert result["seed"] == 3
    assert result["field"] is result["report"] is None
    assert result["notes"] == ["a whim", "a made-up signal", "off by 2 dB"]
    assert list(result["seconds"]) == ["tune", "fit", "score", "total"]
    assert sum(result["seconds"].values()) <= 2 * result["seconds"]["total"] + 0.01
    assert result["already_finished"] is False


def test_what_is_about_to_be_done_is_said(make: Make) -> None:
    said: list[str] = []
    run(make(), FitEvents(say=said.append))
    assert said == ["note: a made-up signal", "5 steps", "forecast 42.0 dB in training"]
    said.clear()
    run(make(prediction=None), FitEvents(say=said.append))
    assert said == ["note: a made-up signal", "5 steps"]


def test_a_finished_run_is_recognised(make: Make, resumed: FitSettings) -> None:
    first = run(make(settings=resumed))
    content = Path(str(resumed.out)).read_bytes()
    task = make(settings=resumed)
    again = run(task)
    assert not first.already_finished
    assert again.already_finished
    assert again.notes == ["already finished; nothing to do"]
    assert again.path == str(resumed.out)
    assert again.field.record == first.field.record
    assert again.seconds["fit"] == 0
    assert task.seen.calls == ["check", "choose", "identity"]
    assert isinstance(task.seen.found, Finished)
    assert Path(str(resumed.out)).read_bytes() == content


def test_without_resume_a_fit_begins_anew(make: Make, resumed: FitSettings) -> None:
    run(make(settings=resumed))
    task = make(settings=replace(resumed, resume=False))
    assert not run(task).already_finished
    assert task.seen.found is None
    assert "run" in task.seen.calls


def test_another_run_is_refused_with_what_differs(make: Make, resumed: FitSettings) -> None:
    run(make(settings=resumed))
    task = make(settings=replace(resumed, seed=2), data="b")
    message = r"f.safetensors belongs to another run \(data a there, b here, seed 0 there, 2 here\); leave --resume out"
    with pytest.raises(SettingsError, match=message):
        run(task)
    assert "run" not in task.seen.calls


def test_steps_that_follow_from_the_time_may_differ(make: Make, resumed: FitSettings) -> None:
    timed = replace(resumed, time=9.0)
    task = make(settings=timed)
    assert run(task).field.record["steps"] == 7
    assert task.seen.budget is not None
    assert task.seen.budget.rest() <= 9.0
    assert run(make(settings=timed)).already_finished
    with pytest.raises(SettingsError, match="steps 7 there, 5 here"):
        run(make(settings=resumed))


def test_a_field_of_the_other_method_is_refused(make: Make, resumed: FitSettings) -> None:
    run(make(settings=resumed))
    with pytest.raises(FieldFileError, match="was fitted by network; leave --resume out, or leave out --method kernel"):
        run(make(settings=resumed, method="kernel"))


def test_the_checkpoint_is_continued_and_removed(make: Make, resumed: FitSettings) -> None:
    path = checkpoint_path(Path(str(resumed.out)))
    task = make(settings=resumed)
    Checkpointer(path, task.identity()).write(3, {"weights": torch.ones(2)}, CURVE)
    said: list[str] = []
    outcome = run(task, FitEvents(say=said.append))
    assert said[-1] == "resuming from step 3 of 5"
    assert task.seen.run is not None
    assert task.seen.run.resume_from == task.seen.found
    assert isinstance(task.seen.found, Checkpoint)
    assert task.seen.found.step == 3
    assert not outcome.already_finished
    assert not path.exists()


def test_a_checkpoint_of_another_run_is_refused_by_its_own_name(make: Make, resumed: FitSettings) -> None:
    path = checkpoint_path(Path(str(resumed.out)))
    Checkpointer(path, make(settings=resumed, data="b").identity()).write(3, {"weights": torch.ones(2)}, CURVE)
    with pytest.raises(SettingsError, match=r"\.checkpoint belongs to another run \(data b there, a here\)"):
        run(make(settings=resumed))
    assert path.exists()


def test_kernel_fits_have_no_checkpoint(make: Make, resumed: FitSettings) -> None:
    task = make(settings=resumed, method="kernel")
    run(task)
    assert task.seen.run is not None
    assert task.seen.run.checkpointer is None


def test_stopped_while_scoring_the_checkpoint_is_named(make: Make, resumed: FitSettings) -> None:
    task = make(settings=resumed, keeps_checkpoint=True)
    with pytest.raises(Interrupted) as stop:
        run(task, stopped_in(task, "parts"))
    path = checkpoint_path(Path(str(resumed.out)))
    assert (stop.value.signal_number, stop.value.step, stop.value.checkpoint) == (15, 5, str(path))
    assert path.exists()
    assert not Path(str(resumed.out)).exists()


def test_stopped_while_scoring_no_checkpoint_is_named_where_there_is_none(make: Make, resumed: FitSettings) -> None:
    for settings in (resumed, FitSettings()):
        task = make(settings=settings)
        with pytest.raises(Interrupted) as stop:
            run(task, stopped_in(task, "parts"))
        assert stop.value.checkpoint is None
    assert list(Path(str(resumed.out)).parent.iterdir()) == []


def test_a_place_that_cannot_be_written_is_refused_first(make: Make, tmp_path: Path) -> None:
    task = make(settings=FitSettings(out=tmp_path / "nowhere" / "f.safetensors"))
    with pytest.raises(SettingsError, match="does not exist"):
        run(task)
    assert task.seen.calls == []


def test_details_are_kept_for_a_page_alone(make: Make, resumed: FitSettings) -> None:
    shown = replace(resumed, report=Path(str(resumed.out)).with_suffix(".html"))
    outcome = run(make(Shown, settings=shown))
    assert outcome.details is not None
    assert outcome.details.forecast == Guess()  # type: ignore[comparison-overlap]
    again = make(Shown, settings=shown)
    assert run(again).details is not None
    assert again.seen.calls[-1] == "details_of"
    assert run(make(Shown)).details is None
    assert run(make(settings=replace(shown, resume=False))).details is None  # of a task that has none
