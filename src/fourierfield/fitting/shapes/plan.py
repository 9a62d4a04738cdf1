"""From settings to the network, the samples and the training plan of a shape.

``default`` is ours: half of the points near the surface, cross-entropy, orthogonal steps of the hidden matrices,
warm-up and a cosine decay. ``paper`` is that of Tancik et al. for shapes: uniform points, depth 8, Adam at
5e-4·0.1^(t/5000), 10,000 steps of 32,768 points, Gaussian σ = 12, positional σ = 6.
"""

from __future__ import annotations

from dataclasses import replace

from ...encodings import EncodingSpec
from ...errors import SettingsError
from ...networks import MLPSpec
from ...problems import PointProblem, ShapeSampling, Target
from ...training import ExponentialDecay, TrainingPlan, WarmupCosine, choose_device, choose_precision
from ...tuning import Choice
from ..bandwidth import bandwidth_in_cycles_per_unit
from ..presets import DEFAULT_RATE, ORTHOGONAL, FitPlan, weight_decay
from ..settings import FitSettings

__all__ = ["plan_shape", "sampling_of", "target_of"]

POINTS, STEPS, BATCH, DEPTH = 1 << 21, 1500, 8192, 4
PAPER_STEPS, PAPER_BATCH, PAPER_DEPTH, PAPER_RATE = 10_000, 32_768, 8, 5e-4
PAPER_BANDWIDTH = {"gaussian": 12.0, "positional": 63.0}
PAPER_POINTS = 1 << 21
BANDWIDTH = {"gaussian": 3.0, "laplace": 2.0}
HIGHEST = 12.0  # cycles per unit, of families whose bandwidth is their highest frequency


def target_of(settings: FitSettings) -> Target:
    """What of the mesh is fitted."""
    if settings.target is None:
        return "distance" if settings.method == "kernel" else "occupancy"
    return "distance" if settings.target == "distance" else "occupancy"


def sampling_of(settings: FitSettings) -> ShapeSampling:
    """Where the mesh is sampled for training."""
    if settings.preset == "paper":
        return ShapeSampling(PAPER_POINTS, near=0.0, around=0.0)
    return ShapeSampling(POINTS)


def plan_shape(problem: PointProblem, settings: FitSettings) -> FitPlan:
    """Encoding (that of a rule of thumb where none is asked for), network and training for a shape's problem."""
    paper = settings.preset == "paper"
    choice = _choose(problem, settings)
    features = choice.encoding.count_features(3)
    mlp = MLPSpec(
        in_features=2 * features if features else 3,
        out_features=1,
        depth=settings.depth or (PAPER_DEPTH if paper else DEPTH),
        width=settings.width or 256,
        initialisation="glorot" if paper else "he",
    )
    device = choose_device(settings.device)
    training = _paper_training(settings) if paper else _default_training(settings)
    return FitPlan(
        choice,
        mlp,
        replace(
            training,
            device=device,
            precision=choose_precision(settings.precision, device),
            seed=settings.seed,
            loss="cross-entropy" if target_of(settings) == "occupancy" else "squares",
        ),
    )


def _default_training(settings: FitSettings) -> TrainingPlan:
    steps, rate = settings.steps or STEPS, settings.learning_rate or DEFAULT_RATE
    return TrainingPlan(
        steps=steps,
        schedule=WarmupCosine(rate),
        batch_size=settings.batch_size or BATCH,
        weight_decay=weight_decay(steps, rate),
        orthogonal=ORTHOGONAL,
    )


def _paper_training(settings: FitSettings) -> TrainingPlan:
    return TrainingPlan(
        steps=settings.steps or PAPER_STEPS,
        schedule=ExponentialDecay(settings.learning_rate or PAPER_RATE),
        batch_size=settings.batch_size or PAPER_BATCH,
    )


def _choose(problem: PointProblem, settings: FitSettings) -> Choice:
    if isinstance(settings.encoding, EncodingSpec):
        return Choice(settings.encoding, "as asked")
    family = "gaussian" if settings.encoding == "auto" else settings.encoding
    features = settings.features
    if family in ("none", "basic"):
        if settings.bandwidth is not None:
            raise SettingsError(f"the {family} encoding has no bandwidth; leave --bandwidth out")
        return Choice(EncodingSpec(family, None, features), "as asked")
    if settings.bandwidth is not None:
        asked = bandwidth_in_cycles_per_unit(settings.bandwidth, problem.domain)
        return Choice(EncodingSpec(family, asked, features), "the bandwidth as asked")
    if settings.preset == "paper" and family in PAPER_BANDWIDTH:
        return Choice(EncodingSpec(family, PAPER_BANDWIDTH[family], features), "the paper's scale for shapes")
    return Choice(EncodingSpec(family, BANDWIDTH.get(family, HIGHEST), features), "rule of thumb for shapes")
