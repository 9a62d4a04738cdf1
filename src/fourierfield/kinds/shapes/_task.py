"""Fits of meshes: occupancy or signed distance by network, signed distance by kernel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar

from ...errors import SettingsError
from ...grids._points import PointSignal
from ...networks._field import NetworkField
from ...problems._points import PointProblem, point_problem
from ...regression._field import KernelField
from ...tasks._kernel import PointKernelTask
from ...tasks._network import SampledNetworkTask
from ...tasks._plan import leaves_encoding
from ...tasks._resume import Finished, chosen_before
from ...tasks._scores import Scores
from ...tasks._settings import FitSettings
from ...tasks._task import FitEvents, Fitted, Parts
from ...training._checkpoint import Checkpoint
from ...training._loop import TrainingRun
from ...training._scoring import score_field
from ...tuning._choice import Choice
from ._mesh import MeshSignal
from ._plan import choose_shape_encoding, plan_shape, sampling_of, target_of
from ._problem import ShapeSampling, shape_problem, shape_values
from ._surface import Effort, shape_facts, shape_scores

SAMPLING = ShapeSampling(count=6000, near=0.7, spread=0.01, around=0.1)  # of kernel fits: solved in some ten seconds
EFFORT = Effort(points=1 << 14, samples=64)  # a kernel field takes a microsecond for every 20 of its points


@dataclass(frozen=True)
class ShapeNetworkTask(SampledNetworkTask):
    """A fit of a network to a mesh's occupancy or signed distance at random points."""

    signal: MeshSignal
    problem: PointProblem
    samples_name: ClassVar[str] = "points"

    @classmethod
    def of(cls, mesh: MeshSignal, settings: FitSettings) -> ShapeNetworkTask:
        """Return the task of a mesh. Raises ``SettingsError`` for a hold-out that takes a grid or leaves nothing."""
        sampling, rule = sampling_of(settings), settings.hold_out_rule
        problem = shape_problem(mesh, target_of(settings), sampling, rule, settings.seed)
        return cls(mesh, problem, settings, plan_shape(problem, settings))

    @property
    def left_open(self) -> bool:
        """Whether the settings leave the encoding open."""
        return leaves_encoding(self.settings)

    def tune(self, events: FitEvents) -> Choice:
        """Choose an encoding by forecasts on windows of the occupancy."""
        return choose_shape_encoding(self.signal, sampling_of(self.settings), self.settings, self.plan, events.judged)

    def kept(self, found: Finished | Checkpoint) -> Choice:
        """Return the choice of a run that is continued; its steps are the plan's own."""
        return replace(chosen_before(found, self.settings), steps=None)

    def announce(self) -> list[str]:
        """Return lines that state what is fitted, the encoding, the points and steps."""
        first, *others = super().announce()
        return [f"{target_of(self.settings)}; {first}", *others]

    def run(self, run: TrainingRun, events: FitEvents) -> Fitted:
        """Train the network; its record says what the shape is, which scoring needs."""
        fitted = super().run(run, events)
        fitted.field.record = shape_facts(self.signal, target_of(self.settings))
        return fitted

    def scores(self, field: NetworkField) -> Scores:
        """Return the PSNRs at the points, and how near the shape is to the mesh."""
        return {**score_field(field, self.problem), **shape_scores(self.signal, field), "ssim": None}

    def parts(self, fitted: Fitted, watch: Callable[[float], None]) -> Parts:
        """Score the field and return its part of the record, with what the shape is."""
        facts = shape_facts(self.signal, target_of(self.settings))
        return {**super().parts(fitted, watch), **facts, "baselines": {}}  # type: ignore[typeddict-item]


@dataclass(frozen=True)
class ShapeKernelTask(PointKernelTask):
    """A kernel's fit of a signed distance at 6,000 points, most near the surface; scored on few, as it is slow."""

    mesh: MeshSignal | None = None

    @classmethod
    def of(cls, mesh: MeshSignal, settings: FitSettings) -> ShapeKernelTask:
        """Return the task of a mesh."""
        if target_of(settings) != "distance":
            raise SettingsError("--method kernel fits a mesh's signed distance; leave --target occupancy out")
        points = SAMPLING.draw(mesh, settings.seed)
        values = shape_values(mesh, points, "distance")
        table = PointSignal(points, values, mesh.domain, mesh.placement, ("distance",), mesh.name, notes=mesh.notes)
        return cls(table, point_problem(table, settings.hold_out_rule), settings, mesh=mesh)

    def parts(self, fitted: Fitted, watch: Callable[[float], None]) -> Parts:
        """Score the field and return its part of the record, with what the shape is."""
        field, mesh = fitted.field, self.mesh
        assert isinstance(field, KernelField)
        assert mesh is not None
        facts = shape_facts(mesh, "distance")
        field.source, field.record = mesh.description, facts
        parts = super().parts(fitted, watch)
        metrics = {**parts["metrics"], **shape_scores(mesh, field, EFFORT)}
        return {**parts, **facts, "metrics": metrics}  # type: ignore[typeddict-item]
