"""fit as promised: what it prints, what it writes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from .conftest import SMALL


def test_fit_prints_one_json_object_and_nothing_else(run: Callable, photo_file: Path) -> None:
    ended = run("fit", photo_file, "--hold-out", "grid", "--seed", 0, "--json", *SMALL)
    assert ended.status == 0
    result = json.loads(ended.out)
    assert result["field"] == "photo.safetensors"
    assert Path("photo.safetensors").exists()
    assert result["metrics"]["held_out_psnr_db"] > 0
    assert result["forecast"]["train_psnr_db"] > 0
    assert "step 60/60" in ended.err


def test_fit_without_hold_out_has_no_held_out_score(run: Callable, photo_file: Path) -> None:
    result = json.loads(run("fit", photo_file, "--json", "--bandwidth", 2, *SMALL).out)
    assert result["metrics"]["held_out_psnr_db"] is None
    assert result["baselines"] == {}


def test_fit_for_people(run: Callable, photo_file: Path) -> None:
    ended = run("fit", photo_file, "--hold-out", "random:0.1", *SMALL)
    assert "held out" in ended.out
    assert "cubic interpolation" in ended.out
    assert "forecasts" in ended.out
    assert "photo.safetensors saved" in ended.out


def test_resume_of_a_finished_field_ends_well(run: Callable, photo_file: Path, field_file: Path) -> None:
    before = field_file.read_bytes()
    ended = run("fit", photo_file, "--hold-out", "grid", "--out", "f.safetensors", "--resume", "--json", *SMALL)
    assert ended.status == 0
    assert json.loads(ended.out)["already_finished"]
    assert field_file.read_bytes() == before
