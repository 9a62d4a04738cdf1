"""A fit that came out worse than something simpler says so."""

from __future__ import annotations

import torch

from fourierfield.problems._points import PointSamples
from fourierfield.tasks._remarks import behind


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
