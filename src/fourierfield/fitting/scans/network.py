"""Run a fit of a scan by network: a pilot by kernel, then training through the scan's map."""

from __future__ import annotations

import copy
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ...errors import FieldFileError
from ...networks import MLP, CoordinateNetwork, NetworkField, ValueRange
from ...problems.scans import Scan, ScanProblem, scan_problem
from ...training import TrainingRun, check_memory, in_words, optimise
from ...training.checkpoint import Checkpoint, Checkpointer
from ...training.optimiser import Optimiser
from ...tuning import encoding_words
from ..describe import describe
from ..events import FitEvents
from ..identity import plan_identity, refuse_other_run
from ..outcome import FitOutcome
from ..resuming import checkpoint_path, found_before, settings_of
from ..settings import FitSettings
from .notes import say_notes
from .pilot import pilot_range
from .plan import ScanPlan, plan_scan
from .record import bandwidths_of_scan, image_vector, rival_scores, scan_metrics, training_facts
from .resuming import scan_digest

__all__ = ["run_scan_network_fit"]

_PROBE_STEPS, _PROBE_RATE = 5, 1e-6
_SCORED_ON_CURVE = 24


@dataclass(frozen=True)
class _Task:
    """What is fitted to what, the plan, and which values stand for [0, 1]."""

    signal: Scan
    problem: ScanProblem
    plan: ScanPlan
    values: ValueRange

    def field(self, network: CoordinateNetwork) -> NetworkField:
        return NetworkField(network, self.problem.domain, self.values, self.signal.description)


def run_scan_network_fit(signal: Scan, settings: FitSettings, out: Path | None, events: FitEvents) -> FitOutcome:
    """Train a network on what a scan measured and, if ``out`` names a place, save. Raises ``FourierFieldError`` and
    ``Interrupted``."""
    started = time.perf_counter()
    problem = scan_problem(signal, settings.hold_out_rule)
    plan = plan_scan(problem, settings)
    memory = check_memory(plan.fit.mlp, int(np.prod(problem.image_shape)), plan.fit.training)
    found = found_before(out) if settings.resume and out else None
    _refuse_other(found, problem, plan, settings, out)
    if isinstance(found, NetworkField):
        seconds = {"tune": 0.0, "fit": 0.0, "total": 0.0}
        return FitOutcome(found, str(out), describe(signal), seconds, ["already finished; nothing to do"], True)
    task = _Task(signal, problem, plan, pilot_range(problem, found, settings.seed))
    network = _network(plan, problem, settings.seed)
    per_step = _seconds_per_step(task, copy.deepcopy(network))
    task = _with_time(task, per_step, settings, found, started)
    tuned = time.perf_counter()
    say_notes(signal, events)
    events.say(_announce(task))
    seconds_to_go = per_step * (task.plan.fit.training.steps + _SCORED_ON_CURVE)
    events.say(f"about {in_words(seconds_to_go)} and {memory.words}")
    if found:
        events.say(f"resuming from step {found.step:,} of {task.plan.fit.training.steps:,}")
    field = _trained(task, network, settings, out, events, found)
    ended = time.perf_counter()
    seconds = {"tune": tuned - started, "fit": ended - tuned, "total": ended - started}
    seconds = {name: round(value, 3) for name, value in seconds.items()}
    notes = [task.plan.fit.choice.reason, *signal.notes]
    return FitOutcome(field, str(out) if out else None, describe(signal), seconds, notes)


def _network(plan: ScanPlan, problem: ScanProblem, seed: int) -> CoordinateNetwork:
    generator = torch.Generator().manual_seed(seed)
    encoding = plan.fit.choice.encoding.build(problem.domain.dimensions, generator)
    return CoordinateNetwork(encoding, MLP(plan.fit.mlp, generator))


