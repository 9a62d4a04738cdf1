"""``fit --report``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

SMALL = ("--steps", 20, "--width", 16, "--features", 8, "--bandwidth", 2)


def test_the_page_is_written_and_named(run: Callable, photo_file: Path) -> None:
    ended = run("fit", photo_file, "--report", "page.html", "--json", *SMALL)
    assert ended.status == 0, ended.err
    result = json.loads(ended.out)
    assert result["report"] == "page.html"
    assert result["seconds"]["report"] > 0
    assert result["seconds"]["total"] >= result["seconds"]["report"] + result["seconds"]["fit"]
    page = Path("page.html").read_text()
    assert "fourierfield fit" in "".join(page.replace("<span>", "").replace("</span>", ""))
    assert f"Fit of {photo_file}" in page


def test_people_are_told_where_it_is(run: Callable, photo_file: Path) -> None:
    ended = run("fit", photo_file, "--report", "page.html", *SMALL)
    assert "report    page.html" in ended.out
    assert "drawing page.html" in ended.err


def test_without_the_option_there_is_none(run: Callable, photo_file: Path) -> None:
    result = json.loads(run("fit", photo_file, "--json", *SMALL).out)
    assert result["report"] is None
    assert "report" not in result["seconds"]
    assert not list(Path().glob("*.html"))


def test_a_finished_field(run: Callable, photo_file: Path) -> None:
    run("fit", photo_file, *SMALL)
    ended = run("fit", photo_file, "--report", "page.html", "--resume", *SMALL)
    assert ended.status == 0, ended.err
    assert "already finished" in ended.out
    assert Path("page.html").exists()


def test_a_table_has_no_page_and_is_not_fitted_for_one(run: Callable, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("x,y,v\n" + "".join(f"{i},{i * i % 7},{i}\n" for i in range(9)))
    ended = run("fit", table, "--report", "page.html")
    assert ended.status == 2
    assert ended.err.startswith("error: --report is for pictures, sound, series, volumes and films, not for tables")
    assert len(ended.err.splitlines()) == 1
    assert ended.out == ""
    assert not list(Path().iterdir())


@pytest.mark.parametrize("page", ["nowhere/page.html", "photo.safetensors", "SIGNAL", "."])
def test_refused_in_one_line_before_any_training(run: Callable, photo_file: Path, page: str) -> None:
    before = photo_file.read_bytes()
    ended = run("fit", photo_file, "--report", photo_file if page == "SIGNAL" else page, *SMALL)
    assert ended.status == 2
    assert len(ended.err.splitlines()) == 1
    assert ended.out == ""
    assert not list(Path().iterdir())
    assert photo_file.read_bytes() == before
