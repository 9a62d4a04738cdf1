"""Run a fit of a grid by network: choose, train, score, save."""

from __future__ import annotations

import copy
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from ..networks import MLP, CoordinateNetwork, NetworkField
from ..problems import GridProblem, Problem, grid_problem
from ..signals import GridSignal
from ..training import MemoryEstimate, TrainingRun, check_memory, estimate_seconds, in_words, train
from ..training.checkpoint import Checkpoint, Checkpointer
from ..tuning import encoding_words
from .events import FitEvents, tuning_reporter
from .foreseen import Foreseen, foresee
from .identity import chosen_before, run_identity
from .outcome import FitDetails, FitOutcome
from .presets import FitPlan, plan_fit
from .record import batch_size, fit_record
from .recorder import BandRecorder
from .resuming import checkpoint_path, found_before, refuse_another, settings_of
from .settings import FitSettings
from .tuned import choose_encoding, wants_tuning

__all__ = ["build_network", "resolve_time", "run_network_fit"]

_PROBE_STEPS = 8


def run_network_fit(signal: GridSignal, settings: FitSettings, out: Path | None, events: FitEvents) -> FitOutcome:
    """Fit and, if ``out`` names a place, save. Raises ``FourierFieldError`` and ``Interrupted``."""
    started = time.perf_counter()
    problem = grid_problem(signal, settings.hold_out_rule)
    plan = plan_fit(problem, settings)
    check_memory(plan.mlp, len(problem.training), plan.training)
    found = found_before(out) if settings.resume and out else None
    tuning_started = time.perf_counter()
    plan = _choose(problem, plan, settings, found, events)
    network = build_network(plan, problem, settings.seed)
    tune_seconds = _since(tuning_started)
    if found is not None:
        refuse_another(found, problem, plan, settings, out)
    if isinstance(found, NetworkField):
        details = _details_again(signal, problem, plan, settings, found, network) if settings.report else None
        return FitOutcome.again(signal, found, out, tune_seconds, details)
    plan = resolve_time(problem, network, plan, settings, found, started)
    forecast_started = time.perf_counter()
    foreseen = foresee(problem, network, plan.training, plan.choice.inner)
    tune_seconds += _since(forecast_started)
    events.say(_announce(problem, plan, foreseen))
    events.say(effort_words(problem, plan))
    if found:
        events.say(f"resuming from step {found.step:,} of {plan.training.steps:,}")

    fit_started = time.perf_counter()
    identity = run_identity(problem, plan, settings)
    checkpointer = Checkpointer(checkpoint_path(out), identity) if out else None
    recorder = _recorder(signal, problem, settings, foreseen) if settings.report else None
    run = TrainingRun(events.progress, events.stop_signal, checkpointer, found)
    field, curve = train(problem, network, plan.training, run if recorder is None else replace(run, observe=recorder))
    field.to("cpu")
    fit_seconds = _since(fit_started)
    field.record = fit_record(signal, problem, field, plan, identity, curve, foreseen)
    field.record |= {"missing": list(settings.missing)} if settings.missing else {}
    if out is not None and checkpointer is not None:
        field.save(out)
        checkpointer.remove()
    seconds = {"tune": tune_seconds, "fit": fit_seconds, "total": _since(started)}
    notes = [plan.choice.reason, *_parting(foreseen, field.record["metrics"]["held_out_psnr_db"])]
    details = FitDetails(signal, problem, plan, settings, foreseen, recorder, found.step if found else 0)
    return FitOutcome.of(signal, field, out, seconds, notes, details)


def _recorder(signal: GridSignal, problem: GridProblem, settings: FitSettings, foreseen: Foreseen) -> BandRecorder:
    return BandRecorder(problem, signal, settings.hold_out_rule, foreseen.flow.limit.start)


