"""Scores of fields of scans and of their classical rivals, by the measurements and by the truth if it is known."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...encodings._fourier import Bandwidth
from ...grids._metrics import structural_similarity
from ...grids._signal import GridSignal
from ...networks._field import Field
from ...networks._values import ValueRange
from ...problems._grid import range_of_samples
from ...tasks._record import encoding_record
from ...tasks._scores import decibels
from ._image_objective import measurement_psnr
from ._problem import Scan, ScanProblem, forward_map, measurements
from ._rivals import rivals_of
from ._sinogram import SinogramSignal

_MOST_FOR_RIVALS = 1 << 22  # unknowns of an image: beyond this the rivals take longer than the fit


def image_vector(field: Field, problem: ScanProblem) -> Tensor:
    """Return a field's values on the grid of its scan, as the vector that the scan's map takes."""
    values = field.sample(problem.domain.grid(problem.image_shape))
    return torch.from_numpy(np.moveaxis(values, -1, 0).astype(np.float64).reshape(-1))


def range_of_values(parts: Tensor, scan: Scan) -> ValueRange:
    """Return the values of a reconstruction that count as [0, 1]: the truth's if known, otherwise ``range_found``."""
    if scan.truth is not None and scan.channels == 1:
        return range_of_samples(scan.truth.values, scan.truth.kind, scan.truth.sample_format)
    return range_found(parts)


def range_found(parts: Tensor) -> ValueRange:
    """Return the range from zero, or from the smallest negative value, to the largest value or magnitude."""
    if len(parts) > 1:
        return ValueRange(0.0, float(parts.square().sum(0).amax().sqrt()) or 1.0)
    low, high = min(0.0, float(parts.min())), float(parts.max())
    return ValueRange(low, high - low if high > low else 1.0)


def scan_metrics(image: Tensor, problem: ScanProblem) -> dict[str, Any]:
    """Score an image vector by the measurements and by the truth.

    ``train_psnr_db`` and ``held_out_psnr_db`` are of the measurements, where the peak is the range of the training
    measurements; ``train_error`` and ``held_out_error`` are ‖e‖/‖y‖. ``truth_psnr_db`` and ``ssim`` compare the image
    with the truth. Scores of what does not exist are None.
    """
    scores: dict[str, Any] = {}
    seen = measurements(problem.training)
    for name, scan in (("train", problem.training), ("held_out", problem.held_out)):
        values = None if scan is None else measurements(scan)
        errors = None if scan is None or values is None else forward_map(scan) @ image - values
        scores[f"{name}_psnr_db"] = None if errors is None else measurement_psnr(errors, seen)
        scores[f"{name}_error"] = None if errors is None or values is None else _relative(errors, values)
    return scores | _by_truth(image, problem)


def _relative(errors: Tensor, values: Tensor) -> float:
    """Return ‖e‖/‖y‖, or ‖e‖ if y = 0."""
    return float(errors.norm()) / (float(values.norm()) or 1.0)


def rival_scores(problem: ScanProblem) -> dict[str, float]:
    """Score the classical rivals of a scan, unless its image is so large that they would take longer than the fit.

    ``NAME_psnr_db`` is against the truth, if it is known; ``NAME_held_out_psnr_db`` and ``NAME_held_out_error`` are on
    held-out measurements, if there are any; ``NAME_train_error`` is on those of training, without either.
    """
    scores: dict[str, float] = {}
    if problem.unknowns > _MOST_FOR_RIVALS:
        return scores
    for name, image in rivals_of(problem).items():
        if name == "zero_filled" and problem.channels == 2 and _coils(problem) > 1:
            continue  # a root of a sum of squares has no phase, so it predicts neither measurements nor a complex truth
        found = scan_metrics(image, problem)
        wanted = {
            "psnr_db": "truth_psnr_db",
            "held_out_psnr_db": "held_out_psnr_db",
            "held_out_error": "held_out_error",
        }
        if problem.held_out is None and found["truth_psnr_db"] is None:
            wanted["train_error"] = "train_error"
        scores |= {f"{name}_{key}": found[of] for key, of in wanted.items() if found[of] is not None}
    return scores


def training_facts(problem: ScanProblem) -> dict[str, Any]:
    """Return the numbers of training and held-out measurements, and of projections for CT."""
    facts: dict[str, Any] = {
        "samples": _count(problem.training),
        "held_out_samples": 0 if problem.held_out is None else _count(problem.held_out),
    }
    if isinstance(problem.training, SinogramSignal):
        facts["projections"] = len(problem.training.geometry.angles)
        held_out = problem.held_out
        facts["held_out_projections"] = len(held_out.geometry.angles) if isinstance(held_out, SinogramSignal) else 0
    return facts


def scan_encoding(problem: ScanProblem, family: str, bandwidth: Bandwidth, features: int | None) -> dict[str, Any]:
    """Return the ``encoding`` of ``fit --json``, with the bandwidth per sample of the image's grid."""
    distance = max(problem.domain.grid(problem.image_shape).spacing)
    return encoding_record(problem.domain, distance, family, bandwidth, features)


def scan_digest(problem: ScanProblem) -> str:
    """Return a digest of all measurements, training and held out, and of where they were taken."""
    digest = hashlib.sha256()
    for scan in (problem.training, problem.held_out):
        if scan is not None:
            for part in _parts(scan):
                digest.update(np.ascontiguousarray(part).data if isinstance(part, np.ndarray) else repr(part).encode())
    return digest.hexdigest()[:16]


def _parts(scan: Scan) -> tuple[Any, ...]:
    if isinstance(scan, SinogramSignal):
        geometry = scan.geometry
        shape = (geometry.bins, geometry.axis, geometry.spacing, geometry.source, geometry.detector, scan.thickness)
        return (np.nan_to_num(scan.projections, nan=-1e30), geometry.angles, shape)
    maps = scan.maps if scan.maps is not None else np.empty(0)
    return (scan.samples, scan.places, maps, scan.image_shape, scan.spacing, scan.real)


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
