"""Plans of fits of posed pictures: from the settings to the encoding, the network, the training and the rays.

With the preset ``default`` rays skip what the silhouettes exclude, samples lie a little denser than pixels, opacities
are matched beside colours, and Adam has warm-up and a cosine decay. ``paper`` is the simplified NeRF of
Tancik et al. (2020): 1,024 rays of 128 samples from near to far, ReLU density, Adam at 5e-4 (identity 1e-2, basic
5e-3), 50,000 steps, the scene's own background, nothing skipped; its bandwidths are in radians per world unit, σ_g = 26
and σ_p = 8.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from ...encodings._registry import FAMILIES
from ...encodings._spec import EncodingSpec
from ...errors import SettingsError
from ...tasks._plan import EncodingRules, FitPlan, lay_out, usual_training
from ...tasks._settings import FitSettings, bandwidth_in_cycles_per_unit
from ...training._plan import TrainingPlan
from ...training._schedules import ConstantRate, WarmupCosine
from ...tuning._choice import Choice
from ._carving import visible_cells
from ._objective import RayPlan
from ._rendering import Sampling
from ._signal import ViewsSignal, spectral_scale

SHARE = 1.0  # bandwidth of a default fit relative to the pictures' spectral scale; docs/views.md compares bandwidths
_HIGHEST = 4.0  # highest frequency, relative to that bandwidth, of families whose scale is a highest frequency
_STEP = 0.6  # pixels at the middle of the box, between two samples of a ray: a little denser than the pixels
_OPACITY = 0.1  # weight of the square error of opacities, relative to that of colours
_FEATURES = 255  # frequencies: a multiple of three, for families with equally many per axis
# The largest number of cells along an axis of the occupancy grid, with silhouettes and without: bounds memory and the
# time of updates.
_MOST_CELLS, _MOST_UNSEEN_CELLS = 128, 64
_UNSEEN_SAMPLES = 1 << 15  # samples of rays in a step without silhouettes: bounds the time while no cell is known empty
_STEPS, _BATCH, _RATE = 2000, 1024, 5e-3  # steps, rays of a step and peak learning rate of the runs in docs/views.md
# The settings of Tancik et al. (2020): optimiser steps, rays of a step, samples of a ray; learning rates of Adam (5e-4
# for other encodings); bandwidths σ_g = 26 and σ_p = 8 in radians per world unit.
PAPER_STEPS, PAPER_RAYS, PAPER_SAMPLES = 50_000, 1024, 128
PAPER_RATES = {"none": 1e-2, "basic": 5e-3}
PAPER_RADIANS = {"gaussian": 26.0, "positional": 2.0**8 - 1}


@dataclass(frozen=True)
class ViewPlan:
    """The plan of a fit of views.

    ``step`` is the distance between samples along rays in coordinate units, and ``cells`` the number of cells along an
    axis of the occupancy grid.
    """

    fit: FitPlan
    rays: RayPlan
    step: float
    cells: int

    def with_steps(self, steps: int) -> ViewPlan:
        """Return the plan for another number of steps."""
        return replace(self, fit=self.fit.with_steps(steps))


def plan_views(signal: ViewsSignal, training: np.ndarray, settings: FitSettings) -> ViewPlan:
    """Choose the encoding, from the training views alone, and lay out network, training and rays."""
    paper = settings.preset == "paper"
    choice = _rules(signal).asked(settings) or _by_rule(signal, training, settings)
    plan = _paper_training(settings, choice.encoding.family) if paper else _default_training(signal, settings)
    fit = lay_out(choice, settings, plan, dimensions=3, channels=4, output="radiance-relu" if paper else "radiance")
    rays, step, cells = _paper_rays(signal) if paper else _default_rays(signal)
    rays = replace(rays, coarse_to_fine=settings.coarse_to_fine or 0.0)
    return ViewPlan(fit, rays, step, cells)


def possible_cells(signal: ViewsSignal, training: np.ndarray, plan: ViewPlan) -> Tensor:
    """Return which cells may hold anything, (n, n, n) bool: those that the training silhouettes do not exclude.

    With the paper's preset all cells may. Raises ``SettingsError`` if no cell is left.
    """
    if plan.rays.first_update is None:
        return torch.ones(plan.cells, plan.cells, plan.cells, dtype=torch.bool)
    cells = visible_cells(signal, training, plan.cells)
    if not bool(cells.any()):
        raise SettingsError(
            f"{signal.name}: no part of the box is opaque in every picture that shows it, so nothing is left to fit; "
            "check the opacities of the pictures, and that the poses are camera-to-world in OpenGL's axes"
        )
    return cells


def ruled_bandwidth(signal: ViewsSignal, views: np.ndarray) -> float:
    """Return the bandwidth of a fit by rule, in cycles per coordinate unit.

    It is the spectral scale of the pictures ``views``, in cycles per pixel, times the pixels that a unit spans at the
    middle of the box, and at least 0.5.

    This is a rule and not a forecast: a picture is not a linear measurement of the density, so the theory of the other
    kinds of signal does not apply. The rule is right if the cameras look at an object from about one distance. It is
    too high if most detail of the pictures is noise, or an outline in front of an even background, which shows depth
    and not texture. It is too low for what is seen from nearby, if the distances differ much.
    """
    return float(max(0.5, SHARE * spectral_scale(signal, views) * signal.scene.pixels_per_unit))


def _rules(signal: ViewsSignal) -> EncodingRules:
    paper = {family: radians / (2 * math.pi) * signal.scene.side for family, radians in PAPER_RADIANS.items()}
    return EncodingRules(lambda text: _bandwidth(signal, text), paper, "the paper's scale for NeRF", features=_FEATURES)


def _by_rule(signal: ViewsSignal, training: np.ndarray, settings: FitSettings) -> Choice:
    family = "gaussian" if settings.encoding == "auto" else str(settings.encoding)
    features = settings.features or (None if FAMILIES[family].sets_features else _FEATURES)
    ruled = ruled_bandwidth(signal, training)
    highest = 1.0 if FAMILIES[family].scale == "deviation" else _HIGHEST
    spread = "" if highest == 1 else f"{highest:g} times "
    reason = f"rule of thumb: {spread}the pictures' spectral scale, {ruled / signal.scene.pixels_per_unit:.2g} per px"
    return Choice(EncodingSpec(family, highest * ruled, features), reason)


def _bandwidth(signal: ViewsSignal, text: float | str) -> float:
    """Convert a bandwidth to cycles per unit, as for other kinds, or from cycles per pixel at the middle of the box."""
    match = re.fullmatch(r"\s*([0-9.eE+-]+)\s*/\s*px\s*", str(text))
    if match is None:
        return bandwidth_in_cycles_per_unit(text, signal.scene.domain)
    return bandwidth_in_cycles_per_unit(match[1], signal.scene.domain) * signal.scene.pixels_per_unit


def _default_training(signal: ViewsSignal, settings: FitSettings) -> TrainingPlan:
    """Return the training of the default preset.

    Adam alone learns faster, but only if silhouettes bound the scene from the start. Without them the first steps may
    drive all density to zero, from which weight decay brings it back.
    """
    batch = settings.batch_size or _BATCH
    plan = usual_training(settings, settings.steps or _STEPS)
    if not signal.silhouetted:
        return replace(plan, batch_size=batch)
    schedule = WarmupCosine(settings.learning_rate or _RATE)
    return replace(plan, batch_size=batch, schedule=schedule, weight_decay=0.0, orthogonal=0.0)


def _paper_training(settings: FitSettings, family: str) -> TrainingPlan:
    rate = settings.learning_rate or PAPER_RATES.get(family, 5e-4)
    return TrainingPlan(
        steps=settings.steps or PAPER_STEPS,
        schedule=ConstantRate(rate),
        batch_size=settings.batch_size or PAPER_RAYS,
    )


def _default_rays(signal: ViewsSignal) -> tuple[RayPlan, float, int]:
    step = _STEP / signal.scene.pixels_per_unit
    step = min(max(step, 1 / 1024), 1 / 32)
    cells = int(2 ** math.ceil(math.log2(max(16.0, signal.scene.pixels_per_unit))))
    if signal.has_alpha:
        return RayPlan(Sampling(step), _OPACITY), step, min(cells, _MOST_CELLS)
    if signal.silhouetted:  # they leave many empty cells, which the grid should find soon
        plan = RayPlan(Sampling(step), _OPACITY, first_update=48, update_every=8, looked_at=1 << 16, decay=0.8)
        return plan, step, min(cells, _MOST_CELLS)
    cells = min(cells, _MOST_UNSEEN_CELLS)
    rays = RayPlan(Sampling(step), 0.0, _UNSEEN_SAMPLES, first_update=16, update_every=8, looked_at=1 << 17, decay=0.7)
    return rays, step, cells


def _paper_rays(signal: ViewsSignal) -> tuple[RayPlan, float, int]:
    """Return rays with the paper's number of samples, none of them skipped: the grid is one cell, always occupied."""
    scene = signal.scene
    step = (scene.far - scene.near) / scene.side / PAPER_SAMPLES
    sampling = Sampling(step, PAPER_SAMPLES)
    return RayPlan(sampling, most_samples=1 << 40, first_update=None), step, 1
