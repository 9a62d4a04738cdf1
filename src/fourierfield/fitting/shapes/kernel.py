"""Run a kernel fit of a mesh: its signed distance, from some thousands of points."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ...errors import SettingsError
from ...problems import ShapeSampling, shape_values
from ...regression import KernelField
from ...signals import MeshSignal, PointSignal
from ..describe import describe
from ..events import FitEvents
from ..kernel import run_kernel_fit
from ..outcome import FitOutcome
from ..settings import FitSettings
from .field import shape_facts
from .plan import target_of
from .scores import Effort, shape_scores

__all__ = ["run_shape_kernel_fit"]

SAMPLING = ShapeSampling(count=6000, near=0.7, spread=0.01, around=0.1)
EFFORT = Effort(points=1 << 14, samples=64)  # a kernel field takes a microsecond for every 20 of its points


def run_shape_kernel_fit(mesh: MeshSignal, settings: FitSettings, out: Path | None, events: FitEvents) -> FitOutcome:
    """Fit an infinitely wide network to the signed distance at 6,000 points, most of them near the surface.

    Its scores are taken on 2¹⁴ points each and a surface on 64 samples, since it is slow to evaluate. Raises
    ``SettingsError`` for occupancy: a step rings where a solver follows it exactly.
    """
    if target_of(settings) != "distance":
        raise SettingsError("--method kernel fits a mesh's signed distance; leave --target occupancy out")
    points = SAMPLING.draw(mesh, settings.seed)
    table = PointSignal(
        points, shape_values(mesh, points, "distance"), mesh.domain, mesh.placement, ("distance",), mesh.name
    )

    def finish(field: KernelField) -> None:
        field.source = mesh.description
        field.record = {**field.record, **shape_facts(mesh, "distance")}
        metrics = {**field.record["metrics"], **shape_scores(mesh, field, EFFORT)}
        field.record = {**field.record, "metrics": metrics}

    outcome = run_kernel_fit(table, settings, out, events, finish)
    return replace(outcome, signal=describe(mesh), notes=[*outcome.notes, *mesh.notes])
