"""Plans of scans: from settings to the encoding, the network and the training.

The preset ``default`` is ours: a first fit by kernel, the pilot, from which the tuner chooses the encoding and to which
the network is trained at first; the last steps see the whole image through the scan's map. With a batch size CT is
trained on batches of rays from the start, with points anywhere on them. ``paper`` is that of Tancik et al. (2020): the
whole image in every step, Adam at 1e-3 (CT; 1e-2 for the identity and the basic encoding) or 2e-3 (MRI), 1,000 steps,
Gaussian σ 4 (CT) or 5 (MRI).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from ...encodings._registry import FAMILIES
from ...encodings._spec import EncodingSpec
from ...errors import SettingsError
from ...grids._signal import GridSignal
from ...networks._mlp import CoordinateNetwork
from ...problems._grid import GridProblem
from ...tasks._plan import (
    FEWEST,
    NOTHING_LEFT,
    EncodingRules,
    FitPlan,
    choose_encoding,
    default_batch,
    lay_out,
    usual_training,
    wants_tuning,
)
from ...tasks._settings import FitSettings, bandwidth_in_cycles_per_unit
from ...tasks._tune import TuneOutcome
from ...training._plan import TrainingPlan
from ...training._schedules import ConstantRate
from ...tuning._choice import Choice, choose_by_rule, choose_to_reproduce
from ._image_objective import AfterPilot, ImageObjective
from ._line_objective import LineObjective
from ._pilot import Pilot, fly_pilot
from ._problem import Scan, ScanProblem, measurement_noise, scan_problem

PAPER_BANDWIDTH = {"ct": {"gaussian": 4.0, "positional": 7.0}, "mri": {"gaussian": 5.0, "positional": 15.0}}
_PAPER_STEPS = 1000  # Tancik et al. 2020, supplement, Sections 6.3 and 6.4, as the rates and bandwidths
_PAPER_RATE = {"ct": 1e-3, "mri": 2e-3}
_PILOT_STEPS = 600  # settled on the scans of benchmarks/scans.py, as are the next three
_SCAN_STEPS, _LEAST_SCAN_STEPS = 100, 20
_POINTS_OF_ALL = 1 << 24  # through the network in all steps that see the whole image
_LINE_STEPS = 1500  # of ray batches
_NOISE = 0.8  # share of the estimated noise, which is a little too large where there are details
_LEAST_PER_RAY = 32  # points on a ray


@dataclass(frozen=True)
class ScanPlan:
    """What a fit of a scan by network is going to use.

    With ``per_ray`` None every step sees the whole image, except the steps before ``switch``, which see the pilot's
    values. ``noise`` is the root mean square of residuals that are not worth learning.
    """

    fit: FitPlan
    per_ray: int | None
    switch: int = 0
    noise: float = 0.0

    @property
    def steps(self) -> int:
        """The total number of steps."""
        return self.fit.training.steps

    def with_steps(self, pilot: int, scan: int) -> ScanPlan:
        """Return the plan for other numbers of steps on the pilot and on the scan."""
        return replace(self, fit=self.fit.with_steps(pilot + scan), switch=pilot)

    def objective(
        self, problem: ScanProblem, network: CoordinateNetwork, pilot: Pilot
    ) -> LineObjective | ImageObjective:
        """Return what training minimises."""
        training = self.fit.training
        if self.per_ray is not None:
            return LineObjective(problem, network, training, pilot.values, self.per_ray)
        if not self.switch:
            return ImageObjective(problem, network, training, pilot.values, self.noise)
        start = pilot.samples(problem), self.switch
        return AfterPilot(problem, network, training, pilot.values, self.noise, start)


def plan_scan(
    problem: ScanProblem, pilot: Pilot, settings: FitSettings, report: Callable[[int], None] = lambda count: None
) -> ScanPlan:
    """Choose the encoding and lay out network and training for a scan."""
    choice = _encoding_asked(problem, settings)
    spec = choice.encoding if choice else EncodingSpec("gaussian", 1.0, settings.features)
    by_lines = problem.training.kind == "ct" and settings.batch_size is not None
    pilot_steps, scan_steps = _steps(problem, settings, by_lines)
    fit = lay_out(
        choice or Choice(spec, ""),
        settings,
        _training(problem, settings, spec.family, pilot_steps + scan_steps),
        dimensions=problem.domain.dimensions,
        channels=problem.channels,
        output="sigmoid" if problem.channels == 1 else "none",
    )
    if choice is None:
        tuned = _tuned(pilot.problem(problem), fit, settings, report)
        fit = fit.with_choice(tuned, problem.domain.dimensions)
    per_ray = max(_LEAST_PER_RAY, max(problem.image_shape) // 2) if by_lines else None
    noise = 0.0 if settings.preset == "paper" else _NOISE * measurement_noise(problem.training)
    return ScanPlan(fit, per_ray, pilot_steps, noise)


_WHAT = "forecasts are those of fits to the image that a kernel finds of the scan, as a fit by network begins"


def tune_scan(signal: Scan, settings: FitSettings, report: Callable[[int], None]) -> TuneOutcome:
    """Forecast candidates for the image that a kernel finds of a scan, as a fit by network does, and choose.

    With a hold-out the measurements that it keeps back are not looked at.
    """
    started = time.perf_counter()
    problem = scan_problem(signal, settings.hold_out_rule)
    if _encoding_asked(problem, settings) is not None:
        raise SettingsError(NOTHING_LEFT)
    pilot = _pilot(problem, settings.seed, report)
    found = pilot.problem(problem)
    if len(found.training) < FEWEST:
        raise SettingsError(
            f"{signal.name} has an image of {len(found.training)} samples; forecasts need {FEWEST} to leave some out, "
            "and fit takes a rule of thumb"
        )
    plan = plan_scan(problem, pilot, settings, report).fit
    seconds = time.perf_counter() - started
    return TuneOutcome(signal, found, plan, plan.choice, seconds, (_WHAT, *signal.notes))


def image_to_analyse(
    signal: Scan, settings: FitSettings, report: Callable[[int], None] = lambda count: None
) -> tuple[GridSignal, FitSettings]:
    """Return what a kernel finds of a scan as a signal on a grid, and the settings with the steps of a fit."""
    problem = scan_problem(signal)
    steps = settings.steps or sum(_steps(problem, settings, by_lines=False))
    return _pilot(problem, settings.seed, report).signal(problem), replace(settings, steps=steps)


def _pilot(problem: ScanProblem, seed: int, report: Callable[[int], None]) -> Pilot:
    return fly_pilot(problem, seed, whole=True, watch=lambda step, error: report(0))


def _encoding_asked(problem: ScanProblem, settings: FitSettings) -> Choice | None:
    """Return the encoding that the settings determine, or None if it is left to the tuner."""
    kind = problem.training.kind
    rules = EncodingRules(
        lambda text: bandwidth_in_cycles_per_unit(text, problem.domain),
        PAPER_BANDWIDTH[kind],
        f"the paper's scale for {kind}",
    )
    asked = rules.asked(settings)
    if asked is None and settings.preset == "paper":
        raise SettingsError(f"the paper has no scale for {settings.encoding} encodings of scans; give --bandwidth")
    return asked


def _tuned(pilot: GridProblem, fit: FitPlan, settings: FitSettings, report: Callable[[int], None]) -> Choice:
    """Choose an encoding by forecasts of fits to the pilot."""
    if not wants_tuning(pilot, settings):
        return replace(choose_by_rule(pilot, settings.features), steps=None)
    budget = replace(fit, training=replace(fit.training, batch_size=default_batch(len(pilot.training))))
    fixed = replace(settings, steps=fit.training.steps, time=None)
    choice = choose_to_reproduce(choose_encoding(pilot, fixed, budget, report).candidates)
    return replace(choice, steps=None, reason=f"{choice.reason}, of fits to what a kernel finds")


def _steps(problem: ScanProblem, settings: FitSettings, by_lines: bool) -> tuple[int, int]:
    """Return the number of steps on the pilot and on the scan itself."""
    if by_lines or settings.preset == "paper":
        return 0, settings.steps or (_PAPER_STEPS if settings.preset == "paper" else _LINE_STEPS)
    points = math.prod(problem.image_shape)
    scan = min(_SCAN_STEPS, max(_LEAST_SCAN_STEPS, _POINTS_OF_ALL // points))
    if settings.steps is None:
        return _PILOT_STEPS, scan
    scan = min(scan, -(-settings.steps // 4))
    return settings.steps - scan, scan


def _training(problem: ScanProblem, settings: FitSettings, family: str, steps: int) -> TrainingPlan:
    kind = problem.training.kind
    plan = _paper_training(settings, kind, family, steps) if settings.preset == "paper" else None
    return replace(plan or usual_training(settings, steps), batch_size=settings.batch_size if kind == "ct" else None)


def _paper_training(settings: FitSettings, kind: str, family: str, steps: int) -> TrainingPlan:
    plain = kind == "ct" and not FAMILIES[family].has_bandwidth
    rate = settings.learning_rate or (1e-2 if plain else _PAPER_RATE[kind])
    return TrainingPlan(steps=steps, schedule=ConstantRate(rate))
