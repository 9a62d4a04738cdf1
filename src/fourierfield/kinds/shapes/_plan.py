"""Plans of shapes: from settings to the samples, the network and the training.

The preset ``default`` is ours: four fifths of the points near the surface, cross-entropy, orthogonal steps of the
hidden matrices, warm-up and a cosine decay. ``paper`` is that of Tancik et al. (2020) for shapes: uniform points,
depth 8, Adam at 5e-4·0.1^(t/5000), 10,000 steps of 32,768 points, Gaussian σ = 12, positional σ = 6.
"""

from __future__ import annotations

from dataclasses import replace

from ...encodings._registry import FAMILIES
from ...encodings._spec import EncodingSpec
from ...problems._points import PointProblem
from ...tasks._plan import EncodingRules, FitPlan, lay_out, usual_training
from ...tasks._settings import FitSettings, bandwidth_in_cycles_per_unit
from ...training._plan import Loss, TrainingPlan
from ...training._schedules import ExponentialDecay
from ...tuning._choice import Choice
from ._problem import ShapeSampling, Target

POINTS, STEPS, BATCH, DEPTH = 1 << 21, 1500, 8192, 4  # settled on the bunny and Spot (benchmarks/shapes.py)
PAPER_STEPS, PAPER_BATCH, PAPER_DEPTH, PAPER_RATE = 10_000, 32_768, 8, 5e-4  # Tancik et al. 2020, Section 6.2
PAPER_BANDWIDTH = {"gaussian": 12.0, "positional": 63.0}  # cycles per unit; 63 is 2^6 − 1 (the paper's σ = 6)
PAPER_POINTS = 1 << 21  # drawn once; the paper draws fresh points in every step
BANDWIDTH = {"gaussian": 3.0, "laplace": 2.0}  # cycles per unit: the best of the bunny's sweep (docs/shapes.md)
HIGHEST = 12.0  # cycles per unit, of families whose bandwidth is their highest frequency


def target_of(settings: FitSettings) -> Target:
    """Return what is fitted of the mesh."""
    if settings.target is None:
        return "distance" if settings.method == "kernel" else "occupancy"
    return "distance" if settings.target == "distance" else "occupancy"


def sampling_of(settings: FitSettings) -> ShapeSampling:
    """Return where the mesh is sampled for training."""
    if settings.preset == "paper":
        return ShapeSampling(PAPER_POINTS, near=0.0, around=0.0)
    return ShapeSampling(POINTS)


def plan_shape(problem: PointProblem, settings: FitSettings) -> FitPlan:
    """Lay out encoding, network and training of a shape; a rule of thumb gives an encoding that is not asked for."""
    paper = settings.preset == "paper"
    rules = EncodingRules(
        lambda text: bandwidth_in_cycles_per_unit(text, problem.domain), PAPER_BANDWIDTH, "the paper's scale for shapes"
    )
    training = _paper_training(settings) if paper else _default_training(settings)
    loss: Loss = "cross-entropy" if target_of(settings) == "occupancy" else "squares"
    return lay_out(
        rules.asked(settings) or _by_rule(settings),
        settings,
        replace(training, loss=loss),
        dimensions=3,
        channels=1,
        depth=PAPER_DEPTH if paper else DEPTH,
    )


def _by_rule(settings: FitSettings) -> Choice:
    family = "gaussian" if settings.encoding == "auto" else str(settings.encoding)
    bandwidth = BANDWIDTH[family] if FAMILIES[family].scale == "deviation" else HIGHEST
    return Choice(EncodingSpec(family, bandwidth, settings.features), "rule of thumb for shapes")


def _default_training(settings: FitSettings) -> TrainingPlan:
    plan = usual_training(settings, settings.steps or STEPS)
    return replace(plan, batch_size=settings.batch_size or BATCH)


def _paper_training(settings: FitSettings) -> TrainingPlan:
    return TrainingPlan(
        steps=settings.steps or PAPER_STEPS,
        schedule=ExponentialDecay(settings.learning_rate or PAPER_RATE),
        batch_size=settings.batch_size or PAPER_BATCH,
    )
