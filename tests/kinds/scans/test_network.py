"""Networks trained through the map of a scan."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import fourierfield
from fourierfield.errors import FieldFileError, Interrupted, SettingsError
from fourierfield.grids._arrays import as_signal
from fourierfield.kinds._fit import run_fit
from fourierfield.kinds.scans._effort import Effort, measure_effort
from fourierfield.kinds.scans._pilot import fly_pilot
from fourierfield.kinds.scans._plan import ScanPlan, plan_scan
from fourierfield.kinds.scans._problem import ScanProblem
from fourierfield.kinds.scans._simulate import simulate
from fourierfield.networks._field import NetworkField
from fourierfield.networks._mlp import MLP, CoordinateNetwork
from fourierfield.tasks._scan_options import ScanOptions
from fourierfield.tasks._settings import FitSettings
from fourierfield.tasks._task import FitEvents
from fourierfield.training._schedules import ConstantRate

from .conftest import fit, head_phantom, kspace_of

TINY: dict[str, Any] = {"width": 16, "features": 8, "bandwidth": 2.0, "method": "network"}
KINDS = ["ct:8", "mri:0.5"]


def problem_of(text: str) -> ScanProblem:
    return ScanProblem(simulate(as_signal(head_phantom(16)), ScanOptions(text)), None)  # type: ignore[arg-type]


def network_of(plan: ScanPlan) -> CoordinateNetwork:
    generator = torch.Generator().manual_seed(0)
    return CoordinateNetwork(plan.fit.choice.encoding.build(2, generator), MLP(plan.fit.mlp, generator))


def plan_of(text: str, settings: FitSettings) -> ScanPlan:
    problem = problem_of(text)
    return plan_scan(problem, fly_pilot(problem, 0, whole=False), settings)


@pytest.mark.parametrize(("text", "steps"), [("ct:12", 60), ("mri:0.9", 100)])
def test_they_learn(text: str, steps: int) -> None:
    record = fit(
        head_phantom(16), simulate=text, steps=steps, width=64, features=64, bandwidth=3.0, hold_out="random:0.2",
        learning_rate=0.02, batch_size=4096,
    ).field.record  # fmt: skip
    metrics, curve = record["metrics"], record["curve"]
    assert (record["method"], record["scan"]) == ("network", text[:3].rstrip(":"))
    assert metrics["train_psnr_db"] > curve[0]["train_psnr_db"] + 8
    assert metrics["truth_psnr_db"] > 16
    assert metrics["held_out_error"] < 0.8
    assert curve[-1]["train_psnr_db"] == pytest.approx(metrics["train_psnr_db"], abs=2.0)
    assert curve[-1]["held_out_psnr_db"] == pytest.approx(metrics["held_out_psnr_db"], abs=2.0)
    assert curve[-1]["step"] == steps


@pytest.mark.parametrize("text", KINDS)
def test_the_record_is_plain_json_with_the_keys_of_other_fits(text: str) -> None:
    outcome = fit(head_phantom(16), simulate=text, steps=3, **TINY)
    result = json.loads(json.dumps(outcome.to_json(), allow_nan=False))
    assert set(result["encoding"]) == {"family", "bandwidth", "bandwidth_per_sample", "features"}
    assert set(result["seconds"]) == {"tune", "fit", "score", "total"}
    assert result["steps"] == 3
    assert set(result["forecast"]) >= {"held_out_psnr_db", "held_out_samples", "train_psnr_db", "curve"}
    assert result["metrics"]["held_out_psnr_db"] is None
    rivals = ("fbp", "sart", "tv") if text.startswith("ct") else ("zero_filled", "tv")
    assert set(result["baselines"]) == {f"{name}_psnr_db" for name in rivals}
    assert {"samples", "batch_size", "learning_rate", "precision", "device", "chosen_by"} <= set(result["training"])


@pytest.mark.parametrize("text", KINDS)
def test_a_resumed_run_ends_with_the_same_bytes(text: str, tmp_path: Path) -> None:
    whole, parts = tmp_path / "whole.safetensors", tmp_path / "parts.safetensors"
    tiny: dict[str, Any] = {**TINY, "simulate": text, "steps": 12, "hold_out": "random:0.2"}
    fit(head_phantom(16), out=whole, **tiny)
    done: list[int] = [0]
    stopping = FitEvents(
        progress=lambda progress: done.append(progress.step), stop_signal=lambda: 2 if done[-1] == 7 else None
    )
    with pytest.raises(Interrupted) as stopped:
        fit(head_phantom(16), stopping, out=parts, **tiny)
    checkpoint = tmp_path / "parts.safetensors.checkpoint"
    assert (stopped.value.step, stopped.value.checkpoint) == (7, str(checkpoint))
    assert checkpoint.exists()
    assert not parts.exists()
    with pytest.raises(SettingsError, match="seed 0 there, 3 here"):
        fit(head_phantom(16), out=parts, resume=True, **{**tiny, "seed": 3})
    said: list[str] = []
    fit(head_phantom(16), FitEvents(said.append), out=parts, resume=True, **tiny)
    assert "resuming from step 7 of 12" in said
    assert parts.read_bytes() == whole.read_bytes()
    assert not checkpoint.exists()
    again = fit(head_phantom(16), out=parts, resume=True, **tiny)
    assert again.already_finished
    with pytest.raises(SettingsError, match="data "):
        fit(head_phantom(16), out=parts, resume=True, **{**tiny, "simulate": f"{text}:0.1"})
    with pytest.raises(FieldFileError, match="by network"):
        fit(head_phantom(16), out=parts, resume=True, simulate=text, method="kernel")


def test_the_same_seed_gives_the_same_field() -> None:
    points = np.random.default_rng(0).random((40, 2))
    one, same, other = (
        run_fit(head_phantom(16), FitSettings(simulate="ct:8", steps=3, seed=seed, **TINY)).field(points)
        for seed in (0, 0, 1)
    )
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize(
    ("text", "family", "bandwidth", "rate"),
    [
        ("ct:8", "gaussian", 4.0, 1e-3),
        ("ct:8", "positional", 7.0, 1e-3),
        ("ct:8", "basic", None, 1e-2),
        ("ct:8", "none", None, 1e-2),
        ("mri:0.5", "gaussian", 5.0, 2e-3),
        ("mri:0.5", "positional", 15.0, 2e-3),
        ("mri:0.5", "basic", None, 2e-3),
        ("mri:0.5", "none", None, 2e-3),
    ],
)
def test_the_papers_preset(text: str, family: str, bandwidth: float | None, rate: float) -> None:
    plan = plan_of(text, FitSettings(preset="paper", encoding=family))
    training, mlp = plan.fit.training, plan.fit.mlp
    assert plan.per_ray is None
    assert plan.fit.choice.encoding.bandwidth == bandwidth
    assert training.schedule == ConstantRate(rate)
    assert (training.steps, training.batch_size, training.weight_decay, training.orthogonal) == (1000, None, 0.0, 0.0)
    assert (mlp.depth, mlp.width, mlp.output, mlp.initialisation) == (4, 256, "sigmoid", "glorot")


def test_the_papers_preset_trains_a_network() -> None:
    field = fourierfield.fit(head_phantom(16), simulate="mri:0.5", preset="paper", steps=2, width=16, features=8)
    assert isinstance(field, NetworkField)
    assert field.record["training"]["batch_size"] == 256
    assert field.record["settings"]["preset"] == "paper"


def test_what_is_asked_for_goes_into_the_plan() -> None:
    settings = FitSettings(
        steps=7, learning_rate=0.3, batch_size=99, depth=3, width=5, features=6, bandwidth="0.25/px", seed=4
    )
    plan = plan_of("ct:8", settings)
    training = plan.fit.training
    assert (training.steps, training.batch_size, training.seed, training.schedule.peak) == (7, 99, 4, 0.3)
    assert (plan.fit.mlp.depth, plan.fit.mlp.width, plan.fit.mlp.in_features) == (3, 5, 12)
    assert plan.fit.choice.encoding.bandwidth == pytest.approx(4.0)
    assert plan.per_ray == 32
    assert plan.switch == 0
    whole = plan_of("mri:0.5", settings)
    assert whole.fit.training.batch_size is None
    assert (whole.switch, whole.steps) == (5, 7)
    assert whole.with_steps(9, 2).fit.training.steps == 11


def test_complex_fields_have_two_outputs_and_no_sigmoid() -> None:
    image = head_phantom(16) / 255 * np.exp(1j * np.linspace(0, 2, 16))
    field = fit(kspace_of(image, 1), kind="mri", steps=100, width=64, features=32, bandwidth=3.0).field
    assert isinstance(field, NetworkField)
    assert field.network.mlp.spec.output == "none"
    found = field.sample(field.domain.grid((16, 16)))
    assert np.abs(found[..., 0] + 1j * found[..., 1] - image).mean() < 0.5 * np.abs(image).mean()


def range_of(problem: ScanProblem) -> tuple[float, float]:
    return fly_pilot(problem, 0, whole=False).values.common


def test_the_range_is_that_of_the_truths_file_or_of_a_pilot() -> None:
    problem = problem_of("ct:12")
    assert range_of(problem) == (0.0, 1.0)
    alone = ScanProblem(replace(problem.training, truth=None), None)
    offset, peak = range_of(alone)
    assert offset == 0.0
    assert 0.8 * head_phantom(16).max() / 255 < peak < 1.6 * head_phantom(16).max() / 255
    louder = ScanProblem(replace(alone.training, projections=10 * alone.training.projections), None)  # type: ignore[call-arg, union-attr]
    assert range_of(louder)[1] == pytest.approx(10 * peak, rel=1e-3)


def test_a_network_begins_with_what_a_kernel_finds() -> None:
    asked: dict[str, Any] = {"simulate": "ct:8", "width": 64, "features": 64, "bandwidth": 3.0, "method": "network"}
    pilot = fly_pilot(problem_of("ct:8"), 0, whole=True)
    field = fit(head_phantom(16), steps=150, **asked).field
    found = field.sample(field.domain.grid((16, 16)))[..., 0]
    assert np.abs(found - pilot.parts[0].numpy()).mean() < 0.05
    alone = fit(head_phantom(16), steps=150, batch_size=256, **asked).field.sample(field.domain.grid((16, 16)))[..., 0]
    assert np.abs(found - head_phantom(16) / 255).mean() < np.abs(alone - head_phantom(16) / 255).mean()


def test_the_tuner_chooses_by_the_pilot_where_nothing_is_asked() -> None:
    record = fit(head_phantom(16), simulate="ct:12", steps=4, width=16).field.record
    assert "of fits to what a kernel finds" in record["training"]["chosen_by"]


def test_several_slices() -> None:
    values = np.random.default_rng(0).random((4, 2, 6)).astype(np.float32)
    field = fit(values, kind="ct", centre=2.5, steps=2, width=8, features=4, bandwidth=2.0).field
    assert isinstance(field, NetworkField)
    assert field.sample(field.domain.grid((2, 6, 6))).shape == (2, 6, 6, 1)


def test_time_becomes_steps() -> None:
    """By the time of a step, so many of which are scored: 0.95·1000 s less 12·10 s, in steps of 10 s."""
    told = Effort(on_pilot=1.0, on_scan=10.0)
    plan = plan_of("ct:8", FitSettings(bandwidth=2.0, batch_size=256))
    assert told.plan_in(1000.0, plan).steps == 83
    plan = plan_of("ct:8", FitSettings(bandwidth=2.0))
    assert plan.switch > 0
    in_time = told.plan_in(1000.0, plan)
    assert told.seconds(in_time) == pytest.approx(950, abs=10)
    assert in_time.steps - in_time.switch == 41  # half of the time on the scan itself


@pytest.mark.parametrize("batch", [256, None])
def test_steps_that_are_faster_than_told_become_more(monkeypatch: pytest.MonkeyPatch, batch: int | None) -> None:
    told = Effort(on_pilot=0.01, on_scan=1.0)
    monkeypatch.setattr("fourierfield.kinds.scans._network.measure_effort", lambda *given: told)
    settings = {"width": 8, "features": 4, "batch_size": batch, "bandwidth": 2.0}
    outcome = fit(head_phantom(16), simulate="ct:8", time=4.0, **settings)
    record = outcome.field.record
    assert record["steps"] == record["curve"][-1]["step"] == record["settings"]["steps"]
    told_note = [note for note in outcome.notes if "less time than when they were timed" in note]
    assert len(told_note) == 1


def test_steps_are_timed() -> None:
    settings = FitSettings(bandwidth=2.0, width=8, features=4)
    problem = problem_of("ct:8")
    pilot = fly_pilot(problem, 0, whole=False)
    plan = plan_scan(problem, pilot, settings)
    effort = measure_effort(plan, problem, pilot, network_of(plan))
    assert 0 < effort.on_pilot < 10
    assert 0 < effort.on_scan < 10
    assert effort.seconds(plan) > effort.on_pilot * plan.switch


def test_one_projection_is_no_reason_to_lose_a_run() -> None:
    assert fit(head_phantom(16), simulate="ct:1", steps=2, **TINY).field.record["baselines"]["tv_psnr_db"] > 0
