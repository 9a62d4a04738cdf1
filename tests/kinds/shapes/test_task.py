"""Fits of meshes: what they find, and that they can be stopped and taken up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trimesh

import fourierfield
from fourierfield.errors import FourierFieldError, Interrupted, SettingsError
from fourierfield.kinds._fit import run_fit
from fourierfield.kinds.shapes._mesh import MeshSignal
from fourierfield.kinds.shapes._problem import ShapeSampling
from fourierfield.kinds.shapes._surface import Effort, box_grid, insideness, surface_of
from fourierfield.tasks._settings import FitSettings
from fourierfield.tasks._task import FitEvents
from fourierfield.training._loop import Progress

SMALL = FitSettings(encoding="gaussian", bandwidth=0.7, features=32, width=32, steps=400, batch_size=1024)


@pytest.fixture(autouse=True)
def _few_points(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fourierfield.kinds.shapes._plan.POINTS", 1 << 14)
    monkeypatch.setattr("fourierfield.kinds.shapes._surface.USUAL", Effort(1 << 13, 24, 3000))
    monkeypatch.setattr("fourierfield.kinds.shapes._plan.WINDOWS", 2)


@pytest.fixture(scope="module")
def ball() -> MeshSignal:
    """A sphere of radius 20 about (100, 0, 0)."""
    sphere = trimesh.creation.icosphere(3, radius=20.0).apply_translation([100, 0, 0])
    return MeshSignal(np.array(sphere.vertices), np.array(sphere.faces, dtype=np.int64), "ball")


def test_the_occupancy_of_a_ball_and_its_surface(ball: MeshSignal, tmp_path: Path) -> None:
    outcome = run_fit(ball, replace(SMALL, out=str(tmp_path / "ball.safetensors"), hold_out="random:0.2"))
    record = outcome.field.record
    assert record["metrics"]["iou_uniform"] > 0.93
    assert record["metrics"]["iou_boundary"] > 0.55
    assert record["metrics"]["chamfer"] < 1.0
    assert record["metrics"]["normal_consistency"] > 0.97
    assert record["metrics"]["held_out_psnr_db"] > 8
    assert record["training"]["held_out_samples"] == pytest.approx((1 << 14) / 5, abs=1)
    assert record["forecast"] is None
    assert set(outcome.signal) >= {"vertices", "faces", "watertight", "extents"}
    loaded = fourierfield.load(tmp_path / "ball.safetensors")
    points = np.random.default_rng(0).uniform(0, 1, (50, 3))
    np.testing.assert_array_equal(loaded(points), outcome.field(points))
    values = loaded(points)
    assert values.min() >= 0
    assert values.max() <= 1
    mesh = trimesh.Trimesh(*surface_of(loaded, box_grid(loaded, 40)), process=False)
    assert mesh.is_watertight
    assert mesh.volume == pytest.approx(4 / 3 * np.pi * 20**3, rel=0.05)
    np.testing.assert_allclose(mesh.center_mass, [100, 0, 0], atol=1)


def test_the_distance_of_a_ball_is_negative_inside(ball: MeshSignal) -> None:
    field = run_fit(ball, replace(SMALL, target="distance")).field
    places = 100 * np.eye(3)[0] + np.array([[9.0, 0, 0], [0, 16, 0], [0, 0, 20], [14, 14, 14]])
    points = ball.placement.to_coordinates(places)
    np.testing.assert_allclose(field(points)[:, 0], [-11, -4, 0, np.sqrt(3 * 14**2) - 20], atol=2.5)
    assert (insideness(field)(points[[0, 1, 3]]) > 0).tolist() == [True, True, False]
    assert field.record["metrics"]["iou_uniform"] > 0.9


def test_the_kernel_of_a_ball(ball: MeshSignal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("fourierfield.kinds.shapes._task.SAMPLING", ShapeSampling(400, near=0.7, around=0.1))
    monkeypatch.setattr("fourierfield.kinds.shapes._task.EFFORT", Effort(1 << 10, 16, 1000))
    settings = FitSettings(method="kernel", out=str(tmp_path / "k.safetensors"), resume=True)
    outcome = run_fit(ball, settings)
    assert outcome.field.record["metrics"]["iou_uniform"] > 0.97
    assert outcome.field.record["shape"]["target"] == "distance"
    assert outcome.signal["kind"] == "mesh"
    loaded = fourierfield.load(tmp_path / "k.safetensors")
    assert loaded.source.kind == "mesh"
    assert loaded.record == outcome.field.record
    assert run_fit(ball, settings).already_finished
    with pytest.raises(SettingsError, match="signed distance"):
        run_fit(ball, replace(settings, target="occupancy"))


@pytest.mark.parametrize("target", ["occupancy", "distance"])
def test_a_resumed_run_ends_with_the_same_bytes(ball: MeshSignal, tmp_path: Path, target: str) -> None:
    settings = replace(SMALL, steps=30, target=target, bandwidth=None if target == "occupancy" else 1.0)
    run_fit(ball, replace(settings, out=str(tmp_path / "whole.safetensors")))
    there = replace(settings, out=str(tmp_path / "parts.safetensors"), resume=True)
    done = 0

    def progress(state: Progress) -> None:
        nonlocal done
        done = state.step

    with pytest.raises(Interrupted):
        run_fit(ball, there, FitEvents(progress=progress, stop_signal=lambda: 2 if done == 12 else None))
    assert (tmp_path / "parts.safetensors.checkpoint").exists()
    said: list[str] = []
    run_fit(ball, there, FitEvents(say=said.append))
    assert any("resuming from step" in line for line in said)
    assert (tmp_path / "parts.safetensors").read_bytes() == (tmp_path / "whole.safetensors").read_bytes()
    assert run_fit(ball, there).already_finished
    with pytest.raises(SettingsError, match="another run"):
        run_fit(ball, replace(there, seed=1))


@pytest.mark.parametrize(
    ("choices", "reason"),
    [
        ({"hold_out": "grid"}, "random:0.1"),
        ({"inputs": "x"}, "--inputs is for tables, not for meshes"),
        ({"report": "page.html"}, "--report"),
        ({"encoding": "none", "features": None, "bandwidth": 3.0}, "no bandwidth"),
        ({"bandwidth": "3/px"}, "measured in"),
    ],
)
def test_what_meshes_do_not_take(ball: MeshSignal, choices: dict, reason: str) -> None:
    with pytest.raises(FourierFieldError, match=reason):
        run_fit(ball, replace(SMALL, **choices))


def test_targets_are_for_meshes() -> None:
    with pytest.raises(SettingsError, match="for meshes"):
        run_fit(np.eye(8, dtype=np.float32), FitSettings(target="distance"))
    with pytest.raises(SettingsError, match="--target volume"):
        FitSettings(target="volume")


def test_time_bounds_a_fit(ball: MeshSignal) -> None:
    outcome = run_fit(ball, replace(SMALL, steps=None, time=1.0))
    assert 1 <= outcome.field.record["steps"] < 5000
