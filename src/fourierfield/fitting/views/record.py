"""What a field of views remembers of its fit, and what is said of its signal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ...networks import ViewsField
from ...rendering import render_scene
from ...signals import psnr, structural_similarity
from ...signals.views import ViewsSignal
from ...training.scoring import MOST_DECIBELS
from ..record import scaled_bandwidth
from ..scores import decibels
from .plan import ViewPlan

__all__ = ["SCORED_TRAINING", "view_record"]

SCORED_TRAINING = 16  # training views that are rendered for the training PSNR, evenly chosen
CHANNELS = ["red", "green", "blue", "density"]


def view_record(
    signal: ViewsSignal,
    views: tuple[np.ndarray, np.ndarray],
    field: ViewsField,
    plan: ViewPlan,
    identity: dict[str, Any],
    curve: list[dict[str, float | None]],
    watch: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """All that does not depend on the machine's speed: ``field.record``. ``watch`` is called before each view that is
    scored, and may raise."""
    encoding, training = field.network.encoding, plan.fit.training
    pixels = signal.shape[1] * signal.shape[2]
    return {
        "columns": {"inputs": list(field.scene.placement.names), "outputs": CHANNELS},
        "method": "network",
        "encoding": {
            "family": encoding.family,
            "bandwidth": scaled_bandwidth(encoding.bandwidth, 1.0),
            "bandwidth_per_sample": scaled_bandwidth(encoding.bandwidth, 1 / signal.scene.pixels_per_unit),
            "features": encoding.features,
        },
        "network": {
            "depth": plan.fit.mlp.depth,
            "width": plan.fit.mlp.width,
            "parameters": field.network.mlp.spec.parameters,
        },
        "metrics": _metrics(signal, views, field, watch),
        "baselines": _baselines(signal, views),
        "forecast": None,
        "curve": curve,
        "steps": training.steps,
        "training": {
            "samples": len(views[0]) * pixels,
            "held_out_samples": len(views[1]) * pixels,
            "views": len(views[0]),
            "held_out_views": len(views[1]),
            "batch_size": training.batch_size,
            "learning_rate": training.schedule.peak,
            "precision": identity["precision"],
            "device": identity["device"],
            "chosen_by": plan.fit.choice.reason,
        },
        "settings": identity,
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
    """PSNR of all pixels, mean SSIM (None where undefined), and PSNR of each view."""
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
    """What the mean of the training pictures scores on the held-out ones: all that is known without geometry."""
    training, held_out = views
    if not len(held_out):
        return {}
    mean = np.zeros((*signal.shape[1:], 3))
    for view in training:
        mean += signal.view(int(view)) / len(training)
    errors = [float(((signal.view(int(view)) - mean) ** 2).mean()) for view in held_out]
    return {"mean_image_psnr_db": decibels(float(np.mean(errors)))}
