"""Run a fit of a scan by network: a pilot by kernel, then training through the scan's map."""

from __future__ import annotations

import copy
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ...networks import MLP, CoordinateNetwork, NetworkField
from ...problems.scans import Scan, ScanProblem, scan_problem
from ...training import TrainingRun, check_memory, in_words, optimise
from ...training.checkpoint import Checkpoint, Checkpointer
from ...tuning import encoding_words
from ..events import FitEvents, tuning_reporter
from ..kernel import solver_watch
from ..outcome import FitOutcome
from ..resuming import checkpoint_path, found_before
from ..settings import FitSettings
from .effort import Effort, measure_effort
from .foreseen import in_a_few_words
from .notes import say_notes
from .pilot import Pilot, fly_pilot
from .plan import ScanPlan, plan_scan
from .record import bandwidths_of_scan, image_vector, rival_scores, scan_metrics, training_facts
from .resuming import finished_scan, network_identity, refuse_other_scan

__all__ = ["run_scan_network_fit"]


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
        return finished_scan(signal, problem, found, settings, out)
    whole = settings.preset != "paper" and settings.batch_size is None
    say_notes(signal, events)
    events.say("a first fit by kernel")
    pilot = fly_pilot(problem, settings.seed, whole=whole, watch=solver_watch(events))
    plan = plan_scan(problem, pilot, settings, tuning_reporter(events))
    memory = check_memory(plan.fit.mlp, int(np.prod(problem.image_shape)), plan.fit.training)
    refuse_other_scan(found, problem, plan, settings, out)
    task = _Task(signal, problem, plan, pilot)
    network = _network(plan, problem, settings.seed)
    effort = measure_effort(plan, problem, pilot, copy.deepcopy(network))
    task = _with_time(task, effort, settings, found, started)
    tuned = time.perf_counter()
    events.say(_announce(task))
    if pilot.forecast is not None:
        events.say(f"forecast: {in_a_few_words(pilot.forecast)}, as that first fit foretells")
    events.say(f"about {in_words(effort.seconds(task.plan))} and {memory.words}")
    if found:
        events.say(f"resuming from step {found.step:,} of {task.plan.steps:,}")
    field = _trained(task, network, settings, out, events, found)
    ended = time.perf_counter()
    seconds = {"tune": tuned - started, "fit": ended - tuned, "total": ended - started}
    notes = [task.plan.fit.choice.reason, *signal.notes]
    return FitOutcome.of(signal, field, out, seconds, notes)


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
    identity = network_identity(problem, task.plan, settings)
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


def _with_time(task: _Task, effort: Effort, settings: FitSettings, found: Checkpoint | None, started: float) -> _Task:
    """The task with the steps that ``--time`` leaves room for."""
    if settings.time is None:
        return task
    if found is not None:
        switch = int(found.settings["switch"])
        return replace(task, plan=task.plan.with_steps(switch, int(found.settings["steps"]) - switch))
    return replace(task, plan=effort.plan_in(settings.time - (time.perf_counter() - started), task.plan))


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
        "forecast": task.pilot.forecast,
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
