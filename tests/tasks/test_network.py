"""Fits from Python: what comes back, what is saved, what is taken up again."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import fourierfield
from fourierfield.encodings._spec import EncodingSpec
from fourierfield.errors import FourierFieldError, Interrupted, SettingsError
from fourierfield.grids._splits import RandomHoldOut
from fourierfield.kinds._fit import run_fit
from fourierfield.kinds.audio._sound import as_audio
from fourierfield.tasks._plan import weight_decay
from fourierfield.tasks._resume import checkpoint_path
from fourierfield.tasks._settings import FitSettings
from fourierfield.tasks._task import FitEvents
from fourierfield.training._loop import Progress

SMALL = {"steps": 60, "width": 24, "features": 16}


def test_fit_and_load_give_the_same_field(tmp_path: Path, photo_file: Path) -> None:
    field = fourierfield.fit(photo_file, hold_out="grid", out=tmp_path / "f.safetensors", **SMALL)
    loaded = fourierfield.load(tmp_path / "f.safetensors")
    points = np.random.default_rng(0).random((5, 2))
    np.testing.assert_array_equal(loaded(points), field(points))
    assert field.record["metrics"]["held_out_psnr_db"] > 10
    assert field.record["baselines"]["cubic_psnr_db"] > 30
    assert not checkpoint_path(tmp_path / "f.safetensors").exists()


def test_arrays_and_encodings_as_objects(smooth_image: np.ndarray) -> None:
    field = fourierfield.fit(
        smooth_image, encoding=EncodingSpec("uniform", 3.0, 8), hold_out=RandomHoldOut(0.2), steps=20, width=8
    )
    assert field.record["encoding"]["family"] == "uniform"
    assert field.record["encoding"]["bandwidth_per_sample"] == pytest.approx(3 / 32)


def test_a_longer_fit_comes_near_the_truth(smooth_image: np.ndarray) -> None:
    field = fourierfield.fit(smooth_image, steps=400, hold_out="grid", bandwidth=2.0, width=128)
    assert field.record["metrics"]["held_out_psnr_db"] > 29.5
    assert field.record["metrics"]["ssim"] > 0.95


def test_flat_areas_have_no_grain_between_the_samples() -> None:
    """A flat half beside noise that falls like a photograph's is drawn at four times its size."""
    side, draws = 64, np.random.default_rng(0).standard_normal((64, 64))
    radius = np.hypot(*np.meshgrid(np.fft.fftfreq(side) * side, np.fft.rfftfreq(side) * side, indexing="ij"))
    noise = np.fft.irfft2(np.fft.rfft2(draws) / (1 + radius) ** 1.5, s=(side, side))
    image = np.where(np.arange(side) < side // 2, 0.5, (noise - noise.min()) / np.ptp(noise)).astype(np.float32)

    def grain(**choices: float) -> float:
        field = fourierfield.fit(image, steps=300, **choices)
        large = field.sample(field.domain.grid((4 * side, 4 * side)))[..., 0]
        return float(255 * large[16:-16, 16:96].std())

    assert grain() < 0.5
    assert grain(bandwidth=6.4) > 0.5  # twice the bandwidth that is chosen: where grain comes from


def test_values_come_back_in_the_signals_own_units() -> None:
    y, x = np.mgrid[0:24, 0:24] / 24
    heights = 1500 + 300 * np.sin(5 * x) * np.cos(4 * y)
    field = fourierfield.fit(heights, steps=300, bandwidth=1.0, width=96)
    drawn = field.sample(field.domain.grid((24, 24)))[..., 0]
    assert np.abs(drawn - heights).max() < 60


def test_same_seed_same_bytes_and_no_trace_of_place_or_time(tmp_path: Path, photo_file: Path) -> None:
    files = []
    for name in ("a", "b"):
        folder = tmp_path / name
        folder.mkdir()
        fourierfield.fit(photo_file, out=folder / "f.safetensors", seed=3, bandwidth=2.0, **SMALL)
        files.append((folder / "f.safetensors").read_bytes())
    assert files[0] == files[1]
    assert str(tmp_path).encode() not in files[0]


def test_the_outcome_is_json_with_what_scripts_rely_on(tmp_path: Path, photo_file: Path) -> None:
    settings = FitSettings(hold_out="grid", out=tmp_path / "f.safetensors", **SMALL)
    result = json.loads(json.dumps(run_fit(photo_file, settings).to_json(), allow_nan=False))
    assert {"signal", "method", "encoding", "metrics", "forecast", "steps", "seconds", "field", "baselines"} <= set(
        result
    )
    assert {"family", "bandwidth", "bandwidth_per_sample", "features"} <= set(result["encoding"])
    assert {"train_psnr_db", "held_out_psnr_db"} <= set(result["metrics"])
    assert set(result["seconds"]) == {"tune", "fit", "score", "total"}
    assert result["steps"] == 60
    assert [point["step"] for point in result["curve"]][-1] == 60


def test_a_time_budget_sets_the_steps(photo_file: Path) -> None:
    outcome = run_fit(photo_file, FitSettings(time=2.0, width=16, features=8))
    assert outcome.field.record["steps"] >= 1  # of a machine that does other things besides
    assert outcome.field.record["curve"][-1]["step"] == outcome.field.record["steps"]


def test_a_plan_of_too_few_steps_is_mended_by_the_clock(monkeypatch: pytest.MonkeyPatch, photo_file: Path) -> None:
    monkeypatch.setattr("fourierfield.tasks._network.steps_within", lambda *given: 1)
    outcome = run_fit(photo_file, FitSettings(time=6.0, width=16, features=8, bandwidth=2.0))
    record = outcome.field.record
    assert record["steps"] == record["curve"][-1]["step"] == record["settings"]["steps"] > 1
    assert f"{record['steps']:,} steps instead of the 1 that were planned" in " ".join(outcome.notes)
    planned = weight_decay(record["steps"], record["settings"]["schedule"]["peak"])
    assert record["settings"]["weight_decay"] == planned


def test_checkpoints_know_the_steps_of_the_clock(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, photo_file: Path
) -> None:
    """A run that was planned as one step is stopped later, and goes on by the number that it had by then."""
    monkeypatch.setattr("fourierfield.tasks._network.steps_within", lambda *given: 1)
    planned: list[Progress] = []
    stop = FitEvents(progress=planned.append, stop_signal=lambda: 15 if len(planned) >= 40 else None)
    settings = FitSettings(time=6.0, width=16, features=8, bandwidth=2.0, out=tmp_path / "f.safetensors", resume=True)
    with pytest.raises(Interrupted):
        run_fit(photo_file, settings, stop)
    outcome = run_fit(photo_file, settings)
    assert outcome.field.record["steps"] == planned[-1].steps > 1


def test_a_run_of_a_time_budget_is_taken_up_again(tmp_path: Path, photo_file: Path) -> None:
    settings = FitSettings(time=2.0, width=16, features=8, out=tmp_path / "f.safetensors", resume=True)
    assert not run_fit(photo_file, settings).already_finished
    assert run_fit(photo_file, settings).already_finished


def test_resuming(tmp_path: Path, photo_file: Path) -> None:
    out = tmp_path / "f.safetensors"
    settings = FitSettings(out=out, resume=True, bandwidth=2.0, **SMALL)
    fresh = run_fit(photo_file, settings)  # nothing to resume: starts afresh
    assert not fresh.already_finished
    content = out.read_bytes()
    again = run_fit(photo_file, settings)
    assert again.already_finished
    assert out.read_bytes() == content
    with pytest.raises(SettingsError, match=r"another run.*steps 60 there, 61 here"):
        run_fit(photo_file, FitSettings(out=out, resume=True, bandwidth=2.0, **{**SMALL, "steps": 61}))


def test_missing_samples_are_filled(smooth_image: np.ndarray) -> None:
    holed = smooth_image.copy()
    holed[8:12, 8:12] = np.nan
    field = fourierfield.fit(holed, steps=300, bandwidth=1.5, width=96)
    filled = field.sample(field.domain.grid((24, 32)))
    assert np.abs(filled - smooth_image)[8:12, 8:12].mean() < 0.15
    assert field.record["metrics"]["ssim"] is None


@pytest.mark.parametrize("choice", [{"features": 10**9}, {"width": 10**6}])
def test_what_cannot_fit_is_refused_before_it_is_allocated(photo_file: Path, choice: dict) -> None:
    with pytest.raises(FourierFieldError, match=r"needs .* GB"):
        run_fit(photo_file, FitSettings(**choice), FitEvents())


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (2, 2), (9, 1, 4)])
def test_tiny_images_are_fitted(shape: tuple[int, ...]) -> None:
    image = np.random.default_rng(0).random(shape).astype(np.float32)
    field = fourierfield.fit(image, steps=5, width=8, features=4)
    assert np.isfinite(field.sample(field.domain.grid(image.shape[:2]))).all()


def test_a_tone_is_fitted_with_a_bandwidth_in_hertz() -> None:
    times = (np.arange(800) + 0.5) / 400
    signal = as_audio(0.7 * np.sin(2 * np.pi * 11 * times), 400)
    field = fourierfield.fit(signal, bandwidth="8Hz", steps=300, width=48, hold_out="random:0.1")
    encoding = field.record["encoding"]
    assert (encoding["bandwidth"], encoding["bandwidth_hz"]) == (16.0, 8.0)
    assert encoding["bandwidth_per_sample"] == pytest.approx(8 / 400)
    assert field.record["metrics"]["held_out_snr_db"] > 20
    assert field(np.array([[(2.25 / 11) / 2]])) == pytest.approx(0.7, abs=0.1)  # a crest


def test_arrays_of_one_axis_are_fitted(tmp_path: Path) -> None:
    field = fourierfield.fit(5 + np.sin(np.arange(200) / 9), steps=200, bandwidth="0.02/sample", width=32)
    assert field.domain.units == ("sample",)
    assert "bandwidth_hz" not in field.record["encoding"]
    drawn = field.sample(field.domain.grid((200,)))[:, 0]
    assert np.abs(drawn - 5 - np.sin(np.arange(200) / 9)).mean() < 0.15
