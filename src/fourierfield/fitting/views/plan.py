"""From settings to objects for posed pictures: the encoding, the network, the training plan, the rays.

``default`` is ours: only what the silhouettes leave is looked at, samples a little denser than pixels, opacities
matched beside colours, and Adam with warm-up and a cosine decay. ``paper`` is the simplified NeRF of Tancik et al.
2020: 1,024 rays of 128 samples from near to far, ReLU density, Adam at 5e-4 (no mapping 1e-2, basic 5e-3), 50,000
steps, the scene's own background, nothing skipped; its bandwidths are in radians per world unit, σ_g = 26 and σ_p = 8.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from ...encodings import EncodingSpec
from ...errors import SettingsError
from ...networks import MLPSpec
from ...rendering import Sampling, visible_cells
from ...signals.views import ViewsSignal, spectral_scale
from ...training import ConstantRate, RayPlan, TrainingPlan, WarmupCosine, choose_device, choose_precision
from ...tuning import Choice
from ..bandwidth import bandwidth_in_cycles_per_unit
from ..presets import DEFAULT_RATE, ORTHOGONAL, FitPlan, weight_decay
from ..settings import FitSettings

__all__ = ["ViewPlan", "plan_views", "possible_cells", "ruled_bandwidth"]

SHARE = 1.0  # of the pictures' spectral scale that the bandwidth of a default fit is
_HIGHEST = 4.0  # times that, the highest frequency of families that have one
_STEP = 0.6  # pixels, at the middle of the box, between two samples of a ray
_OPACITY = 0.1  # weight of opacities beside colours
_FEATURES = 255  # a multiple of three, for families with as many frequencies per axis
_MOST_CELLS, _MOST_UNSEEN_CELLS = 128, 64  # along an axis of the occupancy grid, with opacities and without
_UNSEEN_SAMPLES = 1 << 15  # of a step, while all of the box may hold something
_STEPS, _BATCH, _RATE = 2000, 1024, 5e-3
PAPER_STEPS, PAPER_RAYS, PAPER_SAMPLES = 50_000, 1024, 128
PAPER_RATES = {"none": 1e-2, "basic": 5e-3}
PAPER_RADIANS = {"gaussian": 26.0, "positional": 2.0**8 - 1}  # per world unit


@dataclass(frozen=True)
class ViewPlan:
    """All that a fit of views is going to use."""

    fit: FitPlan
    rays: RayPlan
    step: float
    cells: int

    def with_steps(self, steps: int) -> ViewPlan:
        """The same plan for another number of steps."""
        return replace(self, fit=self.fit.with_steps(steps))


def plan_views(signal: ViewsSignal, training: np.ndarray, settings: FitSettings) -> ViewPlan:
    """Choose the encoding, from the training views alone, and lay out network, training and rays."""
    choice = _choose_encoding(signal, training, settings)
    features = choice.encoding.count_features(3)
    paper = settings.preset == "paper"
    mlp = MLPSpec(
        in_features=2 * features if features else 3,
        out_features=4,
        depth=settings.depth or 4,
        width=settings.width or 256,
        output="radiance-relu" if paper else "radiance",
        initialisation="glorot" if paper else "he",
    )
    device = choose_device(settings.device)
    plan = _paper_training(settings, choice.encoding.family) if paper else _default_training(signal, settings)
    plan = replace(plan, device=device, precision=choose_precision(settings.precision, device), seed=settings.seed)
    rays, step, cells = _paper_rays(signal) if paper else _default_rays(signal)
    rays = replace(rays, coarse_to_fine=settings.coarse_to_fine or 0.0)
    return ViewPlan(FitPlan(choice, mlp, plan), rays, step, cells)


def possible_cells(signal: ViewsSignal, training: np.ndarray, plan: ViewPlan) -> Tensor:
    """Cells that may hold anything: those that the training silhouettes leave, or with the paper's preset all."""
    if plan.rays.first_update is None:
        return torch.ones(plan.cells, plan.cells, plan.cells, dtype=torch.bool)
    cells = visible_cells(signal, training, plan.cells)
    if not bool(cells.any()):
        raise SettingsError(
            f"{signal.name}: no part of the box is opaque in every picture that shows it, so nothing is left to fit; "
            "check the pictures' opacities, and that the poses are camera-to-world in OpenGL's axes"
        )
    return cells


