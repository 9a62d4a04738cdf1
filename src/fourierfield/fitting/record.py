"""What a field remembers of its fit, and what is said of its signal."""

from __future__ import annotations

from typing import Any

from ..networks import NetworkField
from ..problems import GridProblem, Problem, cubic_interpolation_psnr, training_with_margin
from ..signals import GridSignal, MeshSignal, PointSignal, Signal
from ..training import TrainingPlan
from ..training.scoring import MOST_DECIBELS
from .foreseen import Foreseen
from .presets import FitPlan
from .scores import measure

__all__ = ["batch_size", "describe", "encoding_record", "fit_record", "sample_distance"]


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
        "encoding": encoding_record(problem, field),
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


def encoding_record(problem: Problem, field: NetworkField) -> dict[str, Any]:
    """The ``encoding`` of ``fit --json``."""
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
        "bandwidth_per_sample": scaled(sample_distance(problem)),
        **in_hertz,
        "features": encoding.features,
    }


def sample_distance(problem: Problem) -> float:
    """The largest distance of neighbours along an axis of a grid, the mean distance of points, in coordinate units."""
    if isinstance(problem, GridProblem):
        return max(problem.training.grid.spacing)
    return 1 / problem.samples_per_unit


def describe(signal: Signal) -> dict[str, Any]:
    """The ``signal`` of ``fit --json``."""
    if isinstance(signal, MeshSignal):
        return _describe_mesh(signal)
    if isinstance(signal, PointSignal):
        return {
            "name": signal.name,
            "kind": signal.kind,
            "shape": list(signal.shape),
            "channels": signal.channels,
            "missing": 0,
            "sample_type": "float64",
            "bytes": signal.file_bytes,
            "inputs": list(signal.placement.names),
            "outputs": list(signal.outputs),
        }
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


def _describe_mesh(mesh: MeshSignal) -> dict[str, Any]:
    vertices, faces = mesh.shape
    return {
        "name": mesh.name,
        "kind": mesh.kind,
        "shape": list(mesh.shape),
        "channels": mesh.channels,
        "missing": 0,
        "sample_type": "float64",
        "bytes": mesh.file_bytes,
        "vertices": vertices,
        "faces": faces,
        "watertight": mesh.watertight,
        "extents": list(mesh.extents),
    }


def batch_size(problem: Problem, plan: TrainingPlan) -> int:
    """How many samples a step sees, of those with the mirrored margin."""
    samples = len(training_with_margin(problem, plan.margin))
    return min(plan.batch_size or samples, samples)
