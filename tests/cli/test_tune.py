"""``fourierfield tune`` from the outside."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fourierfield.cli._app import main

SMALL = ["--width", "16", "--depth", "2", "--features", "16", "--steps", "20"]


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    y, x = np.mgrid[0:36, 0:44] / 44
    path = tmp_path / "picture.png"
    Image.fromarray((127 + 90 * np.sin(20 * x + 9 * y * y)).astype(np.uint8)).save(path)
    return path


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr("sys.argv", ["fourierfield", "tune", *map(str, arguments)])
    with pytest.raises(SystemExit) as end:
        main()
    return int(end.value.code or 0)


def test_json_has_ranked_candidates_and_the_choice(
    picture: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, picture, *SMALL, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    candidates = found["candidates"]
    assert len(candidates) >= 40
    assert len({candidate["family"] for candidate in candidates}) >= 4
    assert candidates[0] == found["choice"]
    rest = [candidate["held_out_psnr_db"] for candidate in candidates[1:]]
    assert rest == sorted(rest, reverse=True)
    equals = [c["held_out_psnr_db"] for c in candidates if c["family"] not in ("none", "basic")]  # those are less sure
    assert candidates[0]["held_out_psnr_db"] >= max(equals) - 0.16  # within what makes no matter
    needed = {"family", "bandwidth", "features", "held_out_psnr_db", "train_psnr_db", "seconds", "steps"}
    assert all(needed <= set(candidate) for candidate in candidates)
    assert found["seconds"] > 0
    assert {translation["package"] for translation in found["translations"]} >= {"nerfstudio", "tiny-cuda-nn", "SIREN"}
    bandwidth = found["choice"]["bandwidth"]
    if isinstance(bandwidth, float):
        assert found["choice"]["bandwidth_per_sample"] == pytest.approx(bandwidth / 44)


def test_text_names_the_choice_and_draws_the_search(
    picture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plot = tmp_path / "candidates.png"
    assert run(monkeypatch, picture, *SMALL, "--encoding", "gaussian", "--plot", plot) == 0
    text = capsys.readouterr().out
    assert "take      gaussian" in text
    assert "Nyquist" in text
    assert "nothing was trained" in text
    with Image.open(plot) as image:
        assert image.width > 300


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--encoding", "none"], "nothing is left to choose"),
        (["--encoding", "sine"], "not known"),
        (["--plot", "x.jpg"], "PNG"),
        (["--plot", "no/such/folder/x.png"], "does not exist"),
        (["--steps", "0"], "1 or more"),
    ],
)
def test_bad_input_is_one_line(
    arguments: list[str],
    said: str,
    picture: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(monkeypatch, picture, *arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err
    assert captured.err.startswith("error: ")


def test_a_signal_too_small_to_divide_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny = tmp_path / "tiny.png"
    Image.fromarray(np.eye(8, dtype=np.uint8) * 255).save(tiny)
    assert run(monkeypatch, tiny) == 2
    assert "64 training samples" in capsys.readouterr().err
