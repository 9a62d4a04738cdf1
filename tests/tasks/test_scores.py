"""Which scores a kind of signal gets, and the SNR of sound by its definition."""

from __future__ import annotations

import numpy as np
import pytest

import fourierfield
from fourierfield.grids._splits import RandomHoldOut
from fourierfield.kinds.audio._sound import as_audio
from fourierfield.problems._grid import grid_problem

SMALL = {"steps": 40, "width": 16, "features": 8, "bandwidth": 3.0}


def sound(samples: int = 500) -> np.ndarray:
    values = np.random.default_rng(0).uniform(-0.3, 0.2, (samples, 2))
    values[7, 1] = np.nan
    return values


def test_snr_is_energy_over_energy_of_the_error() -> None:
    signal = as_audio(sound(), 500)
    field = fourierfield.fit(signal, hold_out="random:0.2", **SMALL)
    problem = grid_problem(signal, RandomHoldOut(0.2))
    assert problem.held_out is not None
    for name, samples in (("train", problem.training), ("held_out", problem.held_out)):
        truth = signal.values.reshape(-1, 2)[samples.flat.numpy()].astype(np.float64)
        error = truth - field(samples.coordinates().numpy())
        expected = 10 * np.log10(np.nansum(truth**2) / np.nansum(error**2))
        assert field.record["metrics"][f"{name}_snr_db"] == pytest.approx(expected, abs=1e-3)


def test_each_kind_has_its_own_scores(smooth_image: np.ndarray) -> None:
    of_sound = fourierfield.fit(as_audio(sound(), 500), **SMALL).record["metrics"]
    of_series = fourierfield.fit(sound()[:, 0], **SMALL).record["metrics"]
    of_image = fourierfield.fit(smooth_image, **SMALL).record["metrics"]
    assert of_sound["train_snr_db"] is not None
    assert of_sound["held_out_snr_db"] is None
    assert of_sound["ssim"] is None
    assert of_series.keys() == of_image.keys() == {"train_psnr_db", "held_out_psnr_db", "ssim"}
    assert of_series["ssim"] is None
    assert of_image["ssim"] is not None


def test_silence_has_no_snr() -> None:
    metrics = fourierfield.fit(as_audio(np.zeros(50), 100), hold_out="grid", **SMALL).record["metrics"]
    assert metrics["train_snr_db"] is metrics["held_out_snr_db"] is None
    assert metrics["train_psnr_db"] > 20
