"""Run a fit of a table of points by network."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..networks import NetworkField
from ..problems import PointProblem, cubic_interpolation_psnr, point_problem
from ..regression import Candidates, KernelSpec, choose_for
from ..signals import PointSignal
from ..training import TrainingRun, check_memory, train
from ..training.checkpoint import Checkpoint, Checkpointer
from ..training.scoring import score_field
from ..tuning import Choice
from .events import FitEvents, tuning_reporter
from .identity import chosen_before, run_identity
from .outcome import FitOutcome
from .presets import FitPlan, plan_fit
from .record import network_record
from .resuming import checkpoint_path, found_before, refuse_another, settings_of
from .run_network import build_network, effort_words
from .scores import decibels, errors_of, points_scores
from .settings import FitSettings

__all__ = ["run_point_fit", "steps_for"]

_LEAST_STEPS, _MOST_STEPS = 64, 5120


def run_point_fit(signal: PointSignal, settings: FitSettings, out: Path | None, events: FitEvents) -> FitOutcome:
    """Fit a network to values at points and, if ``out`` names a place, save.

    Without a bandwidth it takes Gaussian frequencies of the one by which the NTK of the infinitely wide network is
    likeliest, and fewer steps the larger the ridge, that is the noise, that comes with it (``steps_for``). Raises
    ``FourierFieldError`` and ``Interrupted``.
    """
    started = time.perf_counter()
    problem = point_problem(signal, settings.hold_out_rule)
    plan = plan_fit(problem, settings)
    check_memory(plan.mlp, len(problem.training), plan.training)
    found = found_before(out) if settings.resume and out else None
    plan = plan.with_choice(_choice(problem, settings, plan, found, events), problem.domain.dimensions)
    tuned = time.perf_counter()
    if found is not None:
        refuse_another(found, problem, plan, settings, out)
    if isinstance(found, NetworkField):
        return FitOutcome.again(signal, found, out, tuned - started)
    events.say(effort_words(problem, plan))
    identity = run_identity(problem, plan, settings)
    checkpointer = Checkpointer(checkpoint_path(out), identity) if out else None
    run = TrainingRun(events.progress, events.stop_signal, checkpointer, found)
    field, curve = train(problem, build_network(plan, problem, settings.seed), plan.training, run)
    field.placement = signal.placement
    field.record = _record(signal, problem, field.to("cpu"), plan, identity, curve)
    if out is not None and checkpointer is not None:
        field.save(out)
        checkpointer.remove()
    seconds = {"tune": tuned - started, "fit": time.perf_counter() - tuned}
    return FitOutcome.of(signal, field, out, seconds, [plan.choice.reason, *signal.notes])


def _choice(
    problem: PointProblem,
    settings: FitSettings,
    plan: FitPlan,
    found: NetworkField | Checkpoint | None,
    events: FitEvents,
) -> Choice:
    """The plan's own where the encoding was asked for; a run that is taken up keeps its own."""
    if settings.encoding != "auto" or settings.bandwidth is not None or settings.preset != "default":
        return plan.choice
    if found is not None:
        before = chosen_before(settings_of(found))
        return before if settings.steps is None else replace(before, steps=None)
    ntk = KernelSpec(replace(plan.choice.encoding, features=None), plan.mlp.depth)
    likeliest = choose_for(problem, Candidates(free=[ntk]), report=tuning_reporter(events))
    steps = None if settings.steps else steps_for(len(problem.training), likeliest.ridge)
    encoding = replace(likeliest.spec.encoding, features=settings.features)
    return Choice(encoding, f"{likeliest.reason} of the infinitely wide network", steps)


def steps_for(points: int, ridge: float) -> int:
    """Steps that suit so many points with noise of this power (of the kernel's k(0)): 6·√N·ρ^−0.2, 64 to 5,120.

    >>> steps_for(150, 0.03), steps_for(10_000, 1e-3)
    (148, 2388)
    """
    return int(min(_MOST_STEPS, max(_LEAST_STEPS, 6 * points**0.5 * ridge**-0.2)))


def _record(
    signal: PointSignal,
    problem: PointProblem,
    field: NetworkField,
    plan: FitPlan,
    identity: dict[str, Any],
    curve: list[dict[str, float | None]],
) -> dict[str, Any]:
    cubic = cubic_interpolation_psnr(problem)
    return {
        "columns": {"inputs": list(signal.placement.names), "outputs": list(signal.outputs)},
        **network_record(problem, field, plan, identity),
        "metrics": _metrics(problem, field),
        "baselines": {} if cubic is None else {"cubic_psnr_db": cubic},
        "forecast": None,
        "curve": curve,
    }


def _metrics(problem: PointProblem, field: NetworkField) -> dict[str, float | None]:
    scores = score_field(field, problem)
    for name, samples in (("train", problem.training), ("held_out", problem.held_out)):
        errors = None if samples is None else errors_of(field, samples)
        scores |= points_scores(name, samples, errors, problem)
        scores[f"{name}_psnr_db"] = None if errors is None else decibels(float(errors.square().mean()))
    return {**scores, "ssim": None}
