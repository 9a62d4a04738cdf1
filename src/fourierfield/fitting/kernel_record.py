"""What a kernel field remembers of its fit, and its scores."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..problems import GridSamples, PointProblem, PointSamples, Problem, Samples, cubic_interpolation_psnr
from ..regression import KernelChoice, KernelField, KernelRun, places_of
from ..signals import GridSignal, PointSignal
from .record import bandwidths, sample_distance
from .scores import MOST_DECIBELS, decibels, errors_of, points_scores, snr, whole_image_ssim

__all__ = ["kernel_record"]

_SOME = 1 << 17  # training samples that are scored
_NORMAL_90 = 1.6449
_FEW = 2000  # places at which an error is foretold


def kernel_record(
    signal: GridSignal | PointSignal, problem: Problem, run: KernelRun, choice: KernelChoice, identity: dict[str, Any]
) -> dict[str, Any]:
    """All that does not depend on the machine's speed: ``field.record``, with the keys of a network's."""
    training = problem.training
    held_out = len(problem.held_out) if problem.held_out else 0
    cubic = cubic_interpolation_psnr(problem)
    return {
        **_columns(signal),
        "method": "kernel",
        "encoding": {
            "family": choice.spec.encoding.family,
            **bandwidths(problem.domain, sample_distance(problem), choice.spec.encoding.bandwidth),
            "features": choice.spec.encoding.features,
        },
        "network": {"depth": choice.spec.depth, "width": None, "parameters": run.field.weights.values.numel()},
        "kernel": {
            "trained": choice.spec.trained,
            "ridge": run.field.weights.ridge,
            "iterations": run.iterations,
            "residual": run.residual,
        },
        "metrics": _metrics(signal, problem, run.field),
        "baselines": {} if cubic is None else {"cubic_psnr_db": min(cubic, MOST_DECIBELS)},
        "forecast": _forecast(problem, run),
        "curve": [],
        "steps": None,
        "training": {"samples": len(training), "held_out_samples": held_out, "chosen_by": choice.reason},
        "settings": identity,
    }


def _columns(signal: GridSignal | PointSignal) -> dict[str, Any]:
    """Names of a table's columns."""
    if not isinstance(signal, PointSignal):
        return {}
    return {"columns": {"inputs": list(signal.placement.names), "outputs": list(signal.outputs)}}


def _metrics(signal: GridSignal | PointSignal, problem: Problem, field: KernelField) -> dict[str, float | None]:
    scores: dict[str, float | None] = {}
    for name, samples in (("train", problem.training.subset(_SOME)), ("held_out", problem.held_out)):
        errors = None if samples is None else errors_of(field, samples)
        scores[f"{name}_psnr_db"] = None if errors is None else decibels(float(errors.square().nanmean()))
        if isinstance(problem, PointProblem):
            assert not isinstance(samples, GridSamples)
            scores |= points_scores(name, samples, errors, problem)
        elif signal.kind == "audio":
            assert not isinstance(samples, PointSamples)
            scores[f"{name}_snr_db"] = snr(scores[f"{name}_psnr_db"], samples, problem.value_range.normalise(0.0))
    if problem.held_out is not None:
        scores["held_out_within_90"] = _within(field, problem.held_out)
    ssim = whole_image_ssim(signal, problem, field) if isinstance(signal, GridSignal) else None
    return {**scores, "ssim": ssim}


def _within(field: KernelField, samples: Samples) -> float:
    """Share of held-out values inside their 90 % intervals, of at most 20,000 samples."""
    some = samples.subset(20_000)
    errors = errors_of(field, some)
    deviations = field.deviation(places_of(some)) / torch.as_tensor(field.value_range.peak, dtype=torch.float64)
    return float((errors.abs() <= _NORMAL_90 * deviations)[~errors.isnan()].double().mean())


def _forecast(problem: Problem, run: KernelRun) -> dict[str, Any]:
    """From training samples alone: how they foretold each other."""
    expected, on = _expected(problem, run)
    weights = run.field.weights
    shrunk = weights.values * weights.ridge  # y − f at the training samples is ρα
    return {
        "held_out_psnr_db": round(decibels(expected), 3),
        "held_out_low_db": None,
        "held_out_high_db": None,
        "train_psnr_db": round(min(150.0, decibels(float(shrunk.square().mean()))), 3),
        "held_out_samples": on,
        "curve": [],
    }


def _expected(problem: Problem, run: KernelRun) -> tuple[float, str]:
    """Mean squared error to expect, and where: of points, that of points left out; on a grid, whose samples all lie at
    one distance, that carried over by the kernel's variance to held-out samples, or to the middles of its cells."""
    held_out = problem.held_out
    if isinstance(problem, PointProblem):
        return float(run.left_out.mse.mean()), "held-out samples" if held_out else "points left out"
    if held_out is not None:
        places, on = places_of(held_out.subset(_FEW)), "held-out samples"
    else:
        places, on = _between(problem.training), "points between the training samples"
    variance = run.field.relative_deviation(places).square().mean()
    return float((run.left_out.power * variance).mean()), on


def _between(samples: GridSamples) -> Tensor:
    """Middles of the cells between some samples and their next ones along every axis."""
    rows = torch.from_numpy(np.random.default_rng(0).permutation(len(samples))[:_FEW])
    return places_of(samples)[rows] + 0.5 * torch.tensor(samples.grid.spacing, dtype=torch.float64)
