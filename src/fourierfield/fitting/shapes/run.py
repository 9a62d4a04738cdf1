"""Run a fit of a mesh: sample, choose, train, score, save."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...errors import SettingsError
from ...networks import NetworkField
from ...problems import PointProblem, shape_problem
from ...signals import MeshSignal
from ...training import TrainingRun, check_memory, train
from ...training.checkpoint import Checkpoint, Checkpointer
from ...training.scoring import score_field
from ...tuning import encoding_words
from ..events import FitEvents, tuning_reporter
from ..identity import chosen_before, run_identity
from ..outcome import FitOutcome
from ..presets import FitPlan
from ..record import batch_size, network_record
from ..resuming import checkpoint_path, found_before, refuse_another, settings_of
from ..run_network import build_network, effort_words, resolve_time
from ..settings import FitSettings
from .field import shape_facts
from .kernel import run_shape_kernel_fit
from .plan import plan_shape, sampling_of, target_of
from .scores import shape_scores
from .tuning import choose_shape_encoding

__all__ = ["run_shape_fit"]


def run_shape_fit(mesh: MeshSignal, settings: FitSettings, out: Path | None, events: FitEvents) -> FitOutcome:
    """Fit a mesh's occupancy or signed distance by network or kernel and, if ``out`` names a place, save. Raises
    ``FourierFieldError`` and ``Interrupted``."""
    started = time.perf_counter()
    _refuse(settings)
    for note in mesh.notes:
        if note.startswith("WARNING"):
            events.say(f"{mesh.name}: {note}")
    if settings.method == "kernel":
        return run_shape_kernel_fit(mesh, settings, out, events)
    problem = shape_problem(mesh, target_of(settings), sampling_of(settings), settings.hold_out_rule, settings.seed)
    plan = plan_shape(problem, settings)
    check_memory(plan.mlp, len(problem.training), plan.training)
    found = found_before(out) if settings.resume and out else None
    plan = _choose(mesh, plan, settings, found, events)
    network = build_network(plan, problem, settings.seed)
    tuned = time.perf_counter()
    if found is not None:
        refuse_another(found, problem, plan, settings, out)
    if isinstance(found, NetworkField):
        return FitOutcome.again(mesh, found, out, tuned - started)
    plan = resolve_time(problem, network, plan, settings, found, started)
    events.say(_announce(problem, plan, settings))
    events.say(effort_words(problem, plan))
    if found:
        events.say(f"resuming from step {found.step:,} of {plan.training.steps:,}")
    identity = run_identity(problem, plan, settings)
    checkpointer = Checkpointer(checkpoint_path(out), identity) if out else None
    run = TrainingRun(events.progress, events.stop_signal, checkpointer, found)
    field, curve = train(problem, network, plan.training, run)
    field.placement = mesh.placement
    field.record = _record(mesh, problem, field.to("cpu"), plan, identity, settings) | {"curve": curve}
    if out is not None and checkpointer is not None:
        field.save(out)
        checkpointer.remove()
    seconds = {"tune": tuned - started, "fit": time.perf_counter() - tuned}
    return FitOutcome.of(mesh, field, out, seconds, [plan.choice.reason, *mesh.notes])


def _refuse(settings: FitSettings) -> None:
    if settings.report is not None:
        raise SettingsError("--report draws signals on a grid; leave it out for a mesh, and render the field")
    if settings.inputs or settings.outputs:
        raise SettingsError("a mesh is no table; leave --inputs and --outputs out")


def _choose(
    mesh: MeshSignal,
    plan: FitPlan,
    settings: FitSettings,
    found: NetworkField | Checkpoint | None,
    events: FitEvents,
) -> FitPlan:
    """The plan with the tuner's choice where none was asked for; a run that is taken up keeps its own."""
    if settings.preset != "default" or settings.bandwidth is not None or settings.encoding in ("none", "basic"):
        return plan
    if not isinstance(settings.encoding, str):
        return plan
    if found is not None:
        choice = replace(chosen_before(settings_of(found)), steps=None)
    else:
        choice = choose_shape_encoding(mesh, sampling_of(settings), settings, plan, tuning_reporter(events))
    return plan.with_choice(choice, 3)


def _record(
    mesh: MeshSignal,
    problem: PointProblem,
    field: NetworkField,
    plan: FitPlan,
    identity: dict[str, Any],
    settings: FitSettings,
) -> dict[str, Any]:
    """All that does not depend on the machine's speed; what the shape is goes first, since its scores need it."""
    field.record = shape_facts(mesh, target_of(settings))
    return {
        **field.record,
        **network_record(problem, field, plan, identity),
        "metrics": {**score_field(field, problem), **shape_scores(mesh, field), "ssim": None},
        "baselines": {},
        "forecast": None,
    }


def _announce(problem: PointProblem, plan: FitPlan, settings: FitSettings) -> str:
    training = plan.training
    return (
        f"{target_of(settings)} of {len(problem.training):,} points; encoding {encoding_words(plan.choice.encoding)} "
        f"({plan.choice.reason}); {training.steps:,} steps of {batch_size(problem, training):,} in "
        f"{str(training.precision).removeprefix('torch.')} on {training.device.type}"
    )
