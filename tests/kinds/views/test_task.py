"""Fits of posed pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fourierfield
from fourierfield.errors import Interrupted, SettingsError, TooLargeError
from fourierfield.kinds._fit import run_fit
from fourierfield.kinds._read import read
from fourierfield.kinds.views._draw import render_view
from fourierfield.kinds.views._field import ViewsField
from fourierfield.kinds.views._plan import plan_views, ruled_bandwidth
from fourierfield.kinds.views._signal import ViewsSignal
from fourierfield.tasks._run import FitOutcome
from fourierfield.tasks._settings import FitSettings
from fourierfield.tasks._task import FitEvents

SMALL: dict[str, Any] = {"width": 64, "features": 64, "batch_size": 256, "bandwidth": 1.0}


def fit(source: Path, **choices: Any) -> FitOutcome:
    return run_fit(source, FitSettings(**{**SMALL, **choices}))


@pytest.fixture(scope="module")
def learnt(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A place for one fit that several tests look at."""
    return {}


@pytest.fixture
def trained(sphere_file: Path, learnt: dict[str, Any]) -> FitOutcome:
    if "outcome" not in learnt:
        learnt["outcome"] = fit(sphere_file, steps=200)
    outcome: FitOutcome = learnt["outcome"]
    return outcome


def test_views_that_were_held_out_are_learnt(trained: FitOutcome) -> None:
    record = trained.field.record
    metrics, mean = record["metrics"], record["baselines"]["mean_image_psnr_db"]
    assert metrics["held_out_psnr_db"] > mean + 5
    assert len(metrics["held_out_psnr_db_by_view"]) == 2
    assert metrics["held_out_ssim"] > 0.7
    assert record["curve"][-1]["held_out_psnr_db"] == pytest.approx(metrics["held_out_psnr_db"], abs=1.0)


def test_the_ball_is_where_it_should_be(trained: FitOutcome) -> None:
    field = trained.field
    assert isinstance(field, ViewsField)
    depth = render_view(field).depth
    assert depth[10, 10] == pytest.approx(np.linalg.norm(field.scene.cameras.places[8]) - 0.8, abs=0.3)
    assert np.isinf(depth[0, 0])


def test_the_record_is_plain_json_with_the_keys_of_other_fits(trained: FitOutcome) -> None:
    result = json.loads(json.dumps(trained.to_json(), allow_nan=False))
    assert result["signal"]["views"] == 10
    assert result["signal"]["size"] == [20, 20]
    assert result["forecast"] is None
    assert {"family", "bandwidth", "bandwidth_per_sample", "features"} <= set(result["encoding"])
    assert result["training"]["views"] == 8
    assert set(result["seconds"]) == {"tune", "fit", "score", "total"}


def test_a_resumed_run_ends_with_the_same_bytes(sphere_file: Path, tmp_path: Path) -> None:
    """Across an update of the occupancy grid, which a checkpoint has to hold."""
    tiny: dict[str, Any] = {"width": 16, "features": 8, "batch_size": 64, "steps": 144}
    whole, parts = tmp_path / "whole.safetensors", tmp_path / "parts.safetensors"
    run_fit(sphere_file, FitSettings(**tiny, out=whole))
    asked = iter(range(10_000))
    events = FitEvents(stop_signal=lambda: 2 if next(asked) == 134 else None)
    with pytest.raises(Interrupted):
        run_fit(sphere_file, FitSettings(**tiny, out=parts), events)
    assert parts.with_name("parts.safetensors.checkpoint").exists()
    said: list[str] = []
    run_fit(sphere_file, FitSettings(**tiny, out=parts, resume=True), FitEvents(say=said.append))
    assert "resuming from step 135 of 144" in said
    assert parts.read_bytes() == whole.read_bytes()
    assert not parts.with_name("parts.safetensors.checkpoint").exists()
    again = run_fit(sphere_file, FitSettings(**tiny, out=parts, resume=True))
    assert again.already_finished
    with pytest.raises(SettingsError, match="seed 0 there, 3 here"):
        run_fit(sphere_file, FitSettings(**tiny, out=parts, resume=True, seed=3))


@pytest.mark.parametrize(("steps", "octaves"), [(1, 1), (2, 3), (4, 4)])
def test_frequencies_come_in_from_the_lowest_on(sphere_file: Path, steps: int, octaves: int) -> None:
    """Weights of frequencies that have not come in do not move."""
    tiny: dict[str, Any] = {"width": 16, "encoding": "nerf", "bandwidth": 16.0, "batch_size": 64}
    first, later = (
        run_fit(sphere_file, FitSettings(**tiny, steps=steps, coarse_to_fine=share, learning_rate=rate)).field
        for share, rate in ((1.0, 1e-12), (1.0, None))
    )
    assert isinstance(first, ViewsField)
    assert isinstance(later, ViewsField)
    change = (later.network.mlp.layers[0].weight - first.network.mlp.layers[0].weight).abs().amax(0)
    frequencies = later.network.encoding.frequencies.norm(dim=1).repeat(2)
    assert set(frequencies[change > 1e-9].tolist()) == {2.0**k for k in range(octaves)}


