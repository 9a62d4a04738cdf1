"""Fits with a page beside the field."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import fourierfield
from fourierfield.errors import SettingsError
from fourierfield.report._fitted import fit_and_report
from fourierfield.tasks._settings import FitSettings

SMALL = {"steps": 30, "width": 24, "features": 16, "bandwidth": 2.0, "hold_out": "grid"}


def test_from_python(tmp_path: Path, smooth_image: np.ndarray) -> None:
    field = fourierfield.fit(smooth_image, report=tmp_path / "page.html", **SMALL)
    page = (tmp_path / "page.html").read_text()
    assert f"{field.record['metrics']['held_out_psnr_db']:.1f}" in page
    assert "<span>fourierfield.fit(array,</span> <span>bandwidth=2.0,</span>" in page


def test_the_field_has_the_same_bytes_with_and_without(tmp_path: Path, photo_file: Path) -> None:
    contents = []
    for name, report in (("a", None), ("b", tmp_path / "page.html")):
        out = tmp_path / f"{name}.safetensors"
        outcome = fit_and_report(photo_file, FitSettings(out=out, report=report, **SMALL))
        contents.append(out.read_bytes())
        assert outcome.report == (None if report is None else str(report))
        assert ("report" in outcome.seconds) == (report is not None)
    assert contents[0] == contents[1]


def test_a_finished_field_gets_its_page_too(tmp_path: Path, photo_file: Path) -> None:
    out, page = tmp_path / "f.safetensors", tmp_path / "page.html"
    fit_and_report(photo_file, FitSettings(out=out, **SMALL))
    outcome = fit_and_report(photo_file, FitSettings(out=out, report=page, resume=True, **SMALL))
    assert outcome.already_finished
    text = page.read_text()
    assert "finished before this page was asked for" in text
    assert "measured" in text


@pytest.mark.parametrize("name", ["photo.png", "f.safetensors", "f.safetensors.checkpoint", "nowhere/page.html", "."])
def test_what_cannot_be_written_is_refused_before_the_fit(tmp_path: Path, photo_file: Path, name: str) -> None:
    before = photo_file.read_bytes()
    with pytest.raises(SettingsError):
        fit_and_report(
            photo_file, FitSettings(out=tmp_path / "f.safetensors", report=photo_file.parent / name, **SMALL)
        )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["photo.png"]
    assert photo_file.read_bytes() == before
