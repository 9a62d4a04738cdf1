"""What a field remembers of its fit, and what is said of its signal."""

from __future__ import annotations

from typing import Any

from ..networks import NetworkField
from ..problems import GridProblem, cubic_interpolation_psnr, training_with_margin
from ..signals import GridSignal
from ..training import TrainingPlan
from ..training.scoring import MOST_DECIBELS
from .foreseen import Foreseen
from .presets import FitPlan
from .scores import measure

__all__ = ["batch_size", "describe", "fit_record"]


def fit_record(
    signal: GridSignal,
    problem: GridProblem,
    field: NetworkField,
    plan: FitPlan,
    identity: dict[str, Any],
    curve: list[dict[str, float | None]],
    foreseen: Foreseen,
) -> dict[str, Any]:
    """All that does not depend on the machine's speed: ``field.record``."""
    cubic = cubic_interpolation_psnr(problem)
    return {
        "method": "network",
        "encoding": _encoding_record(problem, field),
        "network": {"depth": plan.mlp.depth, "width": plan.mlp.width, "parameters": field.network.mlp.spec.parameters},
        "metrics": measure(signal, problem, field),
        "baselines": {} if cubic is None else {"cubic_psnr_db": min(cubic, MOST_DECIBELS)},
        "forecast": foreseen.to_json(),
        "curve": curve,
        "steps": plan.training.steps,
        "training": {
            "samples": len(problem.training),
            "held_out_samples": len(problem.held_out) if problem.held_out else 0,
            "batch_size": batch_size(problem, plan.training),
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


def describe(signal: GridSignal) -> dict[str, Any]:
    """The ``signal`` of ``fit --json``."""
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


def batch_size(problem: GridProblem, plan: TrainingPlan) -> int:
    """How many samples a step sees, of those with the mirrored margin."""
    samples = len(training_with_margin(problem, plan.margin))
    return min(plan.batch_size or samples, samples)
