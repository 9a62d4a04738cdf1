"""Which fit of a scan this is."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from ...problems.scans import Scan, ScanProblem
from ...signals.scans import SinogramSignal

__all__ = ["scan_digest"]


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