def test_the_same_seed_gives_the_same_field(sphere_file: Path) -> None:
    points = np.random.default_rng(0).random((40, 3))
    one, same, other = (fit(sphere_file, steps=4, seed=seed).field(points) for seed in (0, 0, 1))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_pictures_without_opacities_are_fitted(sphere_arrays: dict[str, np.ndarray], tmp_path: Path) -> None:
    images = sphere_arrays["images"]
    np.savez(tmp_path / "opaque.npz", **{**sphere_arrays, "images": images[..., :3] * (images[..., 3:] > 0)})
    outcome = fit(tmp_path / "opaque.npz", steps=140, batch_size=128)
    metrics = outcome.field.record["metrics"]
    assert metrics["held_out_psnr_db"] > outcome.field.record["baselines"]["mean_image_psnr_db"] + 3
    assert isinstance(outcome.field, ViewsField)
    assert float(outcome.field.cells.float().mean()) < 0.6


@pytest.mark.parametrize("family", ["none", "basic", "positional", "gaussian", "nerf"])
def test_the_papers_preset(sphere_file: Path, family: str) -> None:
    features = {"gaussian": 30, "positional": 30}.get(family)
    small: dict[str, Any] = {"steps": 2, "width": 16, "batch_size": 32, "features": features}
    field = fourierfield.fit(sphere_file, preset="paper", encoding=family, **small)
    assert isinstance(field, ViewsField)
    record = field.record
    rates = {"none": 1e-2, "basic": 5e-3}
    assert record["training"]["learning_rate"] == rates.get(family, 5e-4)
    assert field.network.mlp.spec.output == "radiance-relu"
    assert field.step == pytest.approx(4 / 3 / 128)
    bandwidths = {"gaussian": 26 / (2 * np.pi) * 3, "positional": 255 / (2 * np.pi) * 3}
    if family in bandwidths:
        assert record["encoding"]["bandwidth"] == pytest.approx(bandwidths[family])


def test_bandwidth_by_the_pictures(sphere_file: Path) -> None:
    signal = read(sphere_file)
    assert isinstance(signal, ViewsSignal)
    training = np.arange(8)
    ruled = ruled_bandwidth(signal, training)
    plan = plan_views(signal, training, FitSettings())
    assert plan.fit.choice.encoding.bandwidth == ruled
    assert "spectral scale" in plan.fit.choice.reason
    asked = plan_views(signal, training, FitSettings(bandwidth="0.1/px")).fit.choice.encoding.bandwidth
    assert asked == pytest.approx(0.1 * signal.scene.pixels_per_unit)
    world = plan_views(signal, training, FitSettings(bandwidth="4/unit")).fit.choice.encoding.bandwidth
    assert world == pytest.approx(12.0)


def test_the_bandwidth_does_not_look_at_held_out_views(sphere_arrays: dict[str, np.ndarray], tmp_path: Path) -> None:
    noisy = sphere_arrays["images"].copy()
    noisy[8:] = np.random.default_rng(0).integers(0, 255, noisy[8:].shape)
    for name, images in (("a", sphere_arrays["images"]), ("b", noisy)):
        np.savez(tmp_path / f"{name}.npz", **{**sphere_arrays, "images": images})
    one, other = (fit(tmp_path / f"{name}.npz", steps=2).field for name in "ab")
    points = np.random.default_rng(0).random((40, 3))
    assert np.array_equal(one(points), other(points))


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"method": "kernel"}, "--method kernel is not for posed pictures; use --method network"),
        ({"report": "page.html"}, "--report is for .*, not for posed pictures .*; leave it out"),
        ({"bandwidth": "3Hz"}, "measured in unit"),
        ({"encoding": "basic", "bandwidth": 3.0}, "has no bandwidth"),
        ({"encoding": "positional", "bandwidth": 8.0, "features": 16}, "multiple of 3"),
    ],
)
def test_settings_that_views_cannot_take(sphere_file: Path, choices: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        run_fit(sphere_file, FitSettings(**choices))


def test_what_does_not_fit_in_memory_is_refused_with_numbers(sphere_file: Path) -> None:
    with pytest.raises(TooLargeError, match="GB are free"):
        fit(sphere_file, batch_size=1 << 36)


def test_time_becomes_steps(sphere_file: Path) -> None:
    outcome = run_fit(sphere_file, FitSettings(width=16, features=8, batch_size=64, time=6.0))
    assert outcome.field.record["steps"] >= 1  # of a machine that does other things besides
    assert outcome.field.record["curve"][-1]["step"] == outcome.field.record["steps"]


def test_a_plan_of_one_step_is_mended_by_the_clock(monkeypatch: pytest.MonkeyPatch, sphere_file: Path) -> None:
    monkeypatch.setattr("fourierfield.kinds.views._effort.ViewEffort.steps_in", lambda *given: 1)
    outcome = run_fit(sphere_file, FitSettings(width=16, features=8, batch_size=64, time=15.0, coarse_to_fine=0.5))
    assert outcome.field.record["steps"] == outcome.field.record["curve"][-1]["step"] > 1


def test_poses_that_see_different_things_leave_nothing(sphere_arrays: dict[str, np.ndarray], tmp_path: Path) -> None:
    images = np.zeros_like(sphere_arrays["images"])
    np.savez(tmp_path / "empty.npz", **{**sphere_arrays, "images": images})
    with pytest.raises(SettingsError, match="nothing is left to fit"):
        fit(tmp_path / "empty.npz", steps=2)


def test_time_and_memory_are_told_before_the_first_step(sphere_file: Path) -> None:
    said: list[str] = []
    settings = FitSettings(**{**SMALL, "steps": 3})
    run_fit(sphere_file, settings, FitEvents(say=said.append))
    assert any(line.startswith("at most about") and "GB of memory" in line for line in said)
