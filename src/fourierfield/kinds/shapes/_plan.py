"""Plans of shapes: from settings to the samples, the network, the training, and an encoding by forecasts.

The preset ``default`` is ours: four fifths of the points near the surface, cross-entropy, orthogonal steps of the
hidden matrices, warm-up and a cosine decay. ``paper`` is that of Tancik et al. (2020) for shapes: uniform points,
depth 8, Adam at 5e-4·0.1^(t/5000), 10,000 steps of 32,768 points, Gaussian σ = 12, positional σ = 6.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ...encodings._registry import FAMILIES
from ...encodings._spec import EncodingSpec
from ...grids._domain import Domain, Grid
from ...grids._sample_format import SampleFormat
from ...grids._signal import GridSignal
from ...problems._grid import GridProblem, grid_problem
from ...problems._points import PointProblem
from ...tasks._plan import EncodingRules, FitPlan, lay_out, usual_training
from ...tasks._settings import FitSettings, bandwidth_in_cycles_per_unit
from ...training._plan import Loss, TrainingPlan
from ...training._schedules import ExponentialDecay
from ...tuning._choice import Choice, choose, encoding_words
from ...tuning._forecasts import Trainee
from ...tuning._inner import divide
from ...tuning._tuner import Budget, tune
from ._inside import inside, points_on_surface
from ._mesh import MeshSignal
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


WINDOWS, SIDE = 8, 16  # number of windows, and samples along a side of each: bounds the time of a forecast
# The share of the steps that is forecast: cross-entropy slows as logits grow, while the flow of squares keeps its pace.
# By experiment on the Stanford bunny (docs/shapes.md).
SHARE = 0.25


def choose_shape_encoding(
    mesh: MeshSignal,
    sampling: ShapeSampling,
    settings: FitSettings,
    plan: FitPlan,
    report: Callable[[int], None] = lambda count: None,
) -> Choice:
    """Choose the encoding for a shape's network and steps by forecasts on windows of its occupancy.

    Eight windows of 16³ samples, centred on the surface, are as dense as the uniform training points: the sparser of
    the two sets, which bound the frequencies that can be told from noise. The flow on squares is forecast for a quarter
    of the steps: networks trained by cross-entropy need four times as many (for the Stanford bunny, docs/shapes.md).
    """
    spacing = uniform_spacing(mesh, sampling)
    problem = occupancy_windows(mesh, spacing, settings.seed)
    family = None if settings.encoding == "auto" else str(settings.encoding)
    trainee = Trainee(plan.mlp, lambda steps: plan.with_steps(steps).training, settings.seed)
    budget = Budget(max(1, round(SHARE * plan.training.steps)), fixed=True)
    inner = divide(problem, seed=settings.seed)
    candidates = tune(problem, trainee, budget, settings.features, family=family, inner=inner, report=report)
    choice = choose(candidates)
    encoding = _in_units_of_the_cube(choice.encoding, SIDE * spacing)
    words = f"best of {len(candidates)} forecasts of its occupancy on a grid as dense as its uniform points"
    return Choice(encoding, f"{encoding_words(encoding)}: {words}", None, choice.candidates, inner)


def uniform_spacing(mesh: MeshSignal, sampling: ShapeSampling) -> float:
    """Return the mean distance of uniform points in a mesh's box, (volume/number)^{1/3}, in coordinate units."""
    low, high = np.array(mesh.box)
    points = sampling.count * (1 - sampling.near - sampling.around)
    return float((np.prod(high - low) / points) ** (1 / 3))


def occupancy_windows(mesh: MeshSignal, spacing: float, seed: int) -> GridProblem:
    """Return the occupancy on windows of 16³ samples around surface points, as channels of a grid of side 1."""
    rng = np.random.default_rng(seed)
    centres, _ = points_on_surface(mesh.placed[mesh.faces], WINDOWS, rng)
    half = SIDE * spacing / 2
    values = np.empty((SIDE,) * 3 + (WINDOWS,), dtype=np.float32)
    for channel, centre in enumerate(centres):
        grid = Grid(tuple(centre - half), tuple(centre + half), (SIDE,) * 3)
        points = grid.coordinates(np.arange(grid.size))
        values[..., channel] = inside(mesh, mesh.placement.to_columns(points)).reshape(grid.shape)
    side = SIDE * spacing * mesh.domain.scale
    signal = GridSignal(values, Domain((side,) * 3, ("",) * 3), "occupancy", SampleFormat("float32"), mesh.name)
    return grid_problem(signal)


def _in_units_of_the_cube(encoding: EncodingSpec, side: float) -> EncodingSpec:
    """Return an encoding of windows with its bandwidth in cycles per unit of the shape's coordinates."""
    if encoding.bandwidth is None:
        return encoding
    values = encoding.bandwidth if isinstance(encoding.bandwidth, tuple) else (encoding.bandwidth,)
    scaled = tuple(round(value / side, 3) for value in values)
    return replace(encoding, bandwidth=scaled if isinstance(encoding.bandwidth, tuple) else scaled[0])
