"""The encoding of a shape, chosen by forecasts on windows of its occupancy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ...encodings import EncodingSpec
from ...problems import GridProblem, ShapeSampling, grid_problem
from ...signals import Domain, Grid, GridSignal, MeshSignal, SampleFormat
from ...signals.meshes import inside, points_on_surface
from ...tuning import Budget, Choice, Trainee, choose, divide, encoding_words, tune
from ..presets import FitPlan
from ..settings import FitSettings

__all__ = ["choose_shape_encoding", "occupancy_windows", "uniform_spacing"]

WINDOWS, SIDE = 8, 16
SHARE = 0.25  # of the steps: cross-entropy slows as logits grow, where the flow of squares goes on at its pace


def choose_shape_encoding(
    mesh: MeshSignal,
    sampling: ShapeSampling,
    settings: FitSettings,
    plan: FitPlan,
    report: Callable[[int], None] = lambda count: None,
) -> Choice:
    """The tuner's choice for a shape's network and steps.

    A shape has no Nyquist frequency, and forecasts are of grids. So eight windows of 16³ samples of its occupancy are
    forecast side by side, centred on its surface, whose samples lie as far apart as the uniform points that the
    network is going to be trained on: the sparser of its two sets of points, which bounds the frequencies that it
    can tell from noise.

    The forecast is that of a flow on squares. Trained by cross-entropy, networks come as far in four times its steps:
    after all steps it calls bandwidths from 2 to 8 equally good for the bunny, after a quarter of them it agrees with
    the best of those trained.
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
    """Mean distance of the points that are uniform in a mesh's box, in coordinate units: (volume / points)^{1/3}."""
    low, high = np.array(mesh.box)
    points = sampling.count * (1 - sampling.near - sampling.around)
    return float((np.prod(high - low) / points) ** (1 / 3))


def occupancy_windows(mesh: MeshSignal, spacing: float, seed: int) -> GridProblem:
    """Occupancy on windows of 16³ samples around random surface points, as the channels of one grid, whose coordinate
    unit is the side of a window."""
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
    """An encoding of windows with its bandwidth in cycles per unit of the shape's coordinates."""
    if encoding.bandwidth is None:
        return encoding
    values = encoding.bandwidth if isinstance(encoding.bandwidth, tuple) else (encoding.bandwidth,)
    scaled = tuple(round(value / side, 3) for value in values)
    return replace(encoding, bandwidth=scaled if isinstance(encoding.bandwidth, tuple) else scaled[0])
