"""Scans from the command line."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import fourierfield
from fourierfield.cli._summary import summary_lines
from fourierfield.encodings._spec import EncodingSpec
from fourierfield.kinds._fit import run_fit
from fourierfield.tasks._settings import FitSettings

FAST = ("--steps", 3, "--width", 8, "--features", 4)


def phantom(n: int = 16) -> np.ndarray:
    image = np.zeros((n, n))
    image[n // 4 : 3 * n // 4, n // 3 : 3 * n // 4] = 0.5
    image[3 * n // 8 : n // 2, n // 2 : 2 * n // 3] = 1.0
    return image


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    Image.fromarray((255 * phantom()).astype(np.uint8)).save(path)
    return path


@pytest.fixture
def sinogram(tmp_path: Path) -> Path:
    """Of a disc in the middle: 12 projections of 16 bins."""
    offsets = np.arange(16) - 7.5
    chord = 2 * np.sqrt(np.maximum(25 - offsets**2, 0))
    np.save(tmp_path / "x.npy", np.tile(chord, (12, 1)).astype(np.float32))
    return tmp_path / "x.npy"


@pytest.fixture
def kspace(tmp_path: Path) -> Path:
    """Of the phantom with a phase, all of it."""
    image = phantom() * np.exp(1j * np.linspace(0, 2, 16))
    np.save(tmp_path / "k.npy", np.fft.fftshift(np.fft.fft2(np.fft.ifftshift(image), norm="ortho")))
    return tmp_path / "k.npy"


def refused(ended, *parts: str) -> None:  # type: ignore[no-untyped-def]
    assert ended.status == 2, ended
    assert ended.out == ""
    lines = ended.err.strip().splitlines()
    assert len(lines) == 1, ended.err
    for part in parts:
        assert part in lines[0]
    assert os.listdir() == []


def test_ct_in_json(run: Callable, sinogram: Path) -> None:
    ended = run("fit", sinogram, "--as", "ct", "--hold-out", "grid", "--json")
    assert ended.status == 0, ended.err
    result = json.loads(ended.out)
    assert set(result) >= {"signal", "method", "encoding", "metrics", "forecast", "steps", "seconds", "field"}
    assert {"family", "bandwidth", "bandwidth_per_sample", "features"} <= set(result["encoding"])
    assert {"train_psnr_db", "held_out_psnr_db"} <= set(result["metrics"])
    assert {"held_out_psnr_db", "train_psnr_db"} <= set(result["forecast"])
    assert {"tune", "fit", "total"} <= set(result["seconds"])
    assert (result["signal"]["kind"], result["signal"]["angles"], result["signal"]["bins"]) == ("ct", 12, 16)
    assert (result["method"], result["steps"], result["field"]) == ("kernel", None, "x.safetensors")
    assert {"fbp_held_out_psnr_db", "sart_held_out_error", "tv_held_out_error"} <= set(result["baselines"])
    assert result["metrics"]["held_out_error"] < 0.05
    kernel = result["kernel"]
    assert {"amplitude", "ridge", "sparsity", "iterations", "residual", "tried"} <= set(kernel)
    assert {"ridge", "sparsity", "error", "distance", "verdict", "size", "start"} == set(kernel["tried"][0])
    field = fourierfield.load("x.safetensors")
    assert float(field(np.array([[0.5, 0.5]]))[0, 0]) == pytest.approx(1.0, abs=0.1)
    assert float(field(np.array([[0.06, 0.06]]))[0, 0]) == pytest.approx(0.0, abs=0.05)
    assert json.loads(run("info", "x.safetensors", "--json").out)["metrics"] == result["metrics"]


def test_simulated_scans_have_a_truth(run: Callable, photo: Path) -> None:
    for text, rivals in (("ct:10", ("fbp", "sart", "tv")), ("mri:0.8", ("zero_filled", "tv"))):
        result = json.loads(run("fit", photo, "--simulate", text, "--json").out)
        assert result["metrics"]["truth_psnr_db"] > 10
        assert set(result["baselines"]) == {f"{rival}_psnr_db" for rival in rivals}
    assert result["metrics"]["held_out_psnr_db"] is None
    ended = run("render", "photo.safetensors", "photo.png")
    assert ended.status == 0, ended.err
    with Image.open("photo.png") as image:
        assert (image.size, image.mode) == ((16, 16), "L")


def test_lines_for_people(run: Callable, photo: Path, kspace: Path) -> None:
    ended = run("fit", photo, "--simulate", "ct:10", "--hold-out", "grid")
    out = ended.out.splitlines()
    assert out[0] == "signal    photo.png: CT, 10 projections of 16 bins, parallel beam, simulated" or out[0].endswith(
        "photo.png: CT, 10 projections of 16 bins, parallel beam, simulated"
    )
    for part in ("amplitude learnt from place to place", "held out  error", "on 80 measurements; back-projection"):
        assert part in ended.out
    assert re.search(
        r"^kernel    amplitude learnt from place to place.*, ridge [\d.e-]+; NTK of depth 4",
        ended.out,
        re.MULTILINE,
    )
    assert any(line.startswith("truth") and "SART" in line and "total variation" in line for line in out)
    network = run("fit", photo, "--simulate", "mri:0.5", *FAST)
    assert "MRI of 16×16, 1 coil, 128 samples each (50.0% of k-space), simulated" in network.out
    assert "on 128 measurements, 3 steps" in network.out
    assert "zero-filled" in network.out
    complex_ = run("fit", kspace, "--encoding", "basic")
    assert "the same everywhere" in complex_.out
    assert "SSIM" not in complex_.out
    assert "truth" not in complex_.out
    assert "complex64" in run("info", "k.safetensors").out


@pytest.mark.parametrize("method", ["network", "kernel"])
def test_bandwidths_of_each_axis(method: str, tmp_path: Path) -> None:
    """As the tuner may choose them."""
    settings = FitSettings(
        simulate="ct:10",
        method=method,
        out=str(tmp_path / "x.safetensors"),
        encoding=EncodingSpec("gaussian", (3.0, 2.0), 8),
        **({"steps": 3, "width": 8} if method == "network" else {}),
    )
    result = run_fit(phantom().astype(np.float32), settings).to_json()
    encoding = json.loads(json.dumps(result["encoding"]))
    assert (encoding["bandwidth"], encoding["bandwidth_per_sample"]) == ([3.0, 2.0], [3 / 16, 2 / 16])
    assert any("3×2 cycles per unit" in line for line in summary_lines(result))
    again = fourierfield.load(tmp_path / "x.safetensors").record
    assert again["encoding"] == encoding


def test_options_of_scans(run: Callable, sinogram: Path, tmp_path: Path) -> None:
    np.savetxt(tmp_path / "angles.txt", np.arange(0, 360, 30))
    options = ("--angles", tmp_path / "angles.txt", "--centre", 7.5, "--fan", "40,60", "--spacing", 0.5)
    result = json.loads(run("fit", sinogram, "--as", "ct", *options, "--json").out)
    signal = result["signal"]
    assert (signal["beam"], signal["centre"], signal["units"]) == ("fan", 7.5, ["mm", "mm"])
    assert signal["extent"] == pytest.approx([16 * 0.5 * 40 / 60] * 2)


def test_complex_fields(run: Callable, kspace: Path, tmp_path: Path) -> None:
    """An array of complex numbers is k-space without being asked; its field is drawn by magnitude."""
    result = json.loads(run("fit", kspace, "--uncertainty", "--json").out)
    assert (result["signal"]["kind"], result["signal"]["channels"]) == ("mri", 2)
    for words in (("m.npy",), ("m.png",), ("big.png", "--size", "32x24"), ("sd.png", "--uncertainty"), ("m.nii",)):
        ended = run("render", "k.safetensors", *words)
        assert ended.status == 0, ended.err
    drawn, field = np.load("m.npy"), fourierfield.load("k.safetensors")
    assert (drawn.dtype, drawn.shape) == (np.complex64, (16, 16))
    assert np.abs(drawn - phantom() * np.exp(1j * np.linspace(0, 2, 16))).max() < 0.15
    peak = field.value_range.common[1]
    with Image.open("m.png") as image:
        shown = np.asarray(image) / 65535
    assert shown.shape == (16, 16)
    assert np.allclose(shown, np.minimum(np.abs(drawn) / peak, 1), atol=1e-3)
    with Image.open("sd.png") as image:
        found = np.asarray(image) / 65535 * peak
    places = field.domain.grid((16, 16)).coordinates(np.arange(256))
    deviations = np.linalg.norm(field.deviation(places), axis=1).reshape(16, 16)  # type: ignore[union-attr]
    assert np.allclose(found, np.minimum(deviations, peak), atol=1e-3 * peak)
    with Image.open("big.png") as image:
        assert image.size == (24, 32)
    (tmp_path / "at.csv").write_text("y,x\n0.5,0.5\n")
    assert run("render", "k.safetensors", "at_out.csv", "--at", tmp_path / "at.csv", "--uncertainty").status == 0
    header, row = Path("at_out.csv").read_text().splitlines()
    assert header == "y,x,value0,value1,value0_sd,value1_sd"
    assert np.allclose([float(cell) for cell in row.split(",")][2:4], field(np.array([[0.5, 0.5]]))[0], rtol=1e-6)


def test_uncertainty_has_to_be_asked_for(run: Callable, photo: Path) -> None:
    options = ("--simulate", "ct:8", "--bandwidth", 2)
    run("fit", photo, *options)
    ended = run("render", "photo.safetensors", "sd.png", "--uncertainty")
    assert ended.status == 2
    assert "fit again with --uncertainty" in ended.err
    assert not Path("sd.png").exists()
    run("fit", photo, *options, "--uncertainty")
    assert run("render", "photo.safetensors", "sd.png", "--uncertainty").status == 0


def test_slices_are_a_volume(run: Callable, tmp_path: Path) -> None:
    np.save(tmp_path / "stack.npy", np.random.default_rng(0).random((4, 3, 6)).astype(np.float32))
    words = ("fit", tmp_path / "stack.npy", "--as", "ct", "--centre", 2.5, "--bandwidth", 2, "--json")
    result = json.loads(run(*words).out)
    assert result["signal"]["slices"] == 3
    assert run("render", "stack.safetensors", "v.npy").status == 0
    assert np.load("v.npy").shape == (3, 6, 6)
    assert run("render", "stack.safetensors", "s.png", "--window", "1voxel,:,:").status == 0
    one = json.loads(run(*words, "--slice", 1).out)
    assert one["signal"]["slices"] == 1


def test_resuming(run: Callable, photo: Path) -> None:
    options = ("--simulate", "ct:8", "--bandwidth", 2, "--json")
    run("fit", photo, *options)
    before = Path("photo.safetensors").read_bytes()
    again = run("fit", photo, *options, "--resume")
    assert again.status == 0
    assert json.loads(again.out)["already_finished"]
    assert Path("photo.safetensors").read_bytes() == before
    other = run("fit", photo, *options, "--resume", "--seed", 5)
    assert other.status == 2
    assert "another run" in other.err


def test_the_same_fit_from_python(run: Callable, photo: Path, tmp_path: Path) -> None:
    run("fit", photo, "--simulate", "mri:0.5:0.1", "--seed", 4)
    fourierfield.fit(photo, simulate="mri:0.5:0.1", seed=4, out=tmp_path / "p.safetensors")
    assert Path("photo.safetensors").read_bytes() == (tmp_path / "p.safetensors").read_bytes()


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--simulate", "nonsense"), "--simulate nonsense is none of ct:ANGLES"),
        (("--simulate", "ct:2.5"), "whole number of angles"),
        (("--simulate", "mri:0"), "above 0"),
        (("--simulate", "mri:0.5", "--hold-out", "grid"), "of k-space use random:0.1"),
        (("--simulate", "mri:0.5", "--angles", "0:90"), "--angles is for scans from files"),
        (("--simulate", "ct:8", "--method", "network", "--uncertainty"), "a network does not know it"),
        (("--simulate", "ct:8", *FAST, "--uncertainty"), "a network does not know it"),
        (("--simulate", "ct:1"), "single projection"),
        (("--simulate", "ct:8", "--report", "page.html"), "not for CT scans (it draws what training does"),
        (("--simulate", "ct:8", "--encoding", "none", "--method", "kernel"), "needs one"),
        (("--simulate", "ct:8", "--bandwidth", "3Hz"), "measured in px"),
        (("--simulate", "ct:8", "--fan", "3,4"), "within the image"),
        (("--simulate", "ct:8", "--as", "mri"), "does not go with"),
        (("--maps", "nowhere.npy"), "--maps nowhere.npy is not a file"),
        (("--angles", "0:90"), "--angles is for CT scans"),
        (("--uncertainty",), "--uncertainty is for CT scans and MRI scans, not for pictures"),
        (("--fan", "3"), "not two distances"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_options_that_cannot_be(run: Callable, photo: Path, options: tuple, reason: str) -> None:
    refused(run("fit", photo, "--json", *options), reason)


def test_options_that_do_not_go_with_the_file(run: Callable, sinogram: Path, kspace: Path, tmp_path: Path) -> None:
    np.savetxt(tmp_path / "few.txt", np.arange(5))
    np.save(tmp_path / "mask.npy", np.ones((3, 3), bool))
    for words, reason in [
        ((sinogram, "--as", "ct", "--angles", tmp_path / "few.txt"), "angle"),
        ((sinogram, "--as", "ct", "--slice", 4), "--slice 4"),
        ((sinogram, "--as", "ct", "--centre", 40), "--centre"),
        ((sinogram, "--as", "ct", "--mask", tmp_path / "mask.npy"), "--mask is for MRI scans"),
        ((sinogram, "--as", "mri"), "real where complex is needed"),
        ((kspace, "--as", "ct"), "complex where real is needed"),
        ((kspace, "--mask", tmp_path / "mask.npy"), "mask"),
        ((kspace, "--hold-out", "grid"), "of k-space use random:0.1"),
        ((kspace, "--maps", tmp_path / "absent.npy"), "is not a file"),
        ((kspace, "--spacing", 2.0), "--spacing is for CT scans"),
    ]:
        refused(run("fit", *words), reason)


SMALL = ("--width", 16, "--depth", 2, "--features", 16, "--steps", 20)


@pytest.fixture
def larger(tmp_path: Path) -> Path:
    path = tmp_path / "larger.png"
    Image.fromarray((255 * phantom(24)).astype(np.uint8)).save(path)
    return path


def test_tune_chooses_by_what_a_kernel_finds(run: Callable, larger: Path) -> None:
    options = ("--simulate", "ct:16", *SMALL, "--encoding", "gaussian", "--json")
    ended = run("tune", larger, *options)
    assert ended.status == 0, ended.err
    found = json.loads(ended.out)
    assert found["choice"]["family"] == "gaussian"
    assert found["choice"]["bandwidth_per_sample"] == pytest.approx(found["choice"]["bandwidth"] / 24)
    assert any("kernel finds" in note for note in found["notes"])
    assert os.listdir() == []
    lines = run("tune", larger, *options[:-1]).out
    assert "take      gaussian" in lines
    assert "note      forecasts are those of fits to the image that a kernel finds" in lines


def test_tune_is_what_a_fit_by_network_takes(run: Callable, larger: Path) -> None:
    options = ("--simulate", "mri:0.4", *SMALL, "--encoding", "gaussian", "--json")
    tuned = json.loads(run("tune", larger, *options).out)["choice"]
    fitted = json.loads(run("fit", larger, *options).out)["encoding"]
    assert (tuned["family"], tuned["bandwidth"]) == (fitted["family"], fitted["bandwidth"])


def test_spectrum_of_a_scan(run: Callable, larger: Path, kspace: Path) -> None:
    ended = run("spectrum", larger, "--simulate", "ct:16", "--json", "--encoding", "gaussian:3", "--steps", 50)
    found = json.loads(ended.out)
    assert found["signal"]["shape"] == [24, 24]
    assert found["steps"] == 50
    assert "that a kernel finds" in ended.err
    assert sum(band["energy_share"] for band in found["bands"]) == pytest.approx(1)
    assert os.listdir() == ["larger-spectrum.png"]
    complex_one = json.loads(run("spectrum", kspace, "--json", "--steps", 30, "--encoding", "basic").out)
    assert complex_one["signal"]["channels"] == 2


@pytest.mark.parametrize("command", ["tune", "spectrum"])
@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--angles", "0:180"), "--angles is for CT scans"),
        (("--as", "ct"), "not a CT scan"),
        (("--simulate", "pet:3"), "--simulate pet:3"),
    ],
)
def test_what_cannot_be_looked_at(run: Callable, larger: Path, command: str, options: tuple, reason: str) -> None:
    refused(run(command, larger, *options), reason)


def test_nothing_is_left_to_choose(run: Callable, larger: Path, tmp_path: Path) -> None:
    tiny = tmp_path / "tiny.npy"
    np.save(tiny, phantom(12).astype(np.float32))
    refused(run("tune", larger, "--simulate", "ct:16", "--encoding", "basic"), "nothing is left to choose")
    refused(run("tune", tiny, "--simulate", "ct:16"), "144", "256")


def test_either_word_says_what_the_values_are(run: Callable, tmp_path: Path) -> None:
    rays = np.exp(-((np.arange(60) - 30.0) ** 2) / 60) * np.ones((20, 1))
    np.save(tmp_path / "s.npy", 100 * np.exp(-rays))
    for words, taken in (((), True), (("--transmission",), True), (("--line-integrals",), False)):
        ended = run("fit", tmp_path / "s.npy", "--as", "ct", *words)
        assert ended.status == 0
        assert ("taken for transmission" in ended.err) is taken
