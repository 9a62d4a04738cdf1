"""What a field remembers of its fit, and what is said of its signal."""

from __future__ import annotations

from typing import Any

from ..encodings.fourier import Bandwidth
from ..networks import NetworkField
from ..problems import GridProblem, Problem, cubic_interpolation_psnr, training_with_margin
from ..signals import Domain, GridSignal
from ..training import TrainingPlan
from ..training.scoring import MOST_DECIBELS
from .foreseen import Foreseen
from .presets import FitPlan
from .scores import measure

__all__ = [
    "bandwidths",
    "batch_size",
    "encoding_record",
    "fit_record",
    "network_record",
    "sample_distance",
    "scaled_bandwidth",
]


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
        **network_record(problem, field, plan, identity),
        "metrics": measure(signal, problem, field),
        "baselines": {} if cubic is None else {"cubic_psnr_db": min(cubic, MOST_DECIBELS)},
        "forecast": foreseen.to_json(),
        "curve": curve,
    }


def network_record(problem: Problem, field: NetworkField, plan: FitPlan, identity: dict[str, Any]) -> dict[str, Any]:
    """What every fit by network remembers: how it was trained, on what, and by which settings."""
    return {
        "method": "network",
        "encoding": encoding_record(problem, field),
        "network": {"depth": plan.mlp.depth, "width": plan.mlp.width, "parameters": field.network.mlp.spec.parameters},
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
    return {
        "family": encoding.family,
        **bandwidths(problem.domain, sample_distance(problem), encoding.bandwidth),
        "features": encoding.features,
    }


def bandwidths(domain: Domain, distance: float, bandwidth: Bandwidth) -> dict[str, Any]:
    """A bandwidth in cycles per unit, per sample by their ``distance``, and where the axes share a physical unit in
    that: Hz, per mm."""
    factors = {"bandwidth": 1.0, "bandwidth_per_sample": distance}
    if domain.in_time:
        factors["bandwidth_hz"] = 1 / domain.scale
    elif set(domain.units) <= {"m", "cm", "mm", "um", "nm", "km"} and len(set(domain.units)) == 1:
        factors[f"bandwidth_per_{domain.units[0]}"] = 1 / domain.scale
    return {name: scaled_bandwidth(bandwidth, factor) for name, factor in factors.items()}


def scaled_bandwidth(bandwidth: Bandwidth, factor: float) -> Any:
    """In another unit, of each axis a list."""
    if bandwidth is None:
        return None
    return [b * factor for b in bandwidth] if isinstance(bandwidth, tuple) else bandwidth * factor


def sample_distance(problem: Problem) -> float:
    """The largest distance of neighbours along an axis of a grid, the mean distance of points, in coordinate units."""
    if isinstance(problem, GridProblem):
        return max(problem.training.grid.spacing)
    return 1 / problem.samples_per_unit


def batch_size(problem: Problem, plan: TrainingPlan) -> int:
    """How many samples a step sees, of those with the mirrored margin."""
    samples = len(training_with_margin(problem, plan.margin))
    return min(plan.batch_size or samples, samples)
