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
from ...networks import MLP, CoordinateNetwork, NetworkField
from ...problems.scans import Scan, ScanProblem, scan_problem
from ...training import TrainingRun, check_memory, in_words, optimise
from ...training.checkpoint import Checkpoint, Checkpointer
from ...training.optimiser import Optimiser
from ...tuning import encoding_words
from ..describe import describe
from ..events import FitEvents, tuning_reporter
from ..identity import plan_identity, refuse_other_run
from ..kernel import solver_watch
from ..outcome import FitOutcome
from ..resuming import checkpoint_path, found_before
from ..settings import FitSettings
from .notes import say_notes
from .pilot import Pilot, fly_pilot
from .plan import ScanPlan, plan_scan
from .record import bandwidths_of_scan, image_vector, rival_scores, scan_metrics, training_facts
from .resuming import scan_digest

__all__ = ["run_scan_network_fit"]

_PROBE_STEPS, _PROBE_RATE = 5, 1e-6
_SCORED_ON_CURVE = 24


@dataclass(frozen=True)
class _Task:
    """What is fitted to what, the plan, and what a kernel made of it."""

    signal: Scan
    problem: ScanProblem
    plan: ScanPlan
    pilot: Pilot

    def field(self, network: CoordinateNetwork) -> NetworkField:
        return NetworkField(network, self.problem.domain, self.pilot.values, self.signal.description)


def run_scan_network_fit(signal: Scan, settings: FitSettings, out: Path | None, events: FitEvents) -> FitOutcome:
    """Train a network on what a scan measured and, if ``out`` names a place, save. Raises ``FourierFieldError`` and
    ``Interrupted``."""
    started = time.perf_counter()
    problem = scan_problem(signal, settings.hold_out_rule)
    found = found_before(out) if settings.resume and out else None
    if isinstance(found, NetworkField):
        return _finished(signal, problem, found, settings, out)
    whole = settings.preset != "paper" and settings.batch_size is None
    say_notes(signal, events)
    events.say("a first fit by kernel")
    pilot = fly_pilot(problem, settings.seed, whole=whole, watch=solver_watch(events))
    plan = plan_scan(problem, pilot, settings, tuning_reporter(events))
    memory = check_memory(plan.fit.mlp, int(np.prod(problem.image_shape)), plan.fit.training)
    _refuse_other(found, problem, plan, settings, out)
    task = _Task(signal, problem, plan, pilot)
    network = _network(plan, problem, settings.seed)
    effort = _measure(task, copy.deepcopy(network))
    task = _with_time(task, effort, settings, found, started)
    tuned = time.perf_counter()
    events.say(_announce(task))
    events.say(f"about {in_words(effort.seconds(task.plan))} and {memory.words}")
    if found:
        events.say(f"resuming from step {found.step:,} of {task.plan.steps:,}")
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
    checkpointer = Checkpointer(checkpoint_path(out), identity) if out else None
    network.to(plan.device).train().requires_grad_(True)
    objective = task.plan.objective(problem, network, task.pilot)
    curve = optimise(objective, plan, TrainingRun(events.progress, events.stop_signal, checkpointer, found))
    field = task.field(network).to("cpu")
    events.say("comparing with classical methods")
    field.record = _record(task, field, identity, curve)
    if out is not None and checkpointer is not None:
        field.save(out)
        checkpointer.remove()
    return field


@dataclass(frozen=True)
class _Effort:
    """Seconds of a step on the pilot and of one on the scan."""

    on_pilot: float
    on_scan: float

    def seconds(self, plan: ScanPlan) -> float:
        """Of all steps of a plan, and the scores along its way."""
        scan = plan.steps - plan.switch + _SCORED_ON_CURVE // 2
        return self.on_pilot * plan.switch + self.on_scan * scan

    def plan_in(self, seconds: float, plan: ScanPlan) -> ScanPlan:
        """The plan with the steps that may be taken in so long: half of it on the scan itself at most."""
        left = max(0.0, 0.95 * seconds - self.on_scan * _SCORED_ON_CURVE / 2)
        if not plan.switch:
            return plan.with_steps(0, max(1, int(left / self.on_scan)))
        scan = max(1, min(plan.steps - plan.switch, int(0.5 * left / self.on_scan)))
        return plan.with_steps(max(1, int((left - scan * self.on_scan) / self.on_pilot)), scan)


