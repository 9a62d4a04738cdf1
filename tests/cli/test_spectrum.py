"""``fourierfield spectrum``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image


def test_it_draws_and_says_what_is_learned(run, photo_file: Path) -> None:  # type: ignore[no-untyped-def]
    ended = run("spectrum", photo_file, "--steps", 200)
    assert ended.status == 0
    assert "photo-spectrum.png" in ended.out
    assert "learns up to" in ended.out
    with Image.open("photo-spectrum.png") as picture:
        assert picture.width > picture.height > 300


def test_json_is_one_object_with_every_band(run, photo_file: Path) -> None:  # type: ignore[no-untyped-def]
    ended = run(
        "spectrum", photo_file, "--json", "--steps", 200, "--encoding", "gaussian:3", "--encoding", "positional:0.2/px"
    )
    result = json.loads(ended.out)
    assert result["steps"] == 200
    assert [e["family"] for e in result["encodings"]] == ["gaussian", "positional"]
    assert result["encodings"][1]["bandwidth_per_sample"] == pytest.approx(0.2)
    count = len(result["bands"])
    for found in result["encodings"]:
        for name in ("eigenvalues", "decay_times", "decay_steps", "energy_left"):
            assert len(found[name]) == count
        assert found["forecast"]["train_psnr_db"] > 10
    assert sum(band["energy_share"] for band in result["bands"]) == pytest.approx(1)


def test_a_larger_bandwidth_reaches_higher(run, photo_file: Path) -> None:  # type: ignore[no-untyped-def]
    ended = run("spectrum", photo_file, "--json", "--steps", 60, "--encoding", "basic", "--encoding", "gaussian:8")
    basic, gaussian = json.loads(ended.out)["encodings"]
    assert gaussian["reaches"] > basic["reaches"]


def test_without_mapping_the_route_is_dense_and_reaches_little(run, photo_file: Path) -> None:  # type: ignore[no-untyped-def]
    ended = run("spectrum", photo_file, "--json", "--steps", 60, "--encoding", "none", "--encoding", "gaussian:4")
    none, mapped = json.loads(ended.out)["encodings"]
    assert none["reaches"] < mapped["reaches"]
    assert none["forecast"]["train_psnr_db"] < mapped["forecast"]["train_psnr_db"] - 3


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--encoding", "wavelet"), "--encoding"),
        (("--encoding", "gaussian:many"), "--bandwidth"),
        (("--encoding", "gaussian:3", "--features", 10**12), "GB"),
        (("--steps", 0), "--steps"),
        (("--out", "picture.jpg"), ".png"),
        (("--out", "nowhere/picture.png"), "nowhere"),
    ],
)
def test_bad_input_is_refused(run, photo_file: Path, options: tuple, says: str) -> None:  # type: ignore[no-untyped-def]
    ended = run("spectrum", photo_file, *options)
    assert ended.status == 2
    assert says in ended.err
    assert len(ended.err.strip().splitlines()[-1]) > 10
    assert "Traceback" not in ended.err
    assert not list(Path.cwd().iterdir())
