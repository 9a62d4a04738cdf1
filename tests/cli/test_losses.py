"""Nothing of the user's is lost: inputs are not written over, and a fit does not fail at its end."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
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


def test_pipes_and_devices_are_refused_at_once(run: Callable, field_file: Path) -> None:
    os.mkfifo("pipe")
    for words in (
        ("fit", "pipe"),
        ("fit", "/dev/zero"),
        ("tune", "pipe"),
        ("render", "pipe", "a.png"),
        ("info", "pipe"),
        ("render", field_file, "a.csv", "--at", "pipe"),
        ("render", field_file, "a.png", "--fill", "pipe"),
    ):
        ended = run(*words)
        assert ended.status == 2
        assert "device or a pipe" in ended.err


@pytest.mark.parametrize("length", [245, 300])
def test_names_that_are_too_long_are_refused_before_training(run: Callable, photo_file: Path, length: int) -> None:
    for words in (("--out", "a" * length), ("--report", "a" * length)):
        ended = run("fit", photo_file, *SMALL, *words)
        assert ended.status == 2
        assert "choose a shorter name" in ended.err
        assert "step" not in ended.err
    assert run("fit", "a" * length).status == 2


def test_a_field_is_no_signal_and_no_picture(run: Callable, photo_file: Path, field_file: Path) -> None:
    for command in ("fit", "tune", "spectrum"):
        ended = run(command, field_file)
        assert ended.status == 2
        assert "is a field, not a signal; fourierfield render draws it" in ended.err
    ended = run("fit", photo_file, "--out", "a.png")
    assert ended.status == 2
    assert "a field is saved as .safetensors" in ended.err
    with pytest.raises(fourierfield.SettingsError, match=r"writes \.npy"):
        fourierfield.load(field_file).save("a.npy")


def test_names_are_printed_without_control_characters(run: Callable, photo_file: Path) -> None:
    for name in ("red\x1b[31m.png", "two\nlines.png", b"\xff.png".decode("utf-8", "surrogateescape")):
        shutil.copy(photo_file, name)
        for words in (("fit", name, *SMALL), ("info", f"{name[:-4]}.safetensors"), ("fit", f"{name}.not")):
            ended = run(*words)
            shown = ended.out + ended.err
            assert all(char.isprintable() or char == "\n" for char in shown)
            shown.encode("utf-8")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize(("to", "reason"), [("> /dev/full", "no space left"), (">&-", "is closed")])
def test_output_that_cannot_be_written_is_found_before_training(photo_file: Path, to: str, reason: str) -> None:
    program = "import sys; from fourierfield.cli import main; main()"
    words = [sys.executable, "-c", program, "fit", str(photo_file), *map(str, SMALL)]
    ended = subprocess.run(f"{shlex.join(words)} {to}", shell=True, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert reason in ended.stderr


def test_a_closed_standard_error_is_no_error(photo_file: Path, tmp_path: Path) -> None:
    program = "import sys; from fourierfield.cli import main; main()"
    out = ("--out", str(tmp_path / "f.safetensors"))
    words = [sys.executable, "-c", program, "fit", str(photo_file), *map(str, SMALL), *out]
    ended = subprocess.run(f"{shlex.join(words)} 2>&-", shell=True, capture_output=True, text=True, check=False)
    assert ended.returncode == 0
    assert "saved" in ended.stdout


def test_a_page_that_cannot_be_written_leaves_the_field(
    run: Callable, photo_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise fourierfield.SettingsError("cannot write page.html: No space left on device; free space")

    monkeypatch.setattr("fourierfield.report._fitted.write_page", refused)
    ended = run("fit", photo_file, *SMALL, "--report", "page.html", "--out", "f.safetensors")
    assert ended.status == 2
    assert "the field is saved: f.safetensors" in ended.err
    assert Path("f.safetensors").exists()
