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
    watch: Callable[[float], None] = lambda share: None,
) -> Parts:
    """Score a field of views on its training and held-out ``views`` and return its part of the record.

    ``watch`` is called before each view that is scored, with the share that is done, and may raise.
    """
    encoding, fit = field.network.encoding, plan.fit
    training = training_record(fit, _pixels(signal, views[0]), _pixels(signal, views[1]), fit.training.batch_size)
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
    signal: ViewsSignal, views: tuple[np.ndarray, np.ndarray], field: ViewsField, watch: Callable[[float], None]
) -> dict[str, Any]:
    training, held_out = views
    some = training[np.linspace(0, len(training) - 1, min(SCORED_TRAINING, len(training))).astype(int)]
    whole = len(some) + len(held_out)
    train_psnr, train_ssim, _ = _scores(signal, some, field, lambda done: watch(done / whole))
    held_out_psnr, held_out_ssim, each = _scores(
        signal, held_out, field, lambda done: watch((len(some) + done) / whole)
    )
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
    signal: ViewsSignal, views: np.ndarray, field: ViewsField, watch: Callable[[int], None]
) -> tuple[float | None, float | None, list[float]]:
    """Return the PSNR of all pixels that count, the mean SSIM of whole pictures, None without, and each view's PSNR."""
    cameras = field.scene.cameras
    errors, similarities, each = [], [], []
    for done, view in enumerate(views):
        watch(done)
        counts, truth = signal.counts(int(view)), signal.view(int(view))
        estimate = render_scene(field, replace(field.scene, cameras=cameras.chosen([view]))).colour
        similarities.append(structural_similarity(estimate, truth) if counts is None else None)
        if counts is not None:
            estimate, truth = estimate[counts], truth[counts]
        errors.append(float(((estimate - truth).astype(np.float64) ** 2).mean()))
        each.append(round(min(psnr(estimate, truth), MOST_DECIBELS), 3))
    if not errors:
        return None, None, []
    known = [value for value in similarities if value is not None]
    return decibels(_pooled(signal, views, errors)), float(np.mean(known)) if known else None, each


def _pixels(signal: ViewsSignal, views: np.ndarray) -> int:
    """Return how many pixels of ``views`` count."""
    return len(views) * signal.shape[1] * signal.shape[2] if signal.masks is None else int(signal.masks[views].sum())


def _pooled(signal: ViewsSignal, views: np.ndarray, errors: list[float]) -> float:
    """Return the mean error of all pixels that count, from those of each view."""
    if signal.masks is None:
        return float(np.mean(errors))
    return float(np.average(errors, weights=signal.masks[views].sum(axis=(1, 2))))


def _baselines(signal: ViewsSignal, views: tuple[np.ndarray, np.ndarray]) -> dict[str, float]:
    """Return the PSNR of the mean training picture on the held-out views: a prediction that uses no geometry."""
    training, held_out = views
    if not len(held_out):
        return {}
    mean, seen = np.zeros((*signal.shape[1:], 3)), len(training)
    if signal.masks is not None:
        seen = np.maximum(signal.masks[training].sum(axis=0), 1)[..., None]
    for view in training:
        shown = (
            signal.view(int(view)) if signal.masks is None else signal.view(int(view)) * signal.masks[view, ..., None]
        )
        mean += shown / seen
    errors = []
    for view in held_out:
        squares, counts = (signal.view(int(view)) - mean) ** 2, signal.counts(int(view))
        errors.append(float((squares if counts is None else squares[counts]).mean()))
    return {"mean_image_psnr_db": decibels(_pooled(signal, held_out, errors))}
