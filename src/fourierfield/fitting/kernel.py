"""Run a kernel fit: choose the kernel and its ridge, solve, score, save."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..encodings import EncodingSpec
from ..errors import FieldFileError, Interrupted
from ..problems import GridProblem, Problem, grid_problem, point_problem
from ..regression import (
    Candidates,
    KernelChoice,
    KernelField,
    KernelSpec,
    check_kernel_memory,
    choose_for,
    load_field,
    train_kernel,
)
from ..signals import GridSignal, PointSignal, Signal
from ..tuning import encoding_words
from .bandwidth import bandwidth_in_cycles_per_unit
from .events import FitEvents, tuning_reporter
from .identity import data_digest, refuse_other_run
from .kernel_record import kernel_record
from .outcome import FitOutcome
from .presets import PAPER_BANDWIDTH
from .settings import FitSettings

__all__ = ["finished_before", "kernel_candidates", "kernel_identity", "run_kernel_fit", "solver_watch"]

_DEPTH = 4
_EVERY = 3.0  # seconds between two lines of progress


def run_kernel_fit(
    signal: GridSignal | PointSignal,
    settings: FitSettings,
    out: Path | None,
    events: FitEvents,
    finish: Callable[[KernelField], None] = lambda field: None,
) -> FitOutcome:
    """Fit an infinitely wide network and, if ``out`` names a place, save; ``finish`` may add to the field before that.
    Raises ``FourierFieldError``."""
    started = time.perf_counter()
    problem = kernel_problem(signal, settings)
    identity = kernel_identity(data_digest(problem), settings)
    finished = finished_before(signal, identity, settings, out)
    if finished is not None:
        return finished
    check_kernel_memory(problem.training)
    choice = choose_for(problem, kernel_candidates(problem, settings), report=tuning_reporter(events))
    chosen = time.perf_counter()
    events.say(_announce(problem, choice))
    run = train_kernel(problem, choice, watch=solver_watch(events))
    if isinstance(signal, PointSignal):
        run.field.placement = signal.placement
    solved = time.perf_counter()
    run.field.record = kernel_record(signal, problem, run, choice, identity)
    run.field.record |= {"missing": list(settings.missing)} if settings.missing else {}
    finish(run.field)
    if out is not None:
        run.field.save(out)
    seconds = {"tune": chosen - started, "fit": solved - chosen, "total": time.perf_counter() - started}
    notes = [choice.reason, *(signal.notes if isinstance(signal, PointSignal) else ())]
    return FitOutcome.of(signal, run.field, out, seconds, notes)


def kernel_problem(signal: GridSignal | PointSignal, settings: FitSettings) -> Problem:
    """The problem of a signal of either kind."""
    if isinstance(signal, PointSignal):
        return point_problem(signal, settings.hold_out_rule)
    return grid_problem(signal, settings.hold_out_rule)


def kernel_candidates(problem: Problem, settings: FitSettings) -> Candidates:
    """Kernels to choose from: those asked for, or Gaussian frequencies of any bandwidth, by NTK and by NNGP."""
    if isinstance(settings.encoding, EncodingSpec):
        return Candidates(fixed=[_spec(settings, settings.encoding)])
    family = "gaussian" if settings.encoding == "auto" else settings.encoding
    bandwidth = settings.bandwidth
    if bandwidth is None and settings.preset == "paper" and family in PAPER_BANDWIDTH:
        bandwidth = PAPER_BANDWIDTH[family]
    if family in ("none", "basic"):
        return Candidates(fixed=[_spec(settings, EncodingSpec(family))])
    if bandwidth is not None:
        cycles = bandwidth_in_cycles_per_unit(bandwidth, problem.domain)
        return Candidates(fixed=[_spec(settings, EncodingSpec(family, cycles, settings.features))])
    ntk = _spec(settings, EncodingSpec(family, 1.5, settings.features))
    both = [ntk, replace(ntk, trained="last")] if settings.encoding == "auto" else [ntk]
    return Candidates(free=both)


def _spec(settings: FitSettings, encoding: EncodingSpec) -> KernelSpec:
    return KernelSpec(encoding, settings.depth or _DEPTH, seed=settings.seed)


def kernel_identity(data: str, settings: FitSettings) -> dict[str, Any]:
    """What has to agree before a finished field may be taken for this fit's; ``data`` is a digest of its signal."""
    return {
        "method": "kernel",
        "data": data,
        "encoding_asked": str(settings.encoding),
        "bandwidth_asked": None if settings.bandwidth is None else str(settings.bandwidth),
        "features": settings.features,
        "depth": settings.depth or _DEPTH,
        "hold_out": str(settings.hold_out_rule),
        "preset": settings.preset,
        "seed": settings.seed,
    }


def finished_before(
    signal: Signal, identity: dict[str, Any], settings: FitSettings, out: Path | None
) -> FitOutcome | None:
    """The outcome of the same fit, where ``--resume`` finds its field."""
    if not settings.resume or out is None or not out.exists():
        return None
    found = load_field(out)
    if not isinstance(found, KernelField):
        raise FieldFileError(f"{out} was fitted by network; leave --resume out, or --method kernel")
    refuse_other_run(found.record.get("settings", {}), identity, str(out))
    return FitOutcome.again(signal, found, out)


def solver_watch(events: FitEvents):  # type: ignore[no-untyped-def]
    """Tells how far the solver is, every few seconds, and lets it be stopped."""
    said = time.monotonic()

    def watch(step: int, error: float) -> None:
        nonlocal said
        stop = events.stop_signal()
        if stop is not None:
            raise Interrupted(stop, step, None)
        if time.monotonic() - said > _EVERY:
            said = time.monotonic()
            events.say(f"iteration {step}: residual {error:.1e}")

    return watch


def _announce(problem: Problem, choice: KernelChoice) -> str:
    points = "samples" if isinstance(problem, GridProblem) else "points"
    return (
        f"{choice.spec.name} of {encoding_words(choice.spec.encoding)}, ridge {choice.ridge:.1g} ({choice.reason}); "
        f"solving for {len(problem.training):,} {points}"
    )
