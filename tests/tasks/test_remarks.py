"""A fit that came out worse than something simpler says so."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from fourierfield.encodings._spec import EncodingSpec
from fourierfield.grids._arrays import as_signal
from fourierfield.grids._signal import GridSignal
from fourierfield.kinds._fit import run_fit
from fourierfield.problems._points import PointSamples
from fourierfield.regression._spec import KernelSpec
from fourierfield.tasks._remarks import behind, too_wide
from fourierfield.tasks._settings import FitSettings
from fourierfield.tasks._task import FitEvents


def test_worse_than_the_mean_of_the_samples() -> None:
    """Values of 0.5 ± 0.1 have 20 dB by their mean; missing ones do not count."""
    samples = PointSamples(torch.rand(3, 2), torch.tensor([[0.4], [0.6], [torch.nan]]))
    assert behind({"train_psnr_db": 20.0}, {}, samples) == []
    (note,) = behind({"train_psnr_db": 19.0}, {}, samples)
    assert (
        note == "the field is worse than the mean of the samples: 19.0 dB on training samples, where that has 20.0 dB"
    )


def test_worse_than_the_mean_picture() -> None:
    baselines = {"mean_image_psnr_db": 14.3}
    assert behind({"held_out_psnr_db": 14.4}, baselines) == []
    assert "the mean picture: 9.0 dB" in behind({"held_out_psnr_db": 9.0}, baselines)[0]
    assert behind({"held_out_psnr_db": None}, baselines) == []


def sound(gap: int) -> GridSignal:
    values = np.sin(np.arange(400) / 3, dtype=np.float32)
    values[200 : 200 + gap] = np.nan
    return as_signal(values)


def test_gaps_that_a_kernel_does_not_bridge_are_named() -> None:
    narrow, wide = (KernelSpec(EncodingSpec("gaussian", bandwidth)) for bandwidth in (2.0, 60.0))
    assert too_wide(sound(0), wide) == []
    assert too_wide(sound(60), narrow) == []
    assert too_wide(sound(2), wide) == []
    (line,) = too_wide(sound(60), wide)
    assert "the widest gap reaches 30 sample from the nearest sample, which counts for 0% there" in line


@pytest.mark.parametrize("method", ["network", "kernel"])
def test_a_fit_says_so_before_it_begins(method: str) -> None:
    lines: list[str] = []
    sizes = {"steps": 2, "width": 8} if method == "network" else {}
    settings = FitSettings(method=method, bandwidth=60.0, **sizes)  # type: ignore[arg-type]
    run_fit(sound(60), settings, FitEvents(lines.append))
    assert any(line.startswith("note: the widest gap") for line in lines)
