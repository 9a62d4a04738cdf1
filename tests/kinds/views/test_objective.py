"""Pixels that masks hide: neither trained on, nor scored, nor looked at for the rest of a plan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from fourierfield.errors import SettingsError
from fourierfield.kinds.views._objective import ViewPixels
from fourierfield.kinds.views._record import _baselines
from fourierfield.kinds.views._signal import ViewsSignal, spectral_scale
from fourierfield.kinds.views._task import ViewsTask
from fourierfield.tasks._settings import FitSettings
from fourierfield.tasks._task import Budget, FitEvents
from fourierfield.training._loop import TrainingRun

from .conftest import HEIGHT, VIEWS, WIDTH, pictures


@pytest.fixture
def pair(tmp_path, scene) -> tuple[ViewsSignal, ViewsSignal, np.ndarray]:  # type: ignore[no-untyped-def]
    """Two signals that differ only where masks hide them, and the masks."""
    signal = scene()
    masks = np.ones((VIEWS, HEIGHT, WIDTH), dtype=bool)
    masks[:, 2:9, 3:12] = False
    other = np.where(masks[..., None], pictures(), 255 - pictures())
    return replace(signal, masks=masks), replace(signal, images=other, masks=masks), masks


def test_hidden_pixels_are_never_among_the_rays(pair: tuple[ViewsSignal, ViewsSignal, np.ndarray]) -> None:
    signal, _, masks = pair
    pixels = ViewPixels(signal, np.array([1, 3]), balanced=True)
    assert len(pixels) == masks[[1, 3]].sum()
    _, truth = pixels.rays(np.arange(len(pixels)))
    assert np.allclose(truth[:, :3], pictures()[[1, 3]][masks[[1, 3]]] / 255, atol=1e-6)


def test_nothing_depends_on_hidden_pixels(pair: tuple[ViewsSignal, ViewsSignal, np.ndarray]) -> None:
    views = np.arange(VIEWS - 2), np.arange(VIEWS - 2, VIEWS)
    found = [(spectral_scale(signal, views[0]), _baselines(signal, views), signal.silhouetted) for signal in pair[:2]]
    assert found[0] == found[1]


def test_hidden_pixels_may_show_something(pair: tuple[ViewsSignal, ViewsSignal, np.ndarray]) -> None:
    signal, _, masks = pair
    clear = replace(signal, images=np.zeros((VIEWS, HEIGHT, WIDTH, 4), dtype=np.uint8))
    found = clear.silhouette(3)
    assert found is not None
    assert np.array_equal(found, ~masks[3])
    black = replace(signal, images=np.where(masks[..., None], 0, pictures()))
    assert black.silhouetted
    assert not signal.silhouetted


def test_masks_that_leave_nothing_are_refused(pair: tuple[ViewsSignal, ViewsSignal, np.ndarray]) -> None:
    signal = pair[0]
    nothing = torch.zeros(4, 4, 4, dtype=torch.bool)
    with pytest.raises(SettingsError, match="masks hide every pixel that shows anything"):
        ViewPixels(signal, np.arange(2), nothing)


def test_the_mean_picture_is_that_of_pixels_that_count(pair: tuple[ViewsSignal, ViewsSignal, np.ndarray]) -> None:
    signal, _, masks = pair
    values = np.ma.array(pictures() / 255.0, mask=~np.broadcast_to(masks[..., None], (*masks.shape, 3)))
    error = ((values[4:] - values[:4].mean(axis=0)) ** 2).mean()
    found = _baselines(signal, (np.arange(4), np.arange(4, VIEWS)))["mean_image_psnr_db"]
    assert found == pytest.approx(-10 * np.log10(error), abs=1e-4)


def test_fits_and_scores_do_not_depend_on_hidden_pixels(pair: tuple[ViewsSignal, ViewsSignal, np.ndarray]) -> None:
    settings = FitSettings(steps=3, width=8, features=4, bandwidth=1.0, batch_size=64, hold_out="random:0.4")
    records = []
    for signal in pair[:2]:
        task = ViewsTask.of(signal, settings).within(Budget(None, 0.0), None)
        fitted = task.run(TrainingRun(), FitEvents())
        records.append((task.parts(fitted, lambda share: None)["metrics"], str(fitted.curve)))
    assert records[0] == records[1]
