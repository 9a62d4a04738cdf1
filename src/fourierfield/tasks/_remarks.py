"""Say so where a fit came out worse than something far simpler."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from ..errors import SettingsError
from ..grids._signal import GridSignal
from ..problems._grid import GridSamples
from ..problems._points import PointSamples
from ..regression._spec import KernelSpec
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


_REACH = 0.1  # of what a sample counts for in its own place: less, and a gap is filled with hardly more than the mean
_FAR = 1e3  # coordinate units: where a kernel has fallen to what it never falls below


def too_wide(signal: GridSignal, spec: KernelSpec) -> list[str]:
    """Return a line if the widest gap of a signal reaches farther than the kernel of its network does.

    The middle of the gap lies r from the nearest sample, which counts there for (k(r) − k(∞))/(k(0) − k(∞)), along the
    axis where this is most.
    """
    missing = ~signal.present
    if not missing.any():
        return []
    from scipy.ndimage import distance_transform_edt

    farthest = float(distance_transform_edt(missing, sampling=signal.grid.spacing).max())
    axes = torch.eye(signal.domain.dimensions, dtype=torch.float64)
    try:
        kernel = spec.kernel(signal.domain.dimensions, longest=_FAR)
    except SettingsError:  # a network without an encoding has no such kernel
        return []
    near, here, away = (kernel(axes * distance) for distance in (farthest, 0.0, _FAR))
    counts = float(((near - away) / (here - away)).max())
    if counts >= _REACH:
        return []
    scale, unit = signal.domain.scales[0], signal.domain.units[0]
    return [
        f"note: the widest gap reaches {farthest * scale:.3g} {unit} from the nearest sample, which counts for "
        f"{max(0.0, counts):.0%} there: its middle is filled with little more than the mean, whatever the scores; a "
        "lower --bandwidth reaches farther"
    ]
