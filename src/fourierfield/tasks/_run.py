"""The runner: one procedure for the fits of every kind of signal, by network and by kernel."""

from __future__ import annotations

import dataclasses
import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import Interrupted
from ..grids._files import check_writable
from ..networks._field import Field
from ..networks._field_file import is_field_file
from ..training._checkpoint import Checkpoint, Checkpointer, read_checkpoint
from ..training._loop import TrainingRun
from ..training._pace import Deadline
from ._remarks import behind
from ._reporting import FitDetails, Reporting
from ._resume import Finished, Identity, Load, checkpoint_path, find_run, refuse_other_run
from ._task import Budget, FitEvents, Fitted, Parts, Prediction, Record, Task, Trained

_FINISHED = "already finished; nothing to do"


@dataclass(frozen=True)
class FitOutcome:
    """A fitted field with where it was saved (None if it was not), how long it took, and remarks for the user.

    ``signal`` describes what was fitted, ``report`` is the path of the page, ``details`` holds what the page is drawn
    from. ``field.record`` holds everything that does not depend on the machine's speed (``Record``).
    """

    field: Field
    path: str | None
    signal: dict[str, Any]
    seconds: dict[str, float]
    notes: list[str] = dataclasses.field(default_factory=list)
    already_finished: bool = False
    details: FitDetails | None = None
    report: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the object that ``fit --json`` prints."""
        record = self.field.record
        names = ("method", "encoding", "network", "metrics", "baselines", "forecast", "curve", "steps", "training")
        return {
            "signal": self.signal,
            **{name: record[name] for name in names},
            **({"kernel": record["kernel"]} if "kernel" in record else {}),
            "hold_out": record["settings"]["hold_out"],
            "seed": record["settings"]["seed"],
            "seconds": self.seconds,
            "field": self.path,
            "report": self.report,
            "notes": self.notes,
            "already_finished": self.already_finished,
        }


def run_task(
    task: Task, signal: dict[str, Any], events: FitEvents, load: Load, started: float | None = None
) -> FitOutcome:
    """Run a fit from its memory check to the saved field, and save it if ``task.settings.out`` names a place.

    ``signal`` describes the signal for the outcome, ``load`` reads a field file back. ``started`` is when the fit
    began (``time.perf_counter``). Raises ``FourierFieldError`` and ``Interrupted``.
    """
    try:
        return _run(task, signal, events, load, _Clock(time.perf_counter() if started is None else started))
    except Interrupted as stop:
        place = None if task.settings.out is None else checkpoint_path(Path(task.settings.out))
        if stop.checkpoint is None and place is not None and task.method == "network" and is_field_file(place):
            raise Interrupted(stop.signal_number, read_checkpoint(place).step, str(place)) from None
        raise


def _run(task: Task, signal: dict[str, Any], events: FitEvents, load: Load, clock: _Clock) -> FitOutcome:
    settings = task.settings
    out = None if settings.out is None else check_writable(settings.out)
    task.check()
    found = find_run(out, task.method, load) if settings.resume and out is not None else None
    remarks = [] if isinstance(found, Finished) else task.notes()
    for note in remarks:
        events.say(f"note: {note}")
    events.phase("choosing an encoding")
    task = task.choose(found, events)
    refuse_other_run(found, task.identity(), out, settings)
    if isinstance(found, Finished):
        details = task.details_of(found) if settings.report and isinstance(task, Reporting) else None
        return _ended(found.field, signal, out, clock, [_FINISHED], details, already_finished=True)
    budget = Budget(settings.time, clock.started)
    events.phase("timing the first steps")
    task = task.within(budget, found)
    events.phase("forecasting")
    forecast, identity = task.forecast(), task.identity()
    for line in (*task.announce(), *_forecast_line(forecast), *_resumed_line(found, identity)):
        events.say(line)
    clock.mark("tune")
    checkpointer = Checkpointer(checkpoint_path(out), identity) if out and task.method == "network" else None
    deadline = _deadline(task, budget) if found is None else None
    run = TrainingRun(events.progress, events.stop_signal, checkpointer, found, deadline=deadline)
    details = task.details(forecast, found) if settings.report and isinstance(task, Reporting) else None
    if details is not None:
        run = dataclasses.replace(run, observe=details.recorder)
    events.phase("training" if task.method == "network" else "solving")
    fitted = task.run(run, events)
    clock.mark("fit")
    if deadline is not None:
        task, identity, told = _as_trained(task, identity, fitted)
        remarks = [*remarks, *told]
    field = fitted.field
    parts = _scored(task, fitted, events, None if checkpointer is None else checkpointer.path)
    field.record = dict(_record(task, parts, fitted, forecast, identity))
    if out is not None:
        events.phase(f"writing {out}")
        field.save(out)
    if checkpointer is not None:
        checkpointer.remove()
    missed = [] if forecast is None else forecast.notes(field.record["metrics"])
    missed += behind(parts["metrics"], parts["baselines"], getattr(getattr(task, "problem", None), "training", None))
    notes = [field.record["training"]["chosen_by"], *remarks, *missed]
    return _ended(field, signal, out, clock, notes, details)


def _deadline(task: Task, budget: Budget) -> Deadline | None:
    """Return the end of a training that is bound by time, or None."""
    if budget.seconds is None or not isinstance(task, Trained):
        return None
    trained: Trained = task
    return Deadline(budget.rest, lambda steps: trained.with_steps(steps).training)


def _scored(task: Task, fitted: Fitted, events: FitEvents, checkpoint: Path | None) -> Parts:
    """Score a fit; if it is asked to stop meanwhile, its checkpoint is kept."""
    step = int(fitted.curve[-1]["step"] or 0) if fitted.curve else 0

    def watch(share: float) -> None:
        events.phase("scoring", share)
        events.check(checkpoint, step)

    events.phase("scoring")
    return task.parts(fitted, watch)


_TOLD = 0.1  # of the planned steps: a smaller difference is not worth a remark


def _as_trained(task: Task, identity: Identity, fitted: Fitted) -> tuple[Task, Identity, list[str]]:
    """Return the task and its identity with the steps that were taken, and a remark if that is another number."""
    assert isinstance(task, Trained)
    planned, steps = task.training.steps, int(fitted.curve[-1]["step"] or 0)
    if steps == planned:
        return task, identity, []
    task = task.with_steps(steps)
    identity = identity | {"steps": steps, "weight_decay": task.training.weight_decay}
    longer = "longer" if steps < planned else "less time"
    told = f"{steps:,} steps instead of the {planned:,} that were planned: they took {longer} than when they were timed"
    return task, identity, [told] if abs(steps - planned) > _TOLD * planned else []


def _record(task: Task, parts: Parts, fitted: Fitted, forecast: Prediction | None, identity: Identity) -> Record:
    """Assemble what the field remembers of its fit."""
    record: Record = {
        "method": task.method,
        "forecast": None if forecast is None else forecast.to_json(),
        "curve": fitted.curve,
        "settings": identity,
        **parts,  # type: ignore[typeddict-item]  # mypy takes optional keys of an unpacked dictionary for required
    }
    if task.settings.missing:
        record["missing"] = list(task.settings.missing)
    plain: Record = finite(record)
    return plain


def finite(value: Any) -> Any:
    """Return plain JSON values with None for numbers that are not finite, such as scores of values near 1e38.

    >>> finite({"ssim": float("nan"), "curve": [1.0, float("inf")]})
    {'ssim': None, 'curve': [1.0, None]}
    """
    if isinstance(value, dict):
        return {key: finite(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _forecast_line(forecast: Prediction | None) -> list[str]:
    return [] if forecast is None else [f"forecast {forecast.words}"]


def _resumed_line(found: Checkpoint | None, identity: Identity) -> list[str]:
    return [] if found is None else [f"resuming from step {found.step:,} of {identity['steps']:,}"]


def _ended(
    field: Field,
    signal: dict[str, Any],
    out: Path | None,
    clock: _Clock,
    notes: list[str],
    details: FitDetails | None,
    *,
    already_finished: bool = False,
) -> FitOutcome:
    """Return the outcome; a fit that was finished before spent all of its time on being recognised."""
    seconds = clock.finish(already_finished)
    return FitOutcome(field, None if out is None else str(out), signal, seconds, notes, already_finished, details)


class _Clock:
    """Seconds of the phases of a fit."""

    def __init__(self, started: float) -> None:
        self.started = self._last = started
        self._seconds = {"tune": 0.0, "fit": 0.0}

    def mark(self, phase: str) -> None:
        """End a phase."""
        now = time.perf_counter()
        self._seconds[phase], self._last = now - self._last, now

    def finish(self, already_finished: bool) -> dict[str, float]:
        """Return the seconds of each phase and in all, rounded."""
        self.mark("tune" if already_finished else "score")
        total = time.perf_counter() - self.started
        return {name: round(value, 3) for name, value in {**self._seconds, "total": total}.items()}
