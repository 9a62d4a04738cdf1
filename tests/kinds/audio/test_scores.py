"""The signal-to-noise ratio of sound, from the PSNR of the same samples."""

from __future__ import annotations

import numpy as np
import pytest

from fourierfield.grids._splits import NoHoldOut, RandomHoldOut
from fourierfield.kinds.audio._kind import AudioKind
from fourierfield.kinds.audio._sound import as_audio
from fourierfield.networks._field import NetworkField
from fourierfield.problems._grid import grid_problem


def test_it_is_energy_over_energy_of_the_error(small_field: NetworkField) -> None:
    values = np.random.default_rng(0).uniform(-0.3, 0.2, (500, 2))
    signal = as_audio(values, 500)
    problem = grid_problem(signal, RandomHoldOut(0.2))
    assert problem.held_out is not None
    mse = 1e-3  # of values in [0, 1] of the range
    psnr = -10 * np.log10(mse)
    found = AudioKind().kind_scores(signal)(
        small_field, problem, {"train_psnr_db": psnr, "held_out_psnr_db": psnr}, 1 << 24
    )
    for name, samples in (("train", problem.training), ("held_out", problem.held_out)):
        power = np.mean(signal.values.reshape(-1, 2)[samples.flat.numpy()].astype(np.float64) ** 2)
        expected = 10 * np.log10(power / (mse * problem.value_range.common[1] ** 2))
        assert found[f"{name}_snr_db"] == pytest.approx(expected, abs=1e-4)
    assert found["ssim"] is None


def test_only_the_training_samples_that_were_scored_count(small_field: NetworkField) -> None:
    values = np.linspace(0.01, 0.5, 400)
    signal = as_audio(values, 100)
    problem = grid_problem(signal, NoHoldOut())
    scores = {"train_psnr_db": 30.0, "held_out_psnr_db": None}
    some, all_of_them = (AudioKind().kind_scores(signal)(small_field, problem, scores, most) for most in (3, 400))
    assert some["train_snr_db"] != all_of_them["train_snr_db"]
    assert some["held_out_snr_db"] is all_of_them["held_out_snr_db"] is None


def test_silence_has_none_and_sound_takes_these_scores(small_field: NetworkField) -> None:
    signal = as_audio(np.zeros(50), 100)
    scores = AudioKind().kind_scores(signal)
    found = scores(small_field, grid_problem(signal, NoHoldOut()), {"train_psnr_db": 30.0, "held_out_psnr_db": None}, 9)
    assert found == {"train_snr_db": None, "held_out_snr_db": None, "ssim": None}
