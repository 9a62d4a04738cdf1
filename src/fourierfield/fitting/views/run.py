"""Run a fit of posed pictures by network."""

from __future__ import annotations

import copy
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...errors import FieldFileError, Interrupted, SettingsError
from ...networks import MLP, CoordinateNetwork, NetworkField, ViewsField
from ...rendering import render_view
from ...signals.views import ViewsSignal
from ...training import RayObjective, TrainingRun, optimise
from ...training.checkpoint import Checkpoint, Checkpointer
from ...training.optimiser import Optimiser
from ...tuning import encoding_words
from ..describe import describe
from ..events import FitEvents
from ..identity import plan_identity, refuse_other_run
from ..outcome import FitOutcome
from ..resuming import checkpoint_path, found_before, settings_of
from ..settings import FitSettings
from .memory import check_view_memory
from .plan import ViewPlan, plan_views, possible_cells
from .record import SCORED_TRAINING, view_record

__all__ = ["run_view_fit"]

_PROBE_STEPS, _PROBE_RATE = 6, 1e-6
_THIN = -3.0  # logarithm of the density per unit
_SCORED_ON_CURVE = 24  # times that a run is scored, each for about half a step


@dataclass(frozen=True)
class _Task:
    """What is fitted to what: the signal, its views for training and held out, the plan, and the cells of the box."""

    signal: ViewsSignal
    views: tuple[np.ndarray, np.ndarray]
    plan: ViewPlan
    possible: Tensor

    def objective(self, network: CoordinateNetwork) -> RayObjective:
        training = self.plan.fit.training
        return RayObjective(self.signal, network, training, self.plan.rays, self.views, self.possible)

    def field(self, network: CoordinateNetwork, cells: Tensor) -> ViewsField:
        scene = replace(self.signal.scene, held_out=tuple(int(view) for view in self.views[1]))
        return ViewsField(network, scene, cells, self.plan.step, self.signal.description)


def run_view_fit(signal: ViewsSignal, settings: FitSettings, out: Path | None, events: FitEvents) -> FitOutcome:
    """Fit colour and density to posed pictures and, if ``out`` names a place, save.

    The views that the file itself keeps back are held out, or those of ``settings.hold_out``. Raises
    ``FourierFieldError`` and ``Interrupted``.
    """
    started = time.perf_counter()
    _refuse(settings)
    views = signal.split(settings.hold_out_rule)
    plan = plan_views(signal, views[0], settings)
    check_view_memory(signal, plan)
    found = found_before(out) if settings.resume and out else None
    _check_found(found, signal, views, plan, settings, out)
    if isinstance(found, NetworkField):
        return _outcome(signal, found, out, {"tune": 0.0, "fit": 0.0}, ["already finished; nothing to do"], True)
    possible = possible_cells(signal, views[0], plan)
    network = _network(plan, settings.seed)
    task = _with_time(_Task(signal, views, plan, possible), network, settings, found, started)
    tuned = time.perf_counter()
    events.say(_announce(task))
    if found:
        events.say(f"resuming from step {found.step:,} of {task.plan.fit.training.steps:,}")
    field = _trained(task, network, settings, out, events, found)
    seconds = {"tune": tuned - started, "fit": time.perf_counter() - tuned}
    return _outcome(signal, field, out, seconds, [task.plan.fit.choice.reason, *signal.notes])


def _refuse(settings: FitSettings) -> None:
    if settings.method == "kernel":
        raise SettingsError("--method kernel: pictures are no linear measurement of a scene; use --method network")
    if settings.report is not None:
        raise SettingsError("--report draws signals on a grid; leave it out for posed pictures, and render the field")


def _trained(
    task: _Task,
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


def _network(plan: ViewPlan, seed: int) -> CoordinateNetwork:
    """The network before training, which in the default preset holds a thin fog: in a dense one all the first steps
    agree that there should be less of it, and end in an empty scene for good."""
    generator = torch.Generator().manual_seed(seed)
    encoding = plan.fit.choice.encoding.build(3, generator)
    network = CoordinateNetwork(encoding, MLP(plan.fit.mlp, generator))
    if plan.fit.mlp.output == "radiance":
        with torch.no_grad():
            network.mlp.layers[-1].bias[3] = _THIN
    return network


def _with_time(
    task: _Task, network: CoordinateNetwork, settings: FitSettings, found: Checkpoint | None, started: float
) -> _Task:
    """The task with the steps that ``--time`` leaves room for, by timing a few and one picture on a copy."""
    if settings.time is None:
        return task
    if found is not None:
        steps = int(found.settings["steps"])
    else:
        per_step, per_picture = _probed(task, copy.deepcopy(network))
        pictures = len(task.views[1]) + min(SCORED_TRAINING, len(task.views[0]))
        left = settings.time - (time.perf_counter() - started) - per_picture * pictures
        steps = max(1, int(0.95 * left / per_step) - _SCORED_ON_CURVE // 2)
    return replace(task, plan=task.plan.with_steps(steps))


def _probed(task: _Task, network: CoordinateNetwork) -> tuple[float, float]:
    """Seconds of a step, with its share of looking around, and of a picture."""
    plan = task.plan.with_steps(_PROBE_STEPS)
    probe = replace(task, plan=plan)
    network.to(plan.fit.training.device).train().requires_grad_(True)
    objective = probe.objective(network)
    optimiser = Optimiser(objective.parameters, plan.fit.training)
    marks = [time.perf_counter()]
    for step in range(_PROBE_STEPS):
        optimiser.clear()
        objective.accumulate(step)
        optimiser.step(_PROBE_RATE)
        marks.append(time.perf_counter())
    per_step = float(np.median(np.diff(marks)))
    looking = _seconds(lambda: objective.look_around(torch.Generator().manual_seed(0)))
    picture = _seconds(lambda: render_view(probe.field(network, objective.grid.cells)))
    return per_step + looking / plan.rays.update_every, picture


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


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


def _outcome(
    signal: ViewsSignal,
    field: NetworkField,
    out: Path | None,
    seconds: dict[str, float],
    notes: list[str],
    finished: bool = False,
) -> FitOutcome:
    rounded = {name: round(value, 3) for name, value in seconds.items()}
    rounded["total"] = round(sum(seconds.values()), 3)
    return FitOutcome(field, str(out) if out else None, describe(signal), rounded, notes, finished)


def _announce(task: _Task) -> str:
    plan, scene = task.plan.fit, task.signal.scene
    precision = str(plan.training.precision).removeprefix("torch.")
    share = float(task.possible.float().mean())
    emptied = f", {1 - share:.0%} of the box empty by the silhouettes" if share < 1 else ""
    return (
        f"encoding {encoding_words(plan.choice.encoding)} ({plan.choice.reason}); {len(task.views[0])} views to train "
        f"on, {len(task.views[1])} held out; box of side {scene.side:.3g}{emptied}; {plan.training.steps:,} steps of "
        f"{plan.training.batch_size:,} rays in {precision} on {plan.training.device.type}"
    )