def ruled_bandwidth(signal: ViewsSignal, views: np.ndarray) -> float:
    """Cycles per coordinate unit of the finest detail worth an encoding: the pictures' spectral scale, in cycles per
    pixel, times the pixels that a unit spans at the middle of the box.

    A rule, not a forecast: a picture is no linear measurement of the density, so the theory of the other kinds of
    signal does not apply. It is right where the cameras look at an object from about one distance. It comes out too
    high where most of the pictures' detail is noise, or an outline before an even background, which tells of depth and
    not of texture; and too low where the distances differ much, for what is seen from nearby.
    """
    return float(max(0.5, SHARE * spectral_scale(signal, views) * signal.scene.pixels_per_unit))


def _choose_encoding(signal: ViewsSignal, training: np.ndarray, settings: FitSettings) -> Choice:
    if isinstance(settings.encoding, EncodingSpec):
        return Choice(settings.encoding, "as asked")
    family = "gaussian" if settings.encoding == "auto" else settings.encoding
    if family in ("none", "basic"):
        bandwidth = None if settings.bandwidth is None else _bandwidth(signal, settings.bandwidth)
        return Choice(EncodingSpec(family, bandwidth, settings.features), "as asked")
    features = None if family == "nerf" else settings.features or _FEATURES
    if family == "nerf" and settings.features:
        features = settings.features
    if settings.bandwidth is not None:
        return Choice(EncodingSpec(family, _bandwidth(signal, settings.bandwidth), features), "the bandwidth as asked")
    if settings.preset == "paper" and family in PAPER_RADIANS:
        cycles = PAPER_RADIANS[family] / (2 * math.pi) * signal.scene.side
        return Choice(EncodingSpec(family, cycles, features), "the paper's scale for NeRF")
    ruled = ruled_bandwidth(signal, training)
    highest = 1.0 if family in ("gaussian", "laplace") else _HIGHEST
    spread = "" if highest == 1 else f"{highest:g} times "
    reason = f"rule of thumb: {spread}the pictures' spectral scale, {ruled / signal.scene.pixels_per_unit:.2g} per px"
    return Choice(EncodingSpec(family, highest * ruled, features), reason)


def _bandwidth(signal: ViewsSignal, text: float | str) -> float:
    """As everywhere, and per pixel at the middle of the box."""
    match = re.fullmatch(r"\s*([0-9.eE+-]+)\s*/\s*px\s*", str(text))
    if match is None:
        return bandwidth_in_cycles_per_unit(text, signal.scene.domain)
    return bandwidth_in_cycles_per_unit(match[1], signal.scene.domain) * signal.scene.pixels_per_unit


def _default_training(signal: ViewsSignal, settings: FitSettings) -> TrainingPlan:
    """Adam alone learns faster, but only where silhouettes bound the scene from the start: without them the first steps
    may drive all density to zero, and weight decay is what brings it back."""
    steps = settings.steps or _STEPS
    rate = settings.learning_rate or (_RATE if signal.silhouetted else DEFAULT_RATE)
    bounded = signal.silhouetted
    return TrainingPlan(
        steps=steps,
        schedule=WarmupCosine(rate),
        batch_size=settings.batch_size or _BATCH,
        weight_decay=0.0 if bounded else weight_decay(steps, rate),
        orthogonal=0.0 if bounded else ORTHOGONAL,
    )


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
    if signal.silhouetted:  # which leave much that is empty: the grid is to find that soon
        plan = RayPlan(Sampling(step), _OPACITY, first_update=48, update_every=8, looked_at=1 << 16, decay=0.8)
        return plan, step, min(cells, _MOST_CELLS)
    cells = min(cells, _MOST_UNSEEN_CELLS)
    rays = RayPlan(Sampling(step), 0.0, _UNSEEN_SAMPLES, first_update=16, update_every=8, looked_at=1 << 17, decay=0.7)
    return rays, step, cells


def _paper_rays(signal: ViewsSignal) -> tuple[RayPlan, float, int]:
    """All samples of all rays, as many as the paper's; the grid is one cell, always occupied."""
    scene = signal.scene
    step = (scene.far - scene.near) / scene.side / PAPER_SAMPLES
    sampling = Sampling(step, PAPER_SAMPLES)
    return RayPlan(sampling, most_samples=1 << 40, first_update=None), step, 1