def _details_again(
    signal: GridSignal,
    problem: GridProblem,
    plan: FitPlan,
    settings: FitSettings,
    field: NetworkField,
    network: CoordinateNetwork,
) -> FitDetails:
    """Those of a field that was finished before: the forecast once more, without candidates and measured bands."""
    plan = plan.with_steps(field.record["steps"])
    foreseen = foresee(problem, network, plan.training)
    recorder = _recorder(signal, problem, settings, foreseen)
    return FitDetails(signal, problem, plan, settings, foreseen, recorder, plan.training.steps)


def build_network(plan: FitPlan, problem: Problem, seed: int) -> CoordinateNetwork:
    """Draw the encoding and the weights from one seed."""
    generator = torch.Generator().manual_seed(seed)
    encoding = plan.choice.encoding.build(problem.domain.dimensions, generator)
    return CoordinateNetwork(encoding, MLP(replace(plan.mlp, in_features=encoding.out_features), generator))


def _choose(
    problem: GridProblem,
    plan: FitPlan,
    settings: FitSettings,
    found: NetworkField | Checkpoint | None,
    events: FitEvents,
) -> FitPlan:
    """The plan with the tuner's choice where it is asked for; a run that is taken up keeps its own."""
    if not wants_tuning(problem, settings):
        return plan
    if found is not None:
        choice = chosen_before(settings_of(found))
        if settings.steps is not None:  # those asked for, so that others than before are refused
            choice = replace(choice, steps=None)
    else:
        budgeted = resolve_time(problem, build_network(plan, problem, settings.seed), plan, settings, None, None)

        choice = choose_encoding(problem, settings, budgeted, tuning_reporter(events))
    return plan.with_choice(choice, problem.domain.dimensions)


def _parting(foreseen: Foreseen, measured: float | None) -> list[str]:
    """A line where the result lies outside the forecast's interval."""
    missed = foreseen.missed_by(measured)
    if not missed:
        return []
    where = "above" if missed > 0 else "below"
    return [f"held-out PSNR ended {abs(missed):.1f} dB {where} the interval that holds nine results of ten"]


def resolve_time(
    problem: Problem,
    network: CoordinateNetwork,
    plan: FitPlan,
    settings: FitSettings,
    resumed: Checkpoint | None,
    started: float | None,
) -> FitPlan:
    """Turn ``--time`` into a number of steps, by timing a few on a copy; a resumed run keeps its own number.

    Before tuning (``started`` None) that is the whole of the time, afterwards what is left of it.
    """
    if settings.time is None:
        return plan
    if resumed is not None:
        return plan.with_steps(int(resumed.settings["steps"]))
    probe_started = time.perf_counter()
    marks: list[float] = []
    run = TrainingRun(lambda progress: marks.append(time.perf_counter()))
    train(problem, copy.deepcopy(network), plan.with_steps(_PROBE_STEPS).training, run)
    per_step = float(np.median(np.diff(marks)))
    preparation = max(0.0, (marks[0] - probe_started) - per_step)
    spent = 0.0 if started is None else time.perf_counter() - started
    left = settings.time - spent - preparation
    return plan.with_steps(max(1, int(0.95 * left / per_step)))


def _announce(problem: GridProblem, plan: FitPlan, foreseen: Foreseen) -> str:
    choice, training = plan.choice, plan.training
    precision = str(training.precision).removeprefix("torch.")
    batch = batch_size(problem, training)
    return (
        f"encoding {encoding_words(choice.encoding)} ({choice.reason}); {len(problem.training):,} training samples, "
        f"{training.steps:,} steps of {batch:,} in {precision} on {training.device.type}; "
        f"forecast {foreseen.words}"
    )


def effort_words(problem: Problem, plan: FitPlan) -> str:
    """How long a fit will take, and how much memory."""
    samples = len(problem.training)
    memory = MemoryEstimate.of(plan.mlp, samples, plan.training)
    return f"about {in_words(estimate_seconds(plan.mlp, samples, plan.training))} and {memory.words}"


def _since(start: float) -> float:
    return round(time.perf_counter() - start, 3)
