"""Run a kernel fit of a scan: choose the ridge, solve, score, save."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ...encodings import EncodingSpec
from ...problems.scans import Scan, ScanProblem, inner_problem, scan_problem
from ...regression import KernelField, KernelSpec
from ...regression.scans import (
    ALL_DRAWS,
    LocalFit,
    Reconstruction,
    estimate_seconds,
    field_of_values,
    reconstruct,
    standard_deviation,
    stationary_prior,
    usual_bandwidth,
)
from ...training import in_words
from ...tuning import encoding_words
from ..bandwidth import bandwidth_in_cycles_per_unit
from ..events import FitEvents, tuning_reporter
from ..kernel import finished_before, kernel_identity, solver_watch
from ..outcome import FitOutcome
from ..settings import FitSettings
from .foreseen import foreseen
from .memory import check_scan_memory
from .notes import say_notes
from .record import bandwidths_of_scan, image_vector, range_of_values, rival_scores, scan_metrics, training_facts
from .resuming import scan_digest

__all__ = ["kernel_specs", "run_scan_kernel_fit"]

_DEPTH = 4
_BANDWIDTHS = (0.5, 1.0, 2.0, 4.0)  # of the usual one: those tried of a kernel that is the same everywhere


def run_scan_kernel_fit(signal: Scan, settings: FitSettings, out: Path | None, events: FitEvents) -> FitOutcome:
    """Fit by kernel: with an encoding or a bandwidth that are given by that stationary kernel, else by one whose
    amplitude is learnt from place to place. Raises ``FourierFieldError`` and ``Interrupted``."""
    started = time.perf_counter()
    memory = check_scan_memory(signal, settings.uncertainty)
    problem = scan_problem(signal, settings.hold_out_rule)
    identity = {**kernel_identity(scan_digest(problem), settings), "uncertainty": settings.uncertainty}
    finished = finished_before(signal, identity, settings, out)
    if finished is not None:
        return finished
    specs, adapt = kernel_specs(problem, settings)
    inner_problem(problem, settings.seed)  # what it refuses is refused before anything is said
    say_notes(signal, events)
    events.say(_announce(problem, specs, adapt))
    seconds = len(specs) * estimate_seconds(problem, adapt=adapt, draws=ALL_DRAWS if settings.uncertainty else 0)
    events.say(f"at most about {in_words(seconds)} and {memory}")
    watch = solver_watch(events)
    spec, found = _reconstructed(problem, specs, adapt, settings.seed, events)
    spread = standard_deviation(problem, found, seed=settings.seed, watch=watch) if settings.uncertainty else None
    values = range_of_values(found.parts, signal)
    field = field_of_values(found.parts, problem.domain, signal.description, spec, values=values, spread=spread)
    solved = time.perf_counter()
    events.say("comparing with classical methods")
    field.record = _record(problem, field, found, len(specs), identity)
    if out is not None:
        field.save(out)
    ended = time.perf_counter()
    took = {"tune": 0.0, "fit": solved - started, "baselines": ended - solved, "total": ended - started}
    notes = [field.record["training"]["chosen_by"], *signal.notes]
    return FitOutcome.of(signal, field, out, took, notes)


def kernel_specs(problem: ScanProblem, settings: FitSettings) -> tuple[list[KernelSpec], bool]:
    """The kernel to begin with, and whether its amplitude is to be learnt from place to place; several where one that
    is the same everywhere is asked for without a bandwidth."""
    depth, encoding = settings.depth or _DEPTH, settings.encoding
    if isinstance(encoding, EncodingSpec):
        return [KernelSpec(encoding, depth, seed=settings.seed)], False
    usual = usual_bandwidth(problem.image_shape)
    if encoding == "auto" and settings.bandwidth is None:
        return [KernelSpec(EncodingSpec("gaussian", usual, settings.features), depth, seed=settings.seed)], True
    family = "gaussian" if encoding == "auto" else encoding
    if family in ("none", "basic"):
        return [KernelSpec(EncodingSpec(family), depth, seed=settings.seed)], False
    scales: list[Any] = [factor * usual for factor in _BANDWIDTHS]
    if settings.bandwidth is not None:
        scales = [bandwidth_in_cycles_per_unit(settings.bandwidth, problem.domain)]
    encodings = [EncodingSpec(family, scale, settings.features) for scale in scales]
    return [KernelSpec(one, depth, seed=settings.seed) for one in encodings], False


def _reconstructed(
    problem: ScanProblem, specs: list[KernelSpec], adapt: bool, seed: int, events: FitEvents
) -> tuple[KernelSpec, Reconstruction]:
    """By the kernel that foretells best what it did not see."""
    domain, shape = problem.domain, problem.image_shape
    starts = [stationary_prior(spec.kernel(domain.dimensions), domain, shape) for spec in specs]
    found = reconstruct(
        problem, starts, adapt=adapt, seed=seed, report=tuning_reporter(events), watch=solver_watch(events)
    )
    assert found.chosen is not None
    return specs[found.chosen.start or 0], found


def _record(
    problem: ScanProblem, field: KernelField, found: Reconstruction, kernels: int, identity: dict[str, Any]
) -> dict[str, Any]:
    spec = field.spec
    tried = f"{_best_of(len(found.tried), kernels)} by measurements that it did not see"
    return {
        "method": "kernel",
        "scan": problem.training.kind,
        "encoding": {
            "family": spec.encoding.family,
            **bandwidths_of_scan(problem, spec.encoding.bandwidth),
            "features": spec.encoding.features,
        },
        "network": {"depth": spec.depth, "width": None, "parameters": field.weights.values.numel()},
        "kernel": {
            "trained": spec.trained,
            "amplitude": "local" if found.adapted else "constant",
            "ridge": found.fit.ridge,
            "sparsity": found.fit.sparsity if isinstance(found.fit, LocalFit) else None,
            "iterations": found.fit.iterations,
            "residual": found.fit.residual,
            "tried": [asdict(one) for one in found.tried],
        },
        "metrics": scan_metrics(image_vector(field, problem), problem),
        "baselines": rival_scores(problem),
        "forecast": foreseen(problem, found),
        "curve": [],
        "steps": None,
        "training": {**training_facts(problem), "chosen_by": tried},
        "settings": identity,
    }


def _best_of(ridges: int, kernels: int) -> str:
    return f"the best of {ridges} ridges" if kernels == 1 else f"the best of {kernels} bandwidths, each with its ridge,"


def _announce(problem: ScanProblem, specs: list[KernelSpec], adapt: bool) -> str:
    shape = "×".join(map(str, problem.image_shape))
    facts = training_facts(problem)
    kernels = f"{specs[0].name} of {', '.join(encoding_words(spec.encoding) for spec in specs)}"
    if adapt:
        kernels = f"a kernel whose amplitude is learnt from place to place, {kernels} between samples"
    return f"{kernels}; solving for {shape} samples from {facts['samples']:,} measurements"
