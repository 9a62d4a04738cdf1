"""Volumes and films on the command line: from a file to one of the same kind."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import nibabel
import numpy as np
import pytest
import soundfile
from PIL import Image

from fourierfield.grids._arrays import as_video
from fourierfield.kinds._read import read
from fourierfield.kinds.volumes._files import write_volume


def size(picture: str) -> tuple[int, int]:
    with Image.open(picture) as image:
        return image.size


FAST = ("--steps", 20, "--width", 16, "--features", 16)
AFFINE = np.array([[2.0, 0, 0, -10], [0, 0, 1.5, 20], [0, -1.5, 0, 30], [0, 0, 0, 1]])


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    axes = np.meshgrid(*[np.linspace(0, 1, n) for n in (12, 14, 10)], indexing="ij")
    values = 900 * np.exp(-8 * sum((axis - 0.5) ** 2 for axis in axes))
    image = nibabel.Nifti1Image(values.astype(np.int16), AFFINE)
    image.header.set_xyzt_units("mm", "sec")
    nibabel.save(image, tmp_path / "scan.nii.gz")
    return tmp_path / "scan.nii.gz"


@pytest.fixture
def film(tmp_path: Path) -> Path:
    t, y, x = np.mgrid[:10, :16, :24]
    frames = np.clip(128 + 100 * np.sin(0.4 * x - 0.5 * t) * np.cos(0.3 * y), 0, 255).astype(np.uint8)
    signal = as_video(np.repeat(frames[..., None], 3, -1), rate=10)
    write_volume(tmp_path / "film.mp4", signal.values, signal.description, signal.domain, signal.grid)
    return tmp_path / "film.mp4"


def test_a_scan_comes_back_with_its_affine(run: Callable, scan: Path) -> None:
    ended = run("fit", scan, "--hold-out", "grid", *FAST, "--json")
    result = json.loads(ended.out)
    assert result["signal"]["kind"] == "volume"
    assert result["signal"]["units"] == ["mm"] * 3
    assert result["baselines"]["cubic_psnr_db"] > 20
    assert result["forecast"]["held_out_psnr_db"] > 0
    assert result["field"] == "scan.safetensors"
    assert run("render", "scan.safetensors", "again.nii.gz").status == 0
    before, after = nibabel.load(scan), nibabel.load("again.nii.gz")
    np.testing.assert_array_equal(after.affine, before.affine)
    assert after.get_data_dtype() == before.get_data_dtype()
    assert run("render", "scan.safetensors", "fine.nii", "--size", "24x28x20").status == 0
    np.testing.assert_allclose(nibabel.load("fine.nii").header.get_zooms(), (1.0, 0.75, 0.75))
    assert "12 px" not in run("info", "scan.safetensors").out


def test_kernels_fit_scans_too(run: Callable, scan: Path) -> None:
    result = json.loads(run("fit", scan, "--method", "kernel", "--hold-out", "grid", "--json").out)
    assert result["metrics"]["held_out_psnr_db"] > 30
    run("render", "scan.safetensors", "again.nii.gz")
    truth, found = nibabel.load(scan).get_fdata(), nibabel.load("again.nii.gz").get_fdata()
    np.testing.assert_allclose(found, truth, atol=60)


def test_slices_are_pictures(run: Callable, scan: Path) -> None:
    run("fit", scan, *FAST, "--bandwidth", 2)
    middle = run("render", "scan.safetensors", "slice.png", "--scale", 2)
    assert "--window :,:,5voxel" in middle.err
    assert size("slice.png") == (24, 28)  # columns along the first axis
    run("render", "scan.safetensors", "same.png", "--scale", 2, "--window", ":,:,5voxel")
    assert Path("same.png").read_bytes() == Path("slice.png").read_bytes()
    run("render", "scan.safetensors", "other.png", "--window", "6voxel,:,:", "--size", "7x5")
    assert size("other.png") == (7, 5)
    refused = run("render", "scan.safetensors", "line.png", "--window", "6voxel,:,2voxel")
    assert (refused.status, Path("line.png").exists()) == (2, False)
    assert "a picture shows a plane" in refused.err
    assert run("render", "scan.safetensors", "scan.mp4").status == 2


def test_a_film_at_another_rate(run: Callable, film: Path) -> None:
    result = json.loads(run("fit", film, *FAST, "--bandwidth", 2, "--json").out)
    assert result["signal"]["kind"] == "video"
    assert result["signal"]["units"] == ["s", "px", "px"]
    run("render", "film.safetensors", "slow.mp4", "--size", "20x16x24")
    assert read("slow.mp4").shape == (20, 16, 24)
    assert read("slow.mp4").domain.extent[0] == pytest.approx(1.0)
    run("render", "film.safetensors", "frame.png", "--window", "0.55s,:,:")
    assert size("frame.png") == (24, 16)
    run("render", "film.safetensors", "film.gif")
    assert read("film.gif").shape == (10, 16, 24)


def test_gaps_are_filled_and_nothing_else_is_touched(run: Callable) -> None:
    time = np.arange(2000) / 8000
    clean = (0.5 * np.sin(2 * np.pi * 300 * time)).astype(np.float32)
    damaged = clean.copy()
    damaged[900:908] = 0.9
    soundfile.write("tone.wav", damaged, 8000, subtype="PCM_16")
    run("fit", "tone.wav", "--missing", "0.1125:0.1135s", "--method", "kernel")
    assert run("render", "tone.safetensors", "whole.wav", "--fill", "tone.wav").status == 0
    before, after = soundfile.read("tone.wav")[0], soundfile.read("whole.wav")[0]
    elsewhere = np.r_[:900, 908:2000]
    np.testing.assert_array_equal(after[elsewhere], before[elsewhere])
    assert np.abs(after[900:908] - clean[900:908]).max() < 0.1
    for words, reason in [
        (("--fill", "tone.wav", "--scale", 2), "leave --scale out"),
        (("--fill", "absent.wav"), "absent.wav"),
    ]:
        refused = run("render", "tone.safetensors", "no.wav", *words)
        assert refused.status == 2
        assert reason in refused.err
    run("fit", "tone.wav", "--method", "kernel", "--out", "all.safetensors")
    assert "no sample is missing" in run("render", "all.safetensors", "no.wav", "--fill", "tone.wav").err
    assert "measured in s" in run("fit", "tone.wav", "--missing", "1:2px").err
    assert not Path("no.wav").exists()
