"""Run a fit of posed pictures by network."""

from __future__ import annotations

import hashlib
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import FieldFileError, Interrupted, SettingsError
from ...networks import CoordinateNetwork, NetworkField, ViewsField
from ...signals.views import ViewsSignal
from ...training import TrainingRun, in_words, optimise
from ...training.checkpoint import Checkpoint, Checkpointer
from ...tuning import encoding_words
from ..events import FitEvents
from ..identity import plan_identity, refuse_other_run
from ..outcome import FitOutcome
from ..resuming import checkpoint_path, found_before, settings_of
from ..settings import FitSettings
from .effort import ViewEffort, measure_effort
from .memory import check_view_memory
from .plan import ViewPlan, plan_views, possible_cells
from .record import view_record
from .task import ViewTask, start_network

__all__ = ["run_view_fit"]


def run_view_fit(signal: ViewsSignal, settings: FitSettings, out: Path | None, events: FitEvents) -> FitOutcome:
    """Fit colour and density to posed pictures and, if ``out`` names a place, save.

    The views that the file itself keeps back are held out, or those of ``settings.hold_out``. Raises
    ``FourierFieldError`` and ``Interrupted``.
    """
    started = time.perf_counter()
    _refuse(settings)
    views = signal.split(settings.hold_out_rule)
    plan = plan_views(signal, views[0], settings)
    memory = check_view_memory(signal, plan)
    found = found_before(out) if settings.resume and out else None
    _check_found(found, signal, views, plan, settings, out)
    if isinstance(found, NetworkField):
        return FitOutcome.again(signal, found, out)
    possible = possible_cells(signal, views[0], plan)
    network = start_network(plan, settings.seed)
    task = ViewTask(signal, views, plan, possible)
    effort = measure_effort(task, network)
    task = _with_time(task, effort, settings, found, started)
    tuned = time.perf_counter()
    events.say(_announce(task))
    events.say(f"at most about {in_words(effort.seconds(task))} and {memory}")
    if found:
        events.say(f"resuming from step {found.step:,} of {task.plan.fit.training.steps:,}")
    field = _trained(task, network, settings, out, events, found)
    seconds = {"tune": tuned - started, "fit": time.perf_counter() - tuned}
    return FitOutcome.of(signal, field, out, seconds, [task.plan.fit.choice.reason, *signal.notes])


def _refuse(settings: FitSettings) -> None:
    if settings.method == "kernel":
        raise SettingsError("--method kernel: pictures are no linear measurement of a scene; use --method network")
    if settings.report is not None:
        raise SettingsError("--report draws signals on a grid; leave it out for posed pictures, and render the field")


def _trained(
    task: ViewTask,
    network: CoordinateNetwork,
    settings: FitSettings,
    out: Path | None,
    events: FitEvents,
    found: Checkpoint | None,
) -> ViewsField:
    plan = task.plan.fit.training
    identity = _identity(task.signal, task.views, task.plan, settings)
    checkpointer = Checkpointer(checkpoint_path(out), identity) if out else None
    network.to(plan.device).train().requires_grad_(True)
    objective = task.objective(network)
    run = TrainingRun(events.progress, events.stop_signal, checkpointer, found)
    curve = optimise(objective, plan, run)
    field = task.field(network, objective.grid.cells)

    def watch() -> None:
        stop = events.stop_signal()
        if stop is not None:
            kept = checkpointer is not None and checkpointer.path.exists()
            raise Interrupted(stop, plan.steps, str(checkpointer.path) if checkpointer and kept else None)

    field.record = view_record(task.signal, task.views, field, task.plan, identity, curve, watch)
    field.to("cpu")
    if out is not None and checkpointer is not None:
        field.save(out)
        checkpointer.remove()
    return field


def _with_time(
    task: ViewTask, effort: ViewEffort, settings: FitSettings, found: Checkpoint | None, started: float
) -> ViewTask:
    """The task with the steps that ``--time`` leaves room for."""
    if settings.time is None:
        return task
    if found is not None:
        steps = int(found.settings["steps"])
    else:
        steps = effort.steps_in(settings.time - (time.perf_counter() - started), task)
    return replace(task, plan=task.plan.with_steps(steps))


def _identity(
    signal: ViewsSignal, views: tuple[np.ndarray, np.ndarray], plan: ViewPlan, settings: FitSettings
) -> dict[str, Any]:
    return {
        "data": _digest(signal, views),
        **plan_identity(plan.fit, settings),
        "ray_step": plan.step,
        "cells": plan.cells,
        **({"coarse_to_fine": plan.rays.coarse_to_fine} if plan.rays.coarse_to_fine else {}),
    }


def _digest(signal: ViewsSignal, views: tuple[np.ndarray, np.ndarray]) -> str:
    cameras, scene = signal.scene.cameras, signal.scene
    digest = hashlib.sha256(repr((scene.placement, scene.near, scene.far, scene.background)).encode())
    arrays = (signal.images, cameras.poses, cameras.focal, cameras.centre, cameras.distortion, *views)
    for array in arrays:
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()[:16]


def _check_found(
    found: NetworkField | Checkpoint | None,
    signal: ViewsSignal,
    views: tuple[np.ndarray, np.ndarray],
    plan: ViewPlan,
    settings: FitSettings,
    out: Path | None,
) -> None:
    """Raise where what was found belongs to another run."""
    if found is None or out is None:
        return
    if isinstance(found, NetworkField) and not isinstance(found, ViewsField):
        raise FieldFileError(f"{out} holds {found.source.kind}, not views; leave --resume out to start afresh")
    path = out if isinstance(found, NetworkField) else checkpoint_path(out)
    ignoring = ("steps", "weight_decay") if settings.time is not None else ()
    wanted = _identity(signal, views, plan, settings)
    refuse_other_run(settings_of(found), wanted, str(path), ignoring=ignoring)


def _announce(task: ViewTask) -> str:
    plan, scene = task.plan.fit, task.signal.scene
    precision = str(plan.training.precision).removeprefix("torch.")
    share = float(task.possible.float().mean())
    emptied = f", {1 - share:.0%} of the box empty by the silhouettes" if share < 1 else ""
    return (
        f"encoding {encoding_words(plan.choice.encoding)} ({plan.choice.reason}); {len(task.views[0])} views to train "
        f"on, {len(task.views[1])} held out; box of side {scene.side:.3g}{emptied}; {plan.training.steps:,} steps of "
        f"{plan.training.batch_size:,} rays in {precision} on {plan.training.device.type}"
    )
