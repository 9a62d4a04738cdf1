"""Fits of tables of points by network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar

from ...grids._points import PointSignal
from ...networks._field import NetworkField
from ...problems._points import PointProblem, point_problem
from ...regression._choice import Candidates
from ...regression._spec import KernelSpec
from ...regression._train import choose_for
from ...tasks._network import SampledNetworkTask
from ...tasks._plan import plan_fit
from ...tasks._scores import Scores, decibels, errors_of, points_scores
from ...tasks._settings import FitSettings
from ...tasks._task import FitEvents, Fitted, Parts
from ...tuning._choice import Choice

_LEAST_STEPS, _MOST_STEPS = 64, 5120  # the latter is the most of the default preset


@dataclass(frozen=True)
class PointNetworkTask(SampledNetworkTask):
    """A fit of a network to values at scattered points.

    Without a bandwidth it takes Gaussian frequencies of the bandwidth by which the NTK of the infinitely wide network
    is most likely, and fewer steps the larger the ridge, that is the noise, that goes with it (``steps_for``).
    """

    signal: PointSignal
    problem: PointProblem
    samples_name: ClassVar[str] = "training points"

    @classmethod
    def of(cls, signal: PointSignal, settings: FitSettings) -> PointNetworkTask:
        """Return the task of a table. Raises ``SettingsError`` for a hold-out that takes a grid or leaves nothing."""
        problem = point_problem(signal, settings.hold_out_rule)
        return cls(signal, problem, settings, plan_fit(problem, settings))

    @property
    def left_open(self) -> bool:
        """Whether neither an encoding nor a bandwidth was given."""
        settings = self.settings
        return settings.encoding == "auto" and settings.bandwidth is None and settings.preset == "default"

    def tune(self, events: FitEvents) -> Choice:
        """Choose the bandwidth by the likelihood of the infinitely wide network, and the steps by its noise."""
        ntk = KernelSpec(replace(self.plan.choice.encoding, features=None), self.plan.mlp.depth)
        likeliest = choose_for(self.problem, Candidates(free=[ntk]), report=events.judged)
        bounded = self.settings.steps is not None or self.settings.time is not None
        steps = None if bounded else steps_for(len(self.problem.training), likeliest.ridge)
        encoding = replace(likeliest.spec.encoding, features=self.settings.features)
        return Choice(encoding, f"{likeliest.reason} of the infinitely wide network", steps)

    def scores(self, field: NetworkField) -> Scores:
        """Return PSNR, R² and the root mean square error on the training and the held-out points."""
        scores: Scores = {"ssim": None}
        for name, samples in (("train", self.problem.training), ("held_out", self.problem.held_out)):
            errors = None if samples is None else errors_of(field, samples)
            scores |= points_scores(name, samples, errors, self.problem)
            scores[f"{name}_psnr_db"] = None if errors is None else decibels(float(errors.square().mean()))
        return scores

    def parts(self, fitted: Fitted, watch: Callable[[float], None]) -> Parts:
        """Score the field and return its part of the record, with the names of the columns."""
        columns = {"inputs": list(self.signal.placement.names), "outputs": list(self.signal.outputs)}
        return {**super().parts(fitted, watch), "columns": columns}


def steps_for(points: int, ridge: float) -> int:
    """Return the number of steps that suits noisy points: 6·√N·ρ^−0.2, between 64 and 5,120.

    ``ridge`` ρ is the power of the noise relative to the kernel's k(0). The rule was settled on the tables of
    ``benchmarks/kernels``.

    >>> steps_for(150, 0.03), steps_for(10_000, 1e-3)
    (148, 2388)
    """
    return int(min(_MOST_STEPS, max(_LEAST_STEPS, 6 * points**0.5 * ridge**-0.2)))
