"""Run a fit: read, choose, train, score, save."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..errors import FieldFileError
from ..networks import MLP, CoordinateNetwork, NetworkField, load_field
from ..problems import GridProblem, cubic_interpolation_psnr, grid_problem, training_with_margin
from ..signals import GridSignal, as_signal, read_signal
from ..signals.files import check_writable
from ..training import Progress, TrainingPlan, TrainingRun, check_memory, read_checkpoint, train
from ..training.checkpoint import Checkpoint, Checkpointer
from ..training.scoring import MOST_DECIBELS
from .identity import refuse_other_run, run_identity
from .outcome import FitOutcome
from .presets import FitPlan, plan_fit
from .scores import measure
from .settings import FitSettings

__all__ = ["FitEvents", "checkpoint_path", "fit", "run_fit"]

_PROBE_STEPS = 8


@dataclass(frozen=True)
class FitEvents:
    """Who is told what happens, and who may stop it: ``stop_signal`` returns the number of a signal that asked."""

    say: Callable[[str], None] = lambda line: None
    progress: Callable[[Progress], None] = lambda progress: None
    stop_signal: Callable[[], int | None] = lambda: None


def fit(
    signal: np.ndarray | str | Path | GridSignal, settings: FitSettings | None = None, **choices: Any
) -> NetworkField:
    """Fit a field to an array, a file or a signal; ``choices`` are the names of ``FitSettings``.

    Nothing is written unless ``out`` is given. ``field.record["metrics"]`` holds the scores.

    >>> field = fit(np.eye(8, dtype=np.float32), steps=20, width=16, features=8)
    >>> field(np.array([[0.5, 0.5]])).shape
    (1, 1)
    """
    return run_fit(signal, replace(settings or FitSettings(), **choices)).field


def run_fit(
    source: np.ndarray | str | Path | GridSignal, settings: FitSettings, events: FitEvents | None = None
) -> FitOutcome:
    """Fit and, if ``settings.out`` names a place, save. Raises ``FourierFieldError`` and ``Interrupted``."""
    started = time.perf_counter()
    events = events or FitEvents()
    out = check_writable(settings.out) if settings.out is not None else None
    signal = _as_signal(source)
    problem = grid_problem(signal, settings.hold_out_rule)
    plan = plan_fit(problem, settings)
    check_memory(plan.mlp, len(problem.training), plan.training)
    network = build_network(plan, problem, settings.seed)
    resumed = _take_up(out, problem, plan, settings) if settings.resume and out else None
    if isinstance(resumed, NetworkField):
        seconds = {"tune": 0.0, "fit": 0.0, "total": _since(started)}
        return FitOutcome(resumed, str(out), _describe(signal), seconds, ["already finished; nothing to do"], True)
    plan = _resolve_time(problem, network, plan, settings, resumed, started)
    events.say(_announce(problem, plan))
    if resumed:
        events.say(f"resuming from step {resumed.step:,} of {plan.training.steps:,}")

    fit_started = time.perf_counter()
    identity = run_identity(problem, plan, settings)
    checkpointer = Checkpointer(checkpoint_path(out), identity) if out else None
    run = TrainingRun(events.progress, events.stop_signal, checkpointer, resumed)
    field, curve = train(problem, network, plan.training, run)
    field.to("cpu")
    fit_seconds = _since(fit_started)
    field.record = _record(signal, problem, field, plan, identity, curve)
    if out is not None and checkpointer is not None:
        field.save(out)
        checkpointer.remove()
    seconds = {"tune": 0.0, "fit": fit_seconds, "total": _since(started)}
    return FitOutcome(field, str(out) if out else None, _describe(signal), seconds, [plan.choice.reason])


def build_network(plan: FitPlan, problem: GridProblem, seed: int) -> CoordinateNetwork:
    """Draw the encoding and the weights from one seed."""
    generator = torch.Generator().manual_seed(seed)
    encoding = plan.choice.encoding.build(problem.domain.dimensions, generator)
    return CoordinateNetwork(encoding, MLP(replace(plan.mlp, in_features=encoding.out_features), generator))


def checkpoint_path(out: Path) -> Path:
    """Where the checkpoints of a field are kept while it is in training."""
    return out.with_name(out.name + ".checkpoint")


def _as_signal(source: np.ndarray | str | Path | GridSignal) -> GridSignal:
    if isinstance(source, GridSignal):
        return source
    if isinstance(source, str | Path):
        return read_signal(source)
    return as_signal(np.asarray(source))


def _take_up(out: Path, problem: GridProblem, plan: FitPlan, settings: FitSettings) -> NetworkField | Checkpoint | None:
    """The checkpoint to go on from, the finished field, or None to start afresh."""
    wanted = run_identity(problem, plan, settings)
    ignoring = ("steps", "weight_decay") if settings.time is not None else ()  # the decay follows from the steps
    path = checkpoint_path(out)
    if path.exists():
        found = read_checkpoint(path)
        refuse_other_run(found.settings, wanted, str(path), ignoring=ignoring)
        return found
    if not out.exists():
        return None
    field = load_field(out)
    if "settings" not in field.record:
        raise FieldFileError(f"{out} holds no record of its fit, so it cannot be taken up; leave --resume out")
    refuse_other_run(field.record["settings"], wanted, str(out), ignoring=ignoring)
    return field


def _resolve_time(
    problem: GridProblem,
    network: CoordinateNetwork,
    plan: FitPlan,
    settings: FitSettings,
    resumed: Checkpoint | None,
    started: float,
) -> FitPlan:
    """Turn ``--time`` into a number of steps, by timing a few on a copy; a resumed run keeps its own number."""
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
    left = settings.time - (time.perf_counter() - started) - preparation
    return plan.with_steps(max(1, int(0.95 * left / per_step)))


def _batch_size(problem: GridProblem, plan: TrainingPlan) -> int:
    samples = len(training_with_margin(problem, plan.margin))
    return min(plan.batch_size or samples, samples)


def _announce(problem: GridProblem, plan: FitPlan) -> str:
    choice, training = plan.choice, plan.training
    precision = str(training.precision).removeprefix("torch.")
    bandwidth = (
        "" if choice.encoding.bandwidth is None else f", bandwidth {choice.encoding.bandwidth:.4g} cycles per unit"
    )
    batch = _batch_size(problem, training)
    return (
        f"encoding {choice.encoding.family}{bandwidth} ({choice.reason}); {len(problem.training):,} training samples, "
        f"{training.steps:,} steps of {batch:,} in {precision} on {training.device.type}"
    )


def _record(
    signal: GridSignal,
    problem: GridProblem,
    field: NetworkField,
    plan: FitPlan,
    identity: dict[str, Any],
    curve: list[dict[str, float | None]],
) -> dict[str, Any]:
    cubic = cubic_interpolation_psnr(problem)
    return {
        "method": "network",
        "encoding": _encoding_record(problem, field),
        "network": {"depth": plan.mlp.depth, "width": plan.mlp.width, "parameters": field.network.mlp.spec.parameters},
        "metrics": measure(signal, problem, field),
        "baselines": {} if cubic is None else {"cubic_psnr_db": min(cubic, MOST_DECIBELS)},
        "forecast": None,
        "curve": curve,
        "steps": plan.training.steps,
        "training": {
            "samples": len(problem.training),
            "held_out_samples": len(problem.held_out) if problem.held_out else 0,
            "batch_size": _batch_size(problem, plan.training),
            "learning_rate": plan.training.schedule.peak,
            "precision": identity["precision"],
            "device": identity["device"],
            "chosen_by": plan.choice.reason,
        },
        "settings": identity,
    }


def _encoding_record(problem: GridProblem, field: NetworkField) -> dict[str, Any]:
    encoding = field.network.encoding
    bandwidth = encoding.bandwidth
    values = bandwidth if isinstance(bandwidth, tuple) else (bandwidth,)

    def scaled(factor: float) -> Any:
        found = [None if value is None else value * factor for value in values]
        return found if isinstance(bandwidth, tuple) else found[0]

    in_hertz = {"bandwidth_hz": scaled(1 / problem.domain.scale)} if problem.domain.in_time else {}
    return {
        "family": encoding.family,
        "bandwidth": scaled(1.0),
        "bandwidth_per_sample": scaled(max(problem.training.grid.spacing)),
        **in_hertz,
        "features": encoding.features,
    }


def _describe(signal: GridSignal) -> dict[str, Any]:
    audio = signal.sample_format.audio
    return {
        "name": signal.name,
        "kind": signal.kind,
        "shape": list(signal.shape),
        "channels": signal.channels,
        "missing": int((~signal.present).sum()),
        "sample_type": signal.sample_format.sample_type,
        "bytes": signal.file_bytes,
        **({"rate": audio.rate, "duration": signal.domain.scale} if audio else {}),
    }


def _since(start: float) -> float:
    return round(time.perf_counter() - start, 3)
