"""Parts of a record that several kinds of signal share: the encoding, the network and the training in JSON values."""

from __future__ import annotations

from typing import Any

from ..encodings._fourier import Bandwidth
from ..grids._domain import Domain
from ..problems._grid import GridProblem
from ..problems._margin import training_with_margin
from ..problems._points import Problem
from ..training._plan import TrainingPlan
from ._plan import FitPlan

_METRIC = frozenset(("km", "m", "cm", "mm", "um", "nm"))


def encoding_record(
    domain: Domain, distance: float, family: str, bandwidth: Bandwidth, features: int | None
) -> dict[str, Any]:
    """Return the ``encoding`` of ``fit --json``; ``distance`` is that of neighbouring samples in coordinate units."""
    return {"family": family, **bandwidths(domain, distance, bandwidth), "features": features}


def bandwidths(domain: Domain, distance: float, bandwidth: Bandwidth) -> dict[str, Any]:
    """Return a bandwidth in cycles per unit, per sample, and in Hz or per metric unit if the axes share one."""
    factors = {"bandwidth": 1.0, "bandwidth_per_sample": distance}
    if domain.in_time:
        factors["bandwidth_hz"] = 1 / domain.scale
    elif set(domain.units) <= _METRIC and len(set(domain.units)) == 1:
        factors[f"bandwidth_per_{domain.units[0]}"] = 1 / domain.scale
    if bandwidth is None:
        return dict.fromkeys(factors)
    if isinstance(bandwidth, tuple):
        return {name: [b * factor for b in bandwidth] for name, factor in factors.items()}
    return {name: bandwidth * factor for name, factor in factors.items()}


def network_record(plan: FitPlan) -> dict[str, Any]:
    """Return the ``network`` of ``fit --json``."""
    return {"depth": plan.mlp.depth, "width": plan.mlp.width, "parameters": plan.mlp.parameters}


def training_record(plan: FitPlan, samples: int, held_out: int, batch: int | None) -> dict[str, Any]:
    """Return the ``training`` of ``fit --json``: what a network was trained on, and how."""
    training = plan.training
    return {
        "samples": samples,
        "held_out_samples": held_out,
        "batch_size": batch,
        "learning_rate": training.schedule.peak,
        "precision": precision_name(training),
        "device": training.device.type,
        "chosen_by": plan.choice.reason,
    }


def precision_name(plan: TrainingPlan) -> str:
    """Return the name of a plan's number format, "float32" or "bfloat16"."""
    return str(plan.precision).removeprefix("torch.")


def sample_distance(problem: Problem) -> float:
    """Return the largest distance of neighbours along an axis of a grid, the mean one of points, in units."""
    if isinstance(problem, GridProblem):
        return max(problem.training.grid.spacing)
    return 1 / problem.samples_per_unit


def batch_size(problem: Problem, plan: TrainingPlan) -> int:
    """Return how many samples a step sees, out of those with the mirrored margin."""
    samples = len(training_with_margin(problem, plan.margin))
    return min(plan.batch_size or samples, samples)
