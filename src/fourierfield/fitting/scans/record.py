"""What a field from a scan remembers of its fit: scores by its measurements, by the truth if there is one, and those of
its classical rivals."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...encodings.fourier import Bandwidth
from ...networks import Field, ValueRange
from ...problems.ranges import range_of_samples
from ...problems.scans import Scan, ScanProblem, forward_map, measurements, rivals_of
from ...signals import GridSignal, structural_similarity
from ...signals.scans import SinogramSignal
from ...training import measurement_psnr
from ..record import bandwidths
from ..scores import decibels

__all__ = [
    "bandwidths_of_scan",
    "image_vector",
    "range_found",
    "range_of_values",
    "rival_scores",
    "scan_metrics",
    "training_facts",
]

_MOST_FOR_RIVALS = 1 << 22  # unknowns; beyond it the rivals take longer than the fit


def image_vector(field: Field, problem: ScanProblem) -> Tensor:
    """A field's values on the grid of its scan, as the vector that the scan's map takes."""
    values = field.sample(problem.domain.grid(problem.image_shape))
    return torch.from_numpy(np.moveaxis(values, -1, 0).astype(np.float64).reshape(-1))


def range_of_values(parts: Tensor, scan: Scan) -> ValueRange:
    """Which values count as [0, 1] of a field that was found: those of the truth's file if there is one, else
    ``range_found``."""
    if scan.truth is not None and scan.channels == 1:
        return range_of_samples(scan.truth.values, scan.truth.kind, scan.truth.sample_format)
    return range_found(parts)


def range_found(parts: Tensor) -> ValueRange:
    """From none to the largest of the values, or from the smallest where some are negative; of complex values up to the
    largest magnitude."""
    if len(parts) > 1:
        return ValueRange(0.0, float(parts.square().sum(0).amax().sqrt()) or 1.0)
    low, high = min(0.0, float(parts.min())), float(parts.max())
    return ValueRange(low, high - low if high > low else 1.0)


def scan_metrics(image: Tensor, problem: ScanProblem) -> dict[str, Any]:
    """Scores of an image vector: PSNR (the peak is the range of the training measurements) and relative error of the
    measurements, ``train_…`` and ``held_out_…``; ``truth_psnr_db`` and ``ssim`` against the truth, None without."""
    scores: dict[str, Any] = {}
    seen = measurements(problem.training)
    for name, scan in (("train", problem.training), ("held_out", problem.held_out)):
        values = None if scan is None else measurements(scan)
        errors = None if scan is None or values is None else forward_map(scan) @ image - values
        scores[f"{name}_psnr_db"] = None if errors is None else measurement_psnr(errors, seen)
        scores[f"{name}_error"] = None if errors is None or values is None else _relative(errors, values)
    return scores | _by_truth(image, problem)


def _relative(errors: Tensor, values: Tensor) -> float:
    """‖e‖/‖y‖, or ‖e‖ where y is nothing."""
    return float(errors.norm()) / (float(values.norm()) or 1.0)


def rival_scores(problem: ScanProblem) -> dict[str, float]:
    """``NAME_psnr_db`` against the truth, where there is one, and ``NAME_held_out_psnr_db`` and
    ``NAME_held_out_error``, where something is held out."""
    scores: dict[str, float] = {}
    if problem.unknowns > _MOST_FOR_RIVALS:
        return scores
    for name, image in rivals_of(problem).items():
        if name == "zero_filled" and problem.channels == 2 and _coils(problem) > 1:
            continue  # a root of squares has no phase to foretell anything by, nor a complex truth to be like
        found = scan_metrics(image, problem)
        wanted = {
            "psnr_db": "truth_psnr_db",
            "held_out_psnr_db": "held_out_psnr_db",
            "held_out_error": "held_out_error",
        }
        scores |= {f"{name}_{key}": found[of] for key, of in wanted.items() if found[of] is not None}
    return scores


def training_facts(problem: ScanProblem) -> dict[str, Any]:
    """What was trained on and what was kept back."""
    facts: dict[str, Any] = {
        "samples": _count(problem.training),
        "held_out_samples": 0 if problem.held_out is None else _count(problem.held_out),
    }
    if isinstance(problem.training, SinogramSignal):
        facts["projections"] = len(problem.training.geometry.angles)
        held_out = problem.held_out
        facts["held_out_projections"] = len(held_out.geometry.angles) if isinstance(held_out, SinogramSignal) else 0
    return facts


def bandwidths_of_scan(problem: ScanProblem, bandwidth: Bandwidth) -> dict[str, Any]:
    """As of other fields, by the samples of the image's grid."""
    return bandwidths(problem.domain, max(problem.domain.grid(problem.image_shape).spacing), bandwidth)


def _count(scan: Scan) -> int:
    if isinstance(scan, SinogramSignal):
        return int((~np.isnan(scan.projections)).sum())
    return int(scan.samples.size)


def _coils(problem: ScanProblem) -> int:
    return 1 if isinstance(problem.training, SinogramSignal) else problem.training.coils


def _by_truth(image: Tensor, problem: ScanProblem) -> dict[str, float | None]:
    truth = problem.training.truth
    if truth is None:
        return {"truth_psnr_db": None, "ssim": None}
    parts = image.reshape(problem.channels, *problem.image_shape)
    found = (parts[0] if len(parts) == 1 else parts.square().sum(0).sqrt()).numpy()
    peak = range_of_samples(truth.values, truth.kind, truth.sample_format).common[1]
    off = (found - truth.values[..., 0]) / peak
    return {"truth_psnr_db": decibels(float(np.square(off).mean())), "ssim": _ssim(found, truth, peak)}


def _ssim(found: np.ndarray, truth: GridSignal, peak: float) -> float | None:
    if found.ndim != 2:
        return None
    return structural_similarity(found[..., None].astype(np.float32), truth.values, peak)