def _trained(
    task: _Task,
    network: CoordinateNetwork,
    settings: FitSettings,
    out: Path | None,
    events: FitEvents,
    found: Checkpoint | None,
) -> NetworkField:
    plan, problem = task.plan.fit.training, task.problem
    identity = _identity(problem, task.plan, settings)
    kept = {"offset": task.values.common[0], "peak": task.values.common[1]}
    checkpointer = Checkpointer(checkpoint_path(out), {**identity, "values": kept}) if out else None
    network.to(plan.device).train().requires_grad_(True)
    objective = task.plan.objective(problem, network, task.values)
    curve = optimise(objective, plan, TrainingRun(events.progress, events.stop_signal, checkpointer, found))
    field = task.field(network).to("cpu")
    events.say("comparing with classical methods")
    field.record = _record(task, field, identity, curve)
    if out is not None and checkpointer is not None:
        field.save(out)
        checkpointer.remove()
    return field


def _with_time(task: _Task, per_step: float, settings: FitSettings, found: Checkpoint | None, started: float) -> _Task:
    """The task with the steps that ``--time`` leaves room for."""
    if settings.time is None:
        return task
    if found is not None:
        steps = int(found.settings["steps"])
    else:
        left = settings.time - (time.perf_counter() - started)
        steps = max(1, int(0.95 * left / per_step) - _SCORED_ON_CURVE // 2)
    return replace(task, plan=task.plan.with_steps(steps))


def _seconds_per_step(task: _Task, network: CoordinateNetwork) -> float:
    """The median of a few steps on a copy of the network."""
    plan = task.plan.with_steps(_PROBE_STEPS)
    network.to(plan.fit.training.device).train().requires_grad_(True)
    objective = plan.objective(task.problem, network, task.values)
    optimiser = Optimiser(objective.parameters, plan.fit.training)
    marks = [time.perf_counter()]
    for step in range(_PROBE_STEPS):
        optimiser.clear()
        objective.accumulate(step)
        optimiser.step(_PROBE_RATE)
        marks.append(time.perf_counter())
    return float(np.median(np.diff(marks)))


def _identity(problem: ScanProblem, plan: ScanPlan, settings: FitSettings) -> dict[str, Any]:
    per_ray = None if plan.lines is None else plan.lines.per_ray
    return {"data": scan_digest(problem), **plan_identity(plan.fit, settings), "points_per_ray": per_ray}


def _refuse_other(
    found: NetworkField | Checkpoint | None,
    problem: ScanProblem,
    plan: ScanPlan,
    settings: FitSettings,
    out: Path | None,
) -> None:
    if found is None or out is None:
        return
    if isinstance(found, NetworkField) and "scan" not in found.record:
        raise FieldFileError(f"{out} was not fitted to a scan; leave --resume out to start afresh")
    path = out if isinstance(found, NetworkField) else checkpoint_path(out)
    ignoring = ("steps", "weight_decay") if settings.time is not None else ()
    refuse_other_run(settings_of(found), _identity(problem, plan, settings), str(path), ignoring=ignoring)


def _record(
    task: _Task, field: NetworkField, identity: dict[str, Any], curve: list[dict[str, float | None]]
) -> dict[str, Any]:
    plan, problem, encoding = task.plan.fit, task.problem, field.network.encoding
    return {
        "method": "network",
        "scan": problem.training.kind,
        "encoding": {
            "family": encoding.family,
            **bandwidths_of_scan(problem, encoding.bandwidth),
            "features": encoding.features,
        },
        "network": {"depth": plan.mlp.depth, "width": plan.mlp.width, "parameters": field.network.mlp.spec.parameters},
        "metrics": scan_metrics(image_vector(field, problem), problem),
        "baselines": rival_scores(problem),
        "forecast": None,
        "curve": curve,
        "steps": plan.training.steps,
        "training": {
            **training_facts(problem),
            "batch_size": plan.training.batch_size or int(np.prod(problem.image_shape)),
            "learning_rate": plan.training.schedule.peak,
            "precision": identity["precision"],
            "device": identity["device"],
            "chosen_by": plan.choice.reason,
        },
        "settings": identity,
    }


def _announce(task: _Task) -> str:
    plan, facts = task.plan.fit, training_facts(task.problem)
    seen = "the whole image" if task.plan.lines is None else f"{plan.training.batch_size:,} points along rays"
    precision = str(plan.training.precision).removeprefix("torch.")
    return (
        f"encoding {encoding_words(plan.choice.encoding)} ({plan.choice.reason}); {facts['samples']:,} measurements; "
        f"{plan.training.steps:,} steps of {seen} in {precision} on {plan.training.device.type}"
    )
