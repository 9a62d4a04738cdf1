"""Which fit of a scan this is."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import FieldFileError
from ...networks import NetworkField
from ...problems.scans import Scan, ScanProblem
from ...signals.scans import SinogramSignal
from ...training.checkpoint import Checkpoint
from ..identity import plan_identity, refuse_other_run
from ..outcome import FitOutcome
from ..resuming import checkpoint_path
from ..settings import FitSettings
from .plan import ScanPlan

__all__ = ["finished_scan", "network_identity", "refuse_other_scan", "scan_digest"]


def scan_digest(problem: ScanProblem) -> str:
    """Of what was measured and where, for training and held out."""
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


def network_identity(problem: ScanProblem, plan: ScanPlan, settings: FitSettings) -> dict[str, Any]:
    """What a fit by network has to have in common with the one that it resumes."""
    per_ray = None if plan.lines is None else plan.lines.per_ray
    return {
        "data": scan_digest(problem),
        **plan_identity(plan.fit, settings),
        "points_per_ray": per_ray,
        "switch": plan.switch,
        "noise": plan.noise,
    }


def finished_scan(
    signal: Scan, problem: ScanProblem, found: NetworkField, settings: FitSettings, out: Path | None
) -> FitOutcome:
    """The outcome of a fit that was finished before, if it is the same."""
    kept = found.record.get("settings", {})
    if "scan" not in found.record:
        raise FieldFileError(f"{out} was not fitted to a scan; leave --resume out to start afresh")
    asked = {"data": scan_digest(problem), "hold_out": str(settings.hold_out_rule), "seed": settings.seed}
    asked |= {"preset": settings.preset}
    asked |= {"steps": settings.steps} if settings.steps is not None else {}
    asked |= {"width": settings.width} if settings.width is not None else {}
    asked |= {"depth": settings.depth} if settings.depth is not None else {}
    refuse_other_run(kept, asked, str(out))
    return FitOutcome.again(signal, found, out)


def refuse_other_scan(
    found: Checkpoint | None, problem: ScanProblem, plan: ScanPlan, settings: FitSettings, out: Path | None
) -> None:
    """Raises ``SettingsError`` where a checkpoint is of another fit."""
    if found is None or out is None:
        return
    ignoring = ("steps", "weight_decay", "switch") if settings.time is not None else ()
    wanted = network_identity(problem, plan, settings)
    refuse_other_run(found.settings, wanted, str(checkpoint_path(out)), ignoring=ignoring)
