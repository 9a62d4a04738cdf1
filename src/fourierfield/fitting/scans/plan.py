"""From settings to objects for scans: the encoding, the network, the training plan.

``default`` is ours: the optimiser of other fits; CT by batches of rays with points anywhere on them, MRI by the whole
image in every step. ``paper`` is that of Tancik et al. 2020: the whole image in every step, Adam at 1e-3 (CT; 1e-2
without mapping and with the basic one) or 2e-3 (MRI), 1,000 steps, Gaussian σ 4 (CT) or 5 (MRI).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ...encodings import EncodingSpec
from ...networks import CoordinateNetwork, MLPSpec, ValueRange
from ...problems.scans import ScanProblem
from ...training import (
    ConstantRate,
    ImageObjective,
    LineObjective,
    LinePlan,
    TrainingPlan,
    WarmupCosine,
    choose_device,
    choose_precision,
)
from ...tuning import Choice
from ..bandwidth import bandwidth_in_cycles_per_unit
from ..presets import DEFAULT_RATE, ORTHOGONAL, FitPlan, weight_decay
from ..settings import FitSettings
from .choice import choose_for_scan

__all__ = ["ScanPlan", "plan_scan"]

PAPER_BANDWIDTH = {"ct": {"gaussian": 4.0, "positional": 7.0}, "mri": {"gaussian": 5.0, "positional": 15.0}}
_PAPER_STEPS = 1000
_PAPER_RATE = {"ct": 1e-3, "mri": 2e-3}
_STEPS = {"ct": 1500, "mri": 500}
_POINTS = 1 << 14  # of a step, along rays
_LEAST_PER_RAY = 32
_FEATURES = 256


@dataclass(frozen=True)
class ScanPlan:
    """All that a fit of a scan by network is going to use: ``lines`` None sees the whole image in every step."""

    fit: FitPlan
    lines: LinePlan | None

    def with_steps(self, steps: int) -> ScanPlan:
        """The same plan for another number of steps."""
        return replace(self, fit=self.fit.with_steps(steps))

    def objective(
        self, problem: ScanProblem, network: CoordinateNetwork, values: ValueRange
    ) -> LineObjective | ImageObjective:
        """What a run minimises."""
        if self.lines is None:
            return ImageObjective(problem, network, self.fit.training, values)
        return LineObjective(problem, network, self.fit.training, values, self.lines)


def plan_scan(problem: ScanProblem, settings: FitSettings) -> ScanPlan:
    """Choose the encoding and lay out network and training for a scan."""
    kind, paper = problem.training.kind, settings.preset == "paper"
    choice = _choose_encoding(problem, settings)
    dimensions = problem.domain.dimensions
    features = choice.encoding.count_features(dimensions)
    mlp = MLPSpec(
        in_features=2 * features if features else dimensions,
        out_features=problem.channels,
        depth=settings.depth or 4,
        width=settings.width or 256,
        output="sigmoid" if problem.channels == 1 else "none",
        initialisation="glorot" if paper else "he",
    )
    device = choose_device(settings.device)
    by_lines = kind == "ct" and not paper
    plan = _paper_training(settings, kind, choice.encoding.family) if paper else _default_training(settings, by_lines)
    plan = replace(plan, device=device, precision=choose_precision(settings.precision, device), seed=settings.seed)
    lines = LinePlan(max(_LEAST_PER_RAY, max(problem.image_shape) // 2)) if by_lines else None
    return ScanPlan(FitPlan(choice, mlp, plan), lines)


def _choose_encoding(problem: ScanProblem, settings: FitSettings) -> Choice:
    if isinstance(settings.encoding, EncodingSpec):
        return Choice(settings.encoding, "as asked")
    family = "gaussian" if settings.encoding == "auto" else settings.encoding
    features = settings.features
    if family in ("none", "basic"):
        return Choice(EncodingSpec(family, None, features), "as asked")
    if settings.bandwidth is not None:
        cycles = bandwidth_in_cycles_per_unit(settings.bandwidth, problem.domain)
        return Choice(EncodingSpec(family, cycles, features), "the bandwidth as asked")
    paper = PAPER_BANDWIDTH[problem.training.kind]
    if settings.preset == "paper" and family in paper:
        return Choice(EncodingSpec(family, paper[family], features), f"the paper's scale for {problem.training.kind}")
    return choose_for_scan(problem, family, features)


def _default_training(settings: FitSettings, by_lines: bool) -> TrainingPlan:
    steps = settings.steps or _STEPS["ct" if by_lines else "mri"]
    rate = settings.learning_rate or DEFAULT_RATE
    return TrainingPlan(
        steps=steps,
        schedule=WarmupCosine(rate),
        batch_size=(settings.batch_size or _POINTS) if by_lines else None,
        weight_decay=weight_decay(steps, rate),
        orthogonal=ORTHOGONAL,
    )


def _paper_training(settings: FitSettings, kind: str, family: str) -> TrainingPlan:
    plain = kind == "ct" and family in ("none", "basic")
    rate = settings.learning_rate or (1e-2 if plain else _PAPER_RATE[kind])
    return TrainingPlan(steps=settings.steps or _PAPER_STEPS, schedule=ConstantRate(rate))
