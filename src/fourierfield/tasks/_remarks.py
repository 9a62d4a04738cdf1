"""Say so where a fit came out worse than something far simpler."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..problems._grid import GridSamples
from ..problems._points import PointSamples
from ._scores import decibels

_BASELINES = {"cubic_psnr_db": "cubic interpolation", "mean_image_psnr_db": "the mean picture"}
_WORTH = 0.05  # dB: what is less apart is printed as the same


def behind(metrics: Mapping[str, Any], baselines: Mapping[str, float], training: Any = None) -> list[str]:
    """Return remarks on scores below those of a baseline, or of the mean of the ``training`` samples.

    >>> behind({"train_psnr_db": 20.0, "held_out_psnr_db": 18.2}, {"cubic_psnr_db": 21.0})
    ['the field is worse than cubic interpolation: 18.2 dB on held-out samples, where that has 21.0 dB']
    """
    found = []
    if isinstance(training, GridSamples | PointSamples):
        spread = training.values.double()
        mean = float((spread - spread.nanmean(0)).square().nanmean())
        found += _worse("the mean of the samples", metrics.get("train_psnr_db"), decibels(mean), "training samples")
    for key, name in _BASELINES.items():
        found += _worse(name, metrics.get("held_out_psnr_db"), baselines.get(key), "held-out samples")
    return found


def _worse(name: str, reached: float | None, theirs: float | None, on: str) -> list[str]:
    if reached is None or theirs is None or reached >= theirs - _WORTH:
        return []
    return [f"the field is worse than {name}: {reached:.1f} dB on {on}, where that has {theirs:.1f} dB"]
