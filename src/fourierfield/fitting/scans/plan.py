"""From settings to objects for scans: the encoding, the network, the training plan.

``default`` is ours: a pilot by kernel, of which the tuner chooses the encoding and by which the network is trained at
first; the last steps see the whole image through the scan's map. With a batch size CT is trained from the start, by
batches of rays with points anywhere on them. ``paper`` is that of Tancik et al. 2020: the whole image in every step,
Adam at 1e-3 (CT; 1e-2 without mapping and with the basic one) or 2e-3 (MRI), 1,000 steps, Gaussian σ 4 (CT) or 5 (MRI).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from ...encodings import EncodingSpec
from ...errors import SettingsError
from ...networks import CoordinateNetwork, MLPSpec
from ...problems import GridProblem
from ...problems.scans import ScanProblem, measurement_noise
from ...training import (
    AfterPilot,
    ConstantRate,
    ImageObjective,
    LineObjective,
    LinePlan,
    TrainingPlan,
    WarmupCosine,
    choose_device,
    choose_precision,
)
from ...tuning import Choice, choose_by_rule, choose_to_reproduce
from ..bandwidth import bandwidth_in_cycles_per_unit
from ..presets import DEFAULT_RATE, ORTHOGONAL, FitPlan, default_batch, weight_decay
from ..settings import FitSettings
from ..tuned import choose_encoding, wants_tuning
from .pilot import Pilot

__all__ = ["ScanPlan", "plan_scan", "scan_steps", "wants_choice"]

PAPER_BANDWIDTH = {"ct": {"gaussian": 4.0, "positional": 7.0}, "mri": {"gaussian": 5.0, "positional": 15.0}}
_PAPER_STEPS = 1000
_PAPER_RATE = {"ct": 1e-3, "mri": 2e-3}
_PILOT_STEPS = 600
_SCAN_STEPS, _LEAST_SCAN_STEPS = 100, 20
_POINTS_OF_ALL = 1 << 24  # through the network in all steps that see the whole image
_LINE_STEPS = 1500
_NOISE = 0.8  # of the noise that is estimated from the measurements: it is a little too large, of details
_LEAST_PER_RAY = 32


@dataclass(frozen=True)
class ScanPlan:
    """All that a fit of a scan by network is going to use.

    ``lines`` None sees the whole image in every step, but for those before ``switch``, which see a pilot's values.
    ``noise`` is the root mean square of residuals that are not worth learning.
    """

    fit: FitPlan
    lines: LinePlan | None
    switch: int = 0
    noise: float = 0.0

    @property
    def steps(self) -> int:
        """Steps in all."""
        return self.fit.training.steps

    def with_steps(self, pilot: int, scan: int) -> ScanPlan:
        """The same plan for other numbers of steps, on the pilot and on the scan."""
        return replace(self, fit=self.fit.with_steps(pilot + scan), switch=pilot)

    def objective(
        self, problem: ScanProblem, network: CoordinateNetwork, pilot: Pilot
    ) -> LineObjective | ImageObjective | AfterPilot:
        """What a run minimises."""
        training = self.fit.training
        if self.lines is not None:
            return LineObjective(problem, network, training, pilot.values, self.lines)
        whole = ImageObjective(problem, network, training, pilot.values, self.noise)
        return AfterPilot(whole, network, training, pilot.samples(problem), self.switch) if self.switch else whole


def plan_scan(
    problem: ScanProblem, pilot: Pilot, settings: FitSettings, report: Callable[[int], None] = lambda count: None
) -> ScanPlan:
    """Choose the encoding and lay out network and training for a scan."""
    choice = _encoding_asked(problem, settings)
    spec = choice.encoding if choice else EncodingSpec("gaussian", 1.0, settings.features)
    by_lines = problem.training.kind == "ct" and settings.batch_size is not None
    pilot_steps, scan_steps = _steps(problem, settings, by_lines)
    training = _training(problem, settings, spec.family, pilot_steps + scan_steps)
    fit = FitPlan(choice or Choice(spec, ""), _network(problem, settings, spec), training)
    if choice is None:
        tuned = _tuned(pilot.problem(problem), fit, settings, report)
        fit = fit.with_choice(tuned, problem.domain.dimensions)
    lines = LinePlan(max(_LEAST_PER_RAY, max(problem.image_shape) // 2)) if by_lines else None
    noise = 0.0 if settings.preset == "paper" else _NOISE * measurement_noise(problem.training)
    return ScanPlan(fit, lines, pilot_steps, noise)


def wants_choice(problem: ScanProblem, settings: FitSettings) -> bool:
    """Whether the encoding is left to the tuner."""
    return _encoding_asked(problem, settings) is None


def scan_steps(problem: ScanProblem, settings: FitSettings) -> int:
    """Of a fit that sees the whole image, in all."""
    return sum(_steps(problem, settings, by_lines=False))


def _network(problem: ScanProblem, settings: FitSettings, spec: EncodingSpec) -> MLPSpec:
    dimensions = problem.domain.dimensions
    features = spec.count_features(dimensions)
    return MLPSpec(
        in_features=2 * features if features else dimensions,
        out_features=problem.channels,
        depth=settings.depth or 4,
        width=settings.width or 256,
        output="sigmoid" if problem.channels == 1 else "none",
        initialisation="glorot" if settings.preset == "paper" else "he",
    )


def _training(problem: ScanProblem, settings: FitSettings, family: str, steps: int) -> TrainingPlan:
    kind, paper = problem.training.kind, settings.preset == "paper"
    device = choose_device(settings.device)
    return replace(
        _paper_training(settings, kind, family, steps) if paper else _default_training(settings, steps),
        batch_size=settings.batch_size if kind == "ct" else None,
        device=device,
        precision=choose_precision(settings.precision, device),
        seed=settings.seed,
    )


def _encoding_asked(problem: ScanProblem, settings: FitSettings) -> Choice | None:
    """None where it is left to the tuner."""
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
    if settings.preset == "paper":
        if family not in paper:
            raise SettingsError(f"the paper has no scale for {family} encodings of scans; give --bandwidth")
        return Choice(EncodingSpec(family, paper[family], features), f"the paper's scale for {problem.training.kind}")
    return None


def _tuned(pilot: GridProblem, fit: FitPlan, settings: FitSettings, report: Callable[[int], None]) -> Choice:
    """By forecasts of fits to the pilot."""
    if not wants_tuning(pilot, settings):
        return replace(choose_by_rule(pilot, settings.features), steps=None)
    budget = replace(fit, training=replace(fit.training, batch_size=default_batch(len(pilot.training))))
    fixed = replace(settings, steps=fit.training.steps, time=None)
    choice = choose_to_reproduce(choose_encoding(pilot, fixed, budget, report).candidates)
    return replace(choice, steps=None, reason=f"{choice.reason}, of fits to what a kernel finds")


def _steps(problem: ScanProblem, settings: FitSettings, by_lines: bool) -> tuple[int, int]:
    """On the pilot, and on the scan itself."""
    if by_lines or settings.preset == "paper":
        return 0, settings.steps or (_PAPER_STEPS if settings.preset == "paper" else _LINE_STEPS)
    points = math.prod(problem.image_shape)
    scan = min(_SCAN_STEPS, max(_LEAST_SCAN_STEPS, _POINTS_OF_ALL // points))
    if settings.steps is None:
        return _PILOT_STEPS, scan
    scan = min(scan, -(-settings.steps // 4))
    return settings.steps - scan, scan


def _default_training(settings: FitSettings, steps: int) -> TrainingPlan:
    rate = settings.learning_rate or DEFAULT_RATE
    decay = weight_decay(steps, rate)
    return TrainingPlan(steps=steps, schedule=WarmupCosine(rate), weight_decay=decay, orthogonal=ORTHOGONAL)


def _paper_training(settings: FitSettings, kind: str, family: str, steps: int) -> TrainingPlan:
    plain = kind == "ct" and family in ("none", "basic")
    rate = settings.learning_rate or (1e-2 if plain else _PAPER_RATE[kind])
    return TrainingPlan(steps=steps, schedule=ConstantRate(rate))
