"""Bad input: one line that says what and why, exit status 2, nothing written."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

SMALL = ("--steps", 5, "--width", 8, "--features", 4, "--bandwidth", 2)

FIT_OPTIONS = [
    (("--steps", -1), "--steps"),
    (("--steps", "many"), "--steps"),
    (("--steps", "1.5"), "--steps"),
    (("--width", 0), "--width"),
    (("--depth", -3), "--depth"),
    (("--features", 0), "--features"),
    (("--features", 10**12), "GB"),
    (("--width", 10**7), "GB"),
    (("--batch-size", 0), "--batch-size"),
    (("--learning-rate", "nan"), "--learning-rate"),
    (("--learning-rate", -0.1), "--learning-rate"),
    (("--bandwidth", -4), "--bandwidth"),
    (("--bandwidth", "wide"), "--bandwidth"),
    (("--bandwidth", "440Hz"), "measured in px"),
    (("--encoding", "wavelet"), "--encoding"),
    (("--encoding", "none", "--bandwidth", 3), "no bandwidth"),
    (("--encoding", "positional", "--features", 7), "not a multiple"),
    (("--hold-out", "half"), "--hold-out"),
    (("--hold-out", "random:2"), "between 0 and 1"),
    (("--preset", "fast"), "--preset"),
    (("--method", "magic"), "--method"),
    (("--device", "tpu"), "--device"),
    (("--precision", "int4"), "--precision"),
    (("--seed", -1), "--seed"),
    (("--time", 0), "--time"),
    (("--time", 5, "--steps", 5), "exclude"),
    (("--as", "smell"), "--as"),
    (("--out", "absent/f.safetensors"), "does not exist"),
    (("--out", "."), "is a folder"),
    (("--frequency", 3), "--frequency"),
]


def refused(ended, *parts: str) -> None:  # type: ignore[no-untyped-def]
    assert ended.status == 2, ended
    assert ended.out == ""
    lines = ended.err.strip().splitlines()
    assert len(lines) == 1, ended.err
    for part in parts:
        assert part in lines[0]
    assert "Traceback" not in ended.err


@pytest.mark.parametrize(("options", "reason"), FIT_OPTIONS, ids=lambda value: str(value)[:40])
def test_options_that_cannot_be(run: Callable, photo_file: Path, options: tuple, reason: str) -> None:
    refused(run("fit", photo_file, "--json", *options), reason)
    assert os.listdir() == []


def test_files_that_cannot_be_fitted(run: Callable, tmp_path: Path, photo_file: Path) -> None:
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "cut.png").write_bytes(photo_file.read_bytes()[:100])
    (tmp_path / "text.png").write_text("no image")
    np.save(tmp_path / "nan.npy", np.full((3, 3), np.nan))
    np.save(tmp_path / "inf.npy", np.full((3, 3), np.inf))
    np.save(tmp_path / "zero.npy", np.zeros((0, 3)))
    for name in ("empty.png", "cut.png", "text.png", "nan.npy", "inf.npy", "zero.npy", "absent.png"):
        refused(run("fit", tmp_path / name), name)
    (tmp_path / "bare").mkdir()
    refused(run("fit", tmp_path / "bare"), "is a folder")
    assert os.listdir() == []


def test_a_signal_is_never_overwritten_by_its_field(run: Callable, photo_file: Path) -> None:
    before = photo_file.read_bytes()
    refused(run("fit", photo_file, "--out", photo_file), "overwrite")
    assert photo_file.read_bytes() == before


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_folder_that_cannot_be_written(run: Callable, tmp_path: Path, photo_file: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    refused(run("fit", photo_file, "--out", locked / "f.safetensors"), "permission")


def test_render_and_info(run: Callable, photo_file: Path) -> None:
    run("fit", photo_file, "--out", "f.safetensors", *SMALL)
    Path("cut.safetensors").write_bytes(Path("f.safetensors").read_bytes()[:500])
    Path("words.csv").write_text("y,x\na,b\n")
    Path("three.csv").write_text("1,2,3\n")
    before = sorted(os.listdir())
    for words, reason in [
        (("render", "absent.safetensors", "o.png"), "does not exist"),
        (("render", "cut.safetensors", "o.png"), "cut off"),
        (("render", photo_file, "o.png"), "is a picture (PNG), not a field; fit it first: fourierfield fit "),
        (("info", photo_file), "is a picture (PNG), not a field; fit it first: fourierfield fit "),
        (("info", "words.csv"), "another kind of file"),
        (("render", "f.safetensors", "o.xyz"), ".xyz"),
        (("render", "f.safetensors", "o"), "(none)"),
        (("render", "f.safetensors", "absent/o.png"), "does not exist"),
        (("render", "f.safetensors", "o.png", "--size", "0x4"), "--size"),
        (("render", "f.safetensors", "o.png", "--size", "4"), "--size"),
        (("render", "f.safetensors", "o.png", "--size", "9000000x9000000"), "GB"),
        (("render", "f.safetensors", "o.png", "--scale", 0), "--scale"),
        (("render", "f.safetensors", "o.png", "--scale", 2, "--size", "4x4"), "exclude"),
        (("render", "f.safetensors", "o.png", "--window", "0:1"), "--window"),
        (("render", "f.safetensors", "o.png", "--window", "1:0,0:1"), "below"),
        (("render", "f.safetensors", "o.png", "--window", "a:b,c:d"), "--window"),
        (("render", "f.safetensors", "o.png", "--gradient"), "--at"),
        (("render", "f.safetensors", "o.png", "--at", "three.csv"), ".csv"),
        (("render", "f.safetensors", "o.csv", "--at", "absent.csv"), "cannot be read"),
        (("render", "f.safetensors", "o.csv", "--at", "words.csv"), "number"),
        (("render", "f.safetensors", "o.csv", "--at", "three.csv"), "2 finite coordinates"),
        (("info", "cut.safetensors"), "cut off"),
        (("info",), "Missing"),
        (("smell",), "smell"),
    ]:
        refused(run(*words), reason)
    assert sorted(os.listdir()) == before


def test_debug_shows_the_traceback(run: Callable, tmp_path: Path) -> None:
    ended = run("fit", tmp_path / "absent.png", "--debug")
    assert ended.status == 2
    assert "Traceback" in ended.err
