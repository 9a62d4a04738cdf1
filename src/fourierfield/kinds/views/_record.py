"""Scores of fields of posed pictures, and the part of the record that only they have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ...grids._metrics import psnr, structural_similarity
from ...tasks._record import encoding_record, network_record, training_record
from ...tasks._scores import decibels
from ...tasks._task import Parts
from ...training._scoring import MOST_DECIBELS
from ._draw import render_scene
from ._field import ViewsField
from ._plan import ViewPlan
from ._signal import ViewsSignal

SCORED_TRAINING = (
    16  # training views, evenly chosen, that are rendered for the training PSNR: bounds the time of scoring
)
CHANNELS = ["red", "green", "blue", "density"]


def view_parts(
    signal: ViewsSignal,
    views: tuple[np.ndarray, np.ndarray],
    field: ViewsField,
    plan: ViewPlan,
    watch: Callable[[], None] = lambda: None,
) -> Parts:
    """Score a field of views on its training and held-out ``views`` and return its part of the record.

    ``watch`` is called before each view that is scored, and may raise.
    """
    encoding, fit = field.network.encoding, plan.fit
    pixels = signal.shape[1] * signal.shape[2]
    training = training_record(fit, len(views[0]) * pixels, len(views[1]) * pixels, fit.training.batch_size)
    distance = 1 / signal.scene.pixels_per_unit
    return {
        "columns": {"inputs": list(field.scene.placement.names), "outputs": CHANNELS},
        "encoding": encoding_record(
            signal.scene.domain, distance, encoding.family, encoding.bandwidth, encoding.features
        ),
        "network": network_record(fit),
        "metrics": _metrics(signal, views, field, watch),
        "baselines": _baselines(signal, views),
        "steps": fit.training.steps,
        "training": {**training, "views": len(views[0]), "held_out_views": len(views[1])},
    }


def _metrics(
    signal: ViewsSignal, views: tuple[np.ndarray, np.ndarray], field: ViewsField, watch: Callable[[], None]
) -> dict[str, Any]:
    training, held_out = views
    some = training[np.linspace(0, len(training) - 1, min(SCORED_TRAINING, len(training))).astype(int)]
    train_psnr, train_ssim, _ = _scores(signal, some, field, watch)
    held_out_psnr, held_out_ssim, each = _scores(signal, held_out, field, watch)
    return {
        "train_psnr_db": train_psnr,
        "held_out_psnr_db": held_out_psnr,
        "train_ssim": train_ssim,
        "held_out_ssim": held_out_ssim,
        "ssim": train_ssim if held_out_ssim is None else held_out_ssim,
        "held_out_mean_psnr_db": float(np.mean(each)) if each else None,
        "held_out_psnr_db_by_view": each or None,
    }


def _scores(
    signal: ViewsSignal, views: np.ndarray, field: ViewsField, watch: Callable[[], None]
) -> tuple[float | None, float | None, list[float]]:
    """Return the PSNR of all pixels, the mean SSIM (None where undefined), and the PSNR of each view."""
    cameras = field.scene.cameras
    errors, similarities, each = [], [], []
    for view in views:
        watch()
        truth = signal.view(int(view))
        estimate = render_scene(field, replace(field.scene, cameras=cameras.chosen([view]))).colour
        errors.append(float(((estimate - truth).astype(np.float64) ** 2).mean()))
        similarities.append(structural_similarity(estimate, truth))
        each.append(round(min(psnr(estimate, truth), MOST_DECIBELS), 3))
    if not errors:
        return None, None, []
    known = [value for value in similarities if value is not None]
    return decibels(float(np.mean(errors))), float(np.mean(known)) if known else None, each


def _baselines(signal: ViewsSignal, views: tuple[np.ndarray, np.ndarray]) -> dict[str, float]:
    """Return the PSNR of the mean training picture on the held-out views: a prediction that uses no geometry."""
    training, held_out = views
    if not len(held_out):
        return {}
    mean = np.zeros((*signal.shape[1:], 3))
    for view in training:
        mean += signal.view(int(view)) / len(training)
    errors = [float(((signal.view(int(view)) - mean) ** 2).mean()) for view in held_out]
    return {"mean_image_psnr_db": decibels(float(np.mean(errors)))}
