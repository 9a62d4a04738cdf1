"""Nothing of the user's is lost: inputs are not written over, and a fit does not fail at its end."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import fourierfield

SMALL = ("--steps", 3, "--width", 8, "--features", 4, "--bandwidth", 2)


def content(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize(
    "words",
    [
        ("fit", "frames", *SMALL, "--out", "frames/1.png"),
        ("fit", "k.cfl", "--out", "k.hdr"),
        ("fit", "s.npy", "--as", "ct", "--angles", "a.txt", "--out", "a.txt"),
        ("fit", "photo.png", *SMALL, "--report", "photo.png"),
        ("fit", "p.checkpoint", *SMALL, "--out", "p"),
        ("fit", "photo.png", *SMALL, "--out", "q"),
        ("render", "f.safetensors", "p.csv", "--at", "p.csv"),
        ("render", "f.png", "f.png"),
        ("render", "f.safetensors", "photo.png", "--fill", "photo.png"),
        ("tune", "frames", "--plot", "frames/1.png"),
        ("spectrum", "photo.png", "--out", "photo.png"),
    ],
    ids=lambda words: " ".join(map(str, words)),
)
def test_inputs_are_not_written_over(run: Callable, photo_file: Path, field_file: Path, words: tuple) -> None:
    here = Path.cwd()
    shutil.copy(photo_file, "photo.png")
    shutil.copy(photo_file, "p.checkpoint")
    Path("q.checkpoint").write_text("notes of someone else")
    Path("frames").mkdir()
    for k in range(2):
        shutil.copy(photo_file, f"frames/{k}.png")
    Path("k.cfl").write_bytes(np.ones(64, "<c8").tobytes())
    Path("k.hdr").write_text("# Dimensions\n8 8\n")
    np.save("s.npy", np.ones((4, 8), np.float32))
    np.savetxt("a.txt", np.arange(4.0))
    Path("p.csv").write_text("y,x\n0.5,0.5\n")
    shutil.copy(field_file, "f.png")
    before = content(here)
    ended = run(*words)
    assert ended.status == 2, ended.err
    assert "overwrite" in ended.err
    assert content(here) == before


@pytest.mark.parametrize("size", [1e-11, 1e11, 1e-38])
@pytest.mark.parametrize("method", ["network", "kernel"])
def test_scores_do_not_depend_on_the_unit_of_values(tmp_path: Path, size: float, method: str) -> None:
    y, x = np.mgrid[:16, :20] / 20
    values = (np.sin(9 * x + 5 * y) + x).astype(np.float32)
    choices = {"steps": 5, "width": 8, "features": 4} if method == "network" else {}
    found = [
        fourierfield.fit(scale * values, method=method, bandwidth=2.0, out=tmp_path / "f.safetensors", **choices)
        for scale in (np.float32(1), np.float32(size))
    ]
    ours, theirs = (field.record["metrics"]["ssim"] for field in found)
    assert ours == pytest.approx(theirs, abs=1e-3)
    assert fourierfield.load(tmp_path / "f.safetensors").record["metrics"]["ssim"] == theirs


def test_values_beyond_single_precision_are_refused_before_the_fit(run: Callable, tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([[-3e38, 3e38], [1.0, 2.0]], np.float32))
    ended = run("fit", tmp_path / "a.npy", *SMALL)
    assert ended.status == 2
    assert "spans more than 3.4e38" in ended.err


def test_a_score_that_is_not_finite_is_null(run: Callable, tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.full((9, 9), 7e30, np.float32))
    result = json.loads(run("fit", tmp_path / "a.npy", *SMALL, "--json").out)
    assert result["metrics"]["ssim"] is None
    assert Path("a.safetensors").exists()


def test_a_damaged_checkpoint_is_discarded_on_demand_alone(run: Callable, tmp_path: Path) -> None:
    Image.fromarray(np.arange(256, dtype=np.uint8).reshape(16, 16)).save(tmp_path / "a.png")
    Path("a.safetensors.checkpoint").write_bytes(b"\0" * 100)
    for words in ((), ("--resume",)):
        ended = run("fit", tmp_path / "a.png", *SMALL, *words)
        assert ended.status == 2
        assert "--restart" in ended.err
    assert Path("a.safetensors.checkpoint").read_bytes() == b"\0" * 100
    assert run("fit", tmp_path / "a.png", *SMALL, "--restart").status == 0
    assert not Path("a.safetensors.checkpoint").exists()
    assert "exclude each other" in run("fit", tmp_path / "a.png", *SMALL, "--restart", "--resume").err


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--steps", 10**12), "10,000,000 or less"),
        (("--depth", 10**9), "100 or less"),
        (("--width", 10**9), "GB are free"),
        (("--width", 10**15), "must be 1e+12 or less"),
        (("--bandwidth", "1e300"), "1e+300 cycles per unit is more"),
        (("--bandwidth", "1e300/px"), "cycles per unit is more"),
        (("--learning-rate", "1e300"), "1,000 or less"),
        (("--learning-rate", "nan"), "must be a positive number"),
        (("--time", "1e300"), "10,000,000 or less"),
    ],
)
def test_numbers_that_no_machine_takes(run: Callable, photo_file: Path, words: tuple, reason: str) -> None:
    ended = run("fit", photo_file, *words)
    assert ended.status == 2
    assert reason in ended.err
    assert list(Path.cwd().iterdir()) == []


@pytest.mark.parametrize("words", [("--scale", "1e9"), ("--scale", "1e300"), ("--size", f"{10**30}x2")])
def test_pictures_that_no_machine_draws(run: Callable, field_file: Path, words: tuple) -> None:
    ended = run("render", field_file, "o.png", *words)
    assert ended.status == 2
    assert "unexpected" not in ended.err
