"""Scans fitted by kernel, from arrays to fields."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fourierfield
from fourierfield.errors import FieldFileError, Interrupted, SettingsError, TooLargeError
from fourierfield.grids._arrays import as_signal
from fourierfield.kinds._fit import run_fit
from fourierfield.kinds.scans._effort import check_scan_memory
from fourierfield.kinds.scans._simulate import simulate
from fourierfield.kinds.scans._sinogram import SinogramSignal
from fourierfield.operators._geometry import Geometry
from fourierfield.regression._field import KernelField
from fourierfield.tasks._run import FitOutcome
from fourierfield.tasks._scan_options import ScanOptions
from fourierfield.tasks._settings import FitSettings
from fourierfield.tasks._task import FitEvents

from .conftest import fit, head_phantom, kspace_of


def truth_psnr(field: Any, truth: np.ndarray) -> float:
    found = field.sample(field.domain.grid(truth.shape))[..., 0]
    return float(-10 * np.log10(((found - truth) ** 2).mean()))


def test_ct(ct_outcome: FitOutcome) -> None:
    field, record = ct_outcome.field, ct_outcome.field.record
    metrics, baselines = record["metrics"], record["baselines"]
    assert (record["method"], record["scan"], record["kernel"]["amplitude"]) == ("kernel", "ct", "local")
    assert metrics["truth_psnr_db"] == pytest.approx(truth_psnr(field, head_phantom() / 255), abs=0.05)
    assert metrics["truth_psnr_db"] > baselines["fbp_psnr_db"] + 3
    assert metrics["held_out_error"] < baselines["fbp_held_out_error"]
    assert set(baselines) == {
        f"{name}_{key}" for name in ("fbp", "sart", "tv") for key in ("psnr_db", "held_out_psnr_db", "held_out_error")
    }
    assert 0 < metrics["ssim"] <= 1
    assert (record["training"]["projections"], record["training"]["held_out_projections"]) == (8, 8)
    assert record["training"]["samples"] == record["training"]["held_out_samples"] == 256
    assert (field.source.kind, field.source.sample_format.dtype) == ("image", "uint8")


def test_mri(mri_outcome: FitOutcome) -> None:
    record = mri_outcome.field.record
    metrics, baselines = record["metrics"], record["baselines"]
    assert record["scan"] == "mri"
    assert metrics["truth_psnr_db"] > baselines["zero_filled_psnr_db"] + 3
    assert baselines["zero_filled_held_out_error"] == pytest.approx(1.0)  # zeros there
    assert metrics["held_out_error"] < 0.7
    assert {key.removesuffix("_psnr_db") for key in baselines if key.endswith("d_psnr_db")} >= {"zero_filled"}
    assert "tv_psnr_db" in baselines
    assert "projections" not in record["training"]
    assert record["training"]["samples"] + record["training"]["held_out_samples"] == round(0.4 * 1024)


@pytest.mark.parametrize("name", ["ct_outcome", "mri_outcome"])
def test_the_record_is_plain_json_with_the_keys_of_other_fits(name: str, request: pytest.FixtureRequest) -> None:
    outcome: FitOutcome = request.getfixturevalue(name)
    result = json.loads(json.dumps(outcome.to_json(), allow_nan=False))
    assert {"family", "bandwidth", "bandwidth_per_sample", "features"} == set(result["encoding"])
    assert result["encoding"]["bandwidth_per_sample"] == pytest.approx(result["encoding"]["bandwidth"] / 32)
    for key in ("train_psnr_db", "train_error", "held_out_psnr_db", "held_out_error", "truth_psnr_db", "ssim"):
        assert isinstance(result["metrics"][key], float)
    assert {"tune", "fit", "total"} <= set(result["seconds"])
    assert (result["steps"], result["curve"], result["field"]) == (None, [], None)
    forecast, found = (result[part]["held_out_psnr_db"] for part in ("forecast", "metrics"))
    assert min(forecast, 60) == pytest.approx(min(found, 60), abs=8)  # all but exact, where nothing is noisy
    kernel = result["kernel"]
    (chosen,) = [
        one for one in kernel["tried"] if (one["ridge"], one["sparsity"]) == (kernel["ridge"], kernel["sparsity"])
    ]
    assert chosen["verdict"] <= min(one["verdict"] for one in kernel["tried"]) / 0.99
    assert f"the best of {len(kernel['tried'])} ridges" in result["training"]["chosen_by"]
    assert isinstance(kernel["iterations"], int)
    assert kernel["residual"] < 0.05
    assert result["signal"]["simulated"]


def test_the_truth_is_not_looked_at() -> None:
    """The same measurements without it give the same field."""
    scanned = fit(head_phantom(16), simulate="ct:9")
    signal = simulate(as_signal(head_phantom(16)), ScanOptions("ct:9"))
    assert isinstance(signal, SinogramSignal)
    alone = fit(replace(signal, truth=None))
    points = np.random.default_rng(0).random((50, 2))
    assert np.allclose(alone.field(points), scanned.field(points), atol=1e-3)
    metrics = alone.field.record["metrics"]
    assert metrics["truth_psnr_db"] is None
    assert metrics["ssim"] is None
    baselines = alone.field.record["baselines"]
    assert set(baselines) == {f"{name}_train_error" for name in ("fbp", "sart", "tv")}


def test_files_and_resuming(tmp_path: Path) -> None:
    one, other = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    first = fit(head_phantom(16), simulate="ct:8", out=one)
    fit(head_phantom(16), simulate="ct:8", out=other)
    assert one.read_bytes() == other.read_bytes()
    back = fourierfield.load(one)
    assert isinstance(back, KernelField)
    assert back.record == json.loads(json.dumps(first.field.record))
    before = one.read_bytes()
    again = fit(head_phantom(16), simulate="ct:8", out=one, resume=True)
    assert again.already_finished
    assert again.to_json()["metrics"] == first.to_json()["metrics"]
    assert one.read_bytes() == before
    for choices, words in (
        ({"simulate": "ct:9"}, "data "),
        ({"simulate": "ct:8", "seed": 3}, "seed 0 there, 3 here"),
        ({"simulate": "ct:8", "uncertainty": True}, "uncertainty False there, True here"),
        ({"simulate": "ct:8", "bandwidth": 2.0}, "bandwidth_asked"),
        ({"simulate": "ct:8", "angles": "0:170"}, "data "),
    ):
        with pytest.raises(SettingsError, match=words):
            fit(head_phantom(16), out=one, resume=True, **choices)
    with pytest.raises(FieldFileError, match="by kernel"):
        fit(head_phantom(16), simulate="ct:8", out=one, resume=True, steps=3)


def test_seeds() -> None:
    points = np.random.default_rng(0).random((40, 2))
    one, same, other = (
        run_fit(head_phantom(16), FitSettings(simulate="mri:0.5:0.1", seed=seed)).field(points) for seed in (0, 0, 1)
    )
    assert np.array_equal(one, same)
    assert not np.allclose(one, other, atol=1e-3)


def test_an_interrupted_fit_leaves_nothing(tmp_path: Path) -> None:
    asked = iter(range(1000))
    events = FitEvents(stop_signal=lambda: 15 if next(asked) == 30 else None)
    with pytest.raises(Interrupted) as stopped:
        fit(head_phantom(16), events, simulate="ct:8", out=tmp_path / "a.safetensors")
    assert (stopped.value.signal_number, stopped.value.checkpoint) == (15, None)
    assert list(tmp_path.iterdir()) == []


def test_uncertainty(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    field = fit(head_phantom(16), simulate="ct:8:0.05", uncertainty=True, out=path).field
    assert isinstance(field, KernelField)
    grid = field.domain.grid((16, 16))
    found = field.deviation(grid.coordinates(np.arange(256))).reshape(16, 16)
    off = field.sample(grid)[..., 0] - head_phantom(16) / 255
    assert (np.abs(off) < 2 * found).mean() > 0.9  # of 95 %
    beside = np.median(np.concatenate([found[:, :2], found[:, -2:]]))
    assert beside < 0.4 * np.median(found[5:11, 5:11])  # nothing there
    back = fourierfield.load(path)
    assert np.array_equal(back.deviation(np.full((1, 2), 0.4)), field.deviation(np.full((1, 2), 0.4)))  # type: ignore[union-attr]
    plain = fit(head_phantom(16), simulate="ct:8:0.05").field
    assert np.array_equal(plain(np.full((1, 2), 0.4)), field(np.full((1, 2), 0.4)))
    with pytest.raises(SettingsError, match="--uncertainty"):
        plain.deviation(np.zeros((1, 2)))  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("choices", "amplitude", "family", "bandwidth"),
    [
        ({}, "local", "gaussian", 1.0),
        ({"features": 64}, "local", "gaussian", 1.0),
        ({"bandwidth": 2.0}, "constant", "gaussian", 2.0),
        ({"bandwidth": "0.1/px"}, "constant", "gaussian", 1.6),
        ({"encoding": "positional"}, "constant", "positional", None),
        ({"encoding": "basic"}, "constant", "basic", None),
    ],
)
def test_an_encoding_that_is_asked_for_is_the_same_everywhere(
    choices: dict[str, Any], amplitude: str, family: str, bandwidth: float | None
) -> None:
    record = fit(head_phantom(16), simulate="ct:8", **choices).field.record
    assert record["kernel"]["amplitude"] == amplitude
    assert record["kernel"]["sparsity"] in ((1.0, 0.5) if amplitude == "local" else (None,))
    assert record["encoding"]["family"] == family
    assert record["encoding"]["bandwidth"] == pytest.approx(bandwidth) if bandwidth else True
    assert record["metrics"]["truth_psnr_db"] > 15


def test_a_bandwidth_that_is_not_given_is_the_one_that_foretells_best() -> None:
    chosen = fit(head_phantom(24), simulate="ct:12", encoding="gaussian").field.record
    assert "bandwidths" in chosen["training"]["chosen_by"]
    found = {
        factor: fit(head_phantom(24), simulate="ct:12", encoding="gaussian", bandwidth=factor).field.record
        for factor in (0.5, 1.0, 2.0, 4.0)
    }
    distances = {factor: min(one["verdict"] for one in record["kernel"]["tried"]) for factor, record in found.items()}
    assert chosen["encoding"]["bandwidth"] == min(distances, key=distances.__getitem__)


def test_projections_of_nothing_have_scores_that_are_numbers() -> None:
    record = fit(np.zeros((8, 10), np.float32), kind="ct", hold_out="grid").field.record
    json.dumps(record, allow_nan=False)
    assert record["metrics"]["held_out_error"] == 0.0


def test_a_dead_coil_ends_nothing() -> None:
    coils = np.stack([kspace_of(head_phantom(16) / 255), np.zeros((16, 16))])
    record = fit(coils, kind="mri", hold_out="random:0.1").field.record
    json.dumps(record, allow_nan=False)
    assert record["metrics"]["held_out_error"] < 1


def test_complex_k_space_without_truth() -> None:
    """Of a phase that turns over the image, every second line outside of the middle left out."""
    y, x = np.mgrid[:24, :24] / 24
    image = head_phantom(24) / 255 * np.exp(1j * (2 * x - y))
    field = fit(kspace_of(image), kind="mri", hold_out="random:0.1").field
    assert (field.source.channels, field.source.sample_format.dtype) == (2, "complex64")
    found = field.sample(field.domain.grid((24, 24)))
    assert np.sqrt((np.abs(found[..., 0] + 1j * found[..., 1] - image) ** 2).mean()) < 0.06
    record = field.record
    assert record["metrics"]["truth_psnr_db"] is None
    assert record["metrics"]["held_out_error"] < 0.6
    assert {"zero_filled_held_out_error", "tv_held_out_error"} <= set(record["baselines"])
    assert not any("sense" in key for key in record["baselines"])


def test_coils_without_maps() -> None:
    y, x = np.mgrid[:24, :24] / 24
    maps = np.stack(
        [np.exp(-((y - a) ** 2) - (x - b) ** 2 + 1j * (a + b)) for a, b in ((0, 0), (0, 1), (1, 0), (1, 1))]
    )
    outcome = fit(np.stack([kspace_of(s * head_phantom(24) / 255) for s in maps]), kind="mri", hold_out="random:0.1")
    record = outcome.field.record
    assert outcome.signal["coils"] == 4
    assert record["metrics"]["held_out_error"] < record["baselines"]["sense_held_out_error"] * 1.5
    assert not any(key.startswith("zero_filled") for key in record["baselines"])
    found = outcome.field.sample(outcome.field.domain.grid((24, 24)))
    magnitude, wanted = np.linalg.norm(found, axis=-1), head_phantom(24) / 255 * np.sqrt((np.abs(maps) ** 2).sum(0))
    assert np.sqrt(((magnitude - wanted) ** 2).mean()) < 0.06


def test_several_slices_are_a_volume() -> None:
    values = np.random.default_rng(0).random((4, 2, 6)).astype(np.float32)
    outcome = fit(values, kind="ct", centre=2.5)
    field = outcome.field
    assert (field.source.kind, field.source.shape, field.domain.dimensions) == ("volume", (2, 6, 6), 3)
    assert field.sample(field.domain.grid((2, 6, 6))).shape == (2, 6, 6, 1)
    assert outcome.signal["slices"] == 2


def test_fans_and_missing_rays() -> None:
    signal = SinogramSignal(
        np.ones((9, 1, 12), np.float32), Geometry(np.linspace(0, 6, 9), 12, source=30.0, detector=40.0, spacing=1.4)
    )
    signal.projections[2, 0, 4:6] = np.nan
    outcome = fit(signal)
    assert outcome.signal["beam"] == "fan"
    assert outcome.signal["missing"] == 2
    assert outcome.field.record["training"]["samples"] == 106


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"report": "page.html"}, "--report is for .*, not for CT scans .*; leave it out"),
        ({"missing": ("1:2,3:4",)}, "--missing is for .*, not for CT scans; leave it out"),
        ({"method": "network", "uncertainty": True}, "a network does not know it"),
        ({"steps": 3, "uncertainty": True}, "a network does not know it"),
        ({"encoding": "none"}, "needs one"),
        ({"hold_out": "random:0.001"}, "leaves no samples"),
        ({"target": "distance"}, "is for meshes"),
        ({"coarse_to_fine": 0.5}, "is for posed pictures"),
        ({"bandwidth": "3Hz"}, "measured in px"),
        ({"simulate": "ct:1"}, "single projection"),
    ],
)
def test_settings_that_scans_cannot_take(choices: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        fit(head_phantom(16), **{"simulate": "ct:8", **choices})


def test_uncertainty_is_for_scans() -> None:
    with pytest.raises(SettingsError, match="--uncertainty is for CT scans and MRI scans, not for pictures"):
        fit(head_phantom(16), uncertainty=True, method="kernel")


def test_what_does_not_fit_is_refused_with_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fourierfield.kinds.scans._effort.free_memory", lambda: 100_000)
    with pytest.raises(TooLargeError, match=r"16×16 samples needs 0\.0 GB"):
        run_fit(head_phantom(16), FitSettings(simulate="ct:8"))


def test_draws_take_memory_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them at once, of what is large one at a time."""
    scan = simulate(as_signal(head_phantom(16)), ScanOptions("ct:8"))
    assert isinstance(scan, SinogramSignal)

    def of_draws() -> float:
        alone, both = (float(check_scan_memory(scan, told).split(" GB")[0]) for told in (False, True))
        return both - alone

    one = 64 * 4 * 256 / 1e9
    assert of_draws() == pytest.approx(24 * one, rel=0.1)
    monkeypatch.setattr("fourierfield.kinds.scans._draws._AT_ONCE", 1)
    assert of_draws() == pytest.approx(one, rel=0.2)


@pytest.mark.parametrize("source", [head_phantom(16), as_signal(head_phantom(16))], ids=["array", "signal"])
def test_arrays_and_signals_are_scanned_where_it_is_asked_for(source: Any) -> None:
    for choices in ({}, {"kind": "ct"} if isinstance(source, np.ndarray) else {}):
        field = fourierfield.fit(source, simulate="ct:8", method="kernel", encoding="basic", **choices)
        assert field.record["scan"] == "ct"
    with pytest.raises(SettingsError, match="--angles is for CT scans"):
        fit(source, angles="0:90")


def test_an_array_of_another_kind_than_its_simulation() -> None:
    with pytest.raises(SettingsError, match="does not go with"):
        fit(head_phantom(16), kind="mri", simulate="ct:8")


def test_time_and_memory_are_told_before_anything_is_solved() -> None:
    said: list[str] = []
    fit(head_phantom(16), FitEvents(said.append), simulate="ct:8")
    assert any(line.startswith("at most about") and "GB of memory" in line for line in said)