def _with_time(task: _Task, effort: _Effort, settings: FitSettings, found: Checkpoint | None, started: float) -> _Task:
    """The task with the steps that ``--time`` leaves room for."""
    if settings.time is None:
        return task
    if found is not None:
        switch = int(found.settings["switch"])
        return replace(task, plan=task.plan.with_steps(switch, int(found.settings["steps"]) - switch))
    return replace(task, plan=effort.plan_in(settings.time - (time.perf_counter() - started), task.plan))


def _measure(task: _Task, network: CoordinateNetwork) -> _Effort:
    """The median of a few steps of each kind on a copy of the network."""
    plan = task.plan
    network.to(plan.fit.training.device).train().requires_grad_(True)
    objective = plan.objective(task.problem, network, task.pilot)
    optimiser = Optimiser(objective.parameters, plan.fit.training)

    def median(steps: range) -> float:
        marks = [time.perf_counter()]
        for step in steps:
            optimiser.clear()
            objective.accumulate(step)
            optimiser.step(_PROBE_RATE)
            marks.append(time.perf_counter())
        return float(np.median(np.diff(marks))) if len(marks) > 1 else 0.0

    on_scan = median(range(plan.switch, min(plan.switch + _PROBE_STEPS, plan.steps)))
    return _Effort(median(range(min(plan.switch, 3 * _PROBE_STEPS))), on_scan)


def _identity(problem: ScanProblem, plan: ScanPlan, settings: FitSettings) -> dict[str, Any]:
    per_ray = None if plan.lines is None else plan.lines.per_ray
    return {
        "data": scan_digest(problem),
        **plan_identity(plan.fit, settings),
        "points_per_ray": per_ray,
        "switch": plan.switch,
        "noise": plan.noise,
    }


def _finished(
    signal: Scan, problem: ScanProblem, found: NetworkField, settings: FitSettings, out: Path | None
) -> FitOutcome:
    """The outcome of a fit that was finished before, if it is the same."""
    kept = found.record.get("settings", {})
    if "scan" not in found.record:
        raise FieldFileError(f"{out} was not fitted to a scan; leave --resume out to start afresh")
    asked = {"data": scan_digest(problem), "hold_out": str(settings.hold_out_rule), "seed": settings.seed}
    asked |= {"preset": settings.preset}
    asked |= {"steps": settings.steps} if settings.steps is not None else {}
    asked |= {"width": settings.width} if settings.width is not None else {}
    asked |= {"depth": settings.depth} if settings.depth is not None else {}
    refuse_other_run(kept, asked, str(out))
    seconds = {"tune": 0.0, "fit": 0.0, "total": 0.0}
    return FitOutcome(found, str(out), describe(signal), seconds, ["already finished; nothing to do"], True)


def _refuse_other(
    found: Checkpoint | None, problem: ScanProblem, plan: ScanPlan, settings: FitSettings, out: Path | None
) -> None:
    if found is None or out is None:
        return
    ignoring = ("steps", "weight_decay", "switch") if settings.time is not None else ()
    wanted = _identity(problem, plan, settings)
    refuse_other_run(found.settings, wanted, str(checkpoint_path(out)), ignoring=ignoring)


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
    first = f"{task.plan.switch:,} steps on that, " if task.plan.switch else ""
    precision = str(plan.training.precision).removeprefix("torch.")
    return (
        f"encoding {encoding_words(plan.choice.encoding)} ({plan.choice.reason}); {facts['samples']:,} measurements; "
        f"{first}{task.plan.steps - task.plan.switch:,} steps of {seen} in {precision} on {plan.training.device.type}"
    )
