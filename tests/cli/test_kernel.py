"""Kernel fits and tables on the command line, as a user would."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import fourierfield

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


def read_csv(path: Path | str) -> list[dict[str, float]]:
    with open(path, newline="") as file:
        return [{name: float(cell) for name, cell in row.items()} for row in csv.DictReader(file)]


def write_rows(path: Path, header: str, rows: object) -> Path:
    lines = [header, *(",".join(map(str, row)) for row in rows)]  # type: ignore[attr-defined]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def image_file(tmp_path: Path) -> Path:
    y, x = np.mgrid[:32, :40] / 40
    values = np.stack([0.5 + 0.4 * np.sin(9 * x + 4 * y), 0.5 + 0.3 * np.cos(12 * y * x), x], -1)
    path = tmp_path / "waves.png"
    Image.fromarray(np.round(255 * values).astype(np.uint8)).save(path)
    return path


@pytest.fixture
def stations_file(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    lon, lat = rng.uniform(-104, -94, 150), rng.uniform(27, 36, 150)
    temperature = 30 - 1.5 * (lat - 27) + np.sin(lon) + 0.1 * rng.standard_normal(150)
    rows = [(f"S{i}", *row) for i, row in enumerate(np.stack([lon, lat, temperature, lat * 0 + lon], 1).tolist())]
    return write_rows(tmp_path / "stations.csv", "station,lon,lat,temperature,other", rows)


TABLE = ("--outputs", "temperature")


def test_an_image_is_fitted_rendered_and_described(run: Callable, image_file: Path) -> None:
    result = json.loads(run("fit", image_file, "--method", "kernel", "--hold-out", "grid", "--json").out)
    assert result["method"] == "kernel"
    assert result["steps"] is None
    assert result["network"]["width"] is None
    assert result["encoding"]["features"] is None
    assert result["kernel"]["residual"] <= 1e-6
    assert result["metrics"]["held_out_psnr_db"] > 30
    assert result["metrics"]["train_psnr_db"] > 60
    assert 0.5 <= result["metrics"]["held_out_within_90"] <= 1
    assert set(result["seconds"]) == {"tune", "fit", "score", "total"}
    assert "cubic_psnr_db" in result["baselines"]
    assert result["forecast"]["held_out_psnr_db"] == pytest.approx(result["metrics"]["held_out_psnr_db"], abs=12)
    for words in (("waves2.png", "--scale", 2), ("w.tif", "--uncertainty"), ("e.npy", "--window", "4:12,3:9px")):
        ended = run("render", "waves.safetensors", *words)
        assert ended.status == 0, ended.err
    with Image.open("waves2.png") as drawn:
        assert drawn.size == (80, 64)
    described = run("info", "waves.safetensors")
    for part in ("NTK" if result["kernel"]["trained"] == "all" else "NNGP", "width infinite", "320 points"):
        assert part in described.out
    assert json.loads(run("info", "waves.safetensors", "--json").out)["method"] == "kernel"


def test_the_same_fit_gives_the_same_bytes_and_resuming_it_does_nothing(run: Callable, image_file: Path) -> None:
    run("fit", image_file, "--method", "kernel", "--bandwidth", "3", "--out", "a.safetensors")
    run("fit", image_file, "--method", "kernel", "--bandwidth", "3", "--out", "b.safetensors")
    assert Path("a.safetensors").read_bytes() == Path("b.safetensors").read_bytes()
    again = ("fit", image_file, "--method", "kernel", "--out", "a.safetensors", "--resume")
    ended = run(*again, "--bandwidth", "3", "--json")
    assert ended.status == 0
    assert json.loads(ended.out)["already_finished"]
    other = run(*again, "--bandwidth", "4")
    assert other.status == 2
    assert "another run" in other.err
    crossed = run("fit", image_file, "--steps", "5", "--width", "8", "--out", "a.safetensors", "--resume")
    assert crossed.status == 2
    assert "by kernel" in crossed.err


def test_pixels_that_are_fully_transparent_are_filled_in(run: Callable, image_file: Path, tmp_path: Path) -> None:
    with Image.open(image_file) as given:
        picture = np.array(given.convert("RGBA"))
    gone = np.random.default_rng(0).random(picture.shape[:2]) < 0.4
    picture[gone] = 0
    Image.fromarray(picture).save(tmp_path / "holes.png")
    result = json.loads(run("fit", tmp_path / "holes.png", "--method", "kernel", "--json").out)
    assert result["signal"]["missing"] == int(gone.sum())
    run("render", "holes.safetensors", "filled.png")
    with Image.open("filled.png") as drawn, Image.open(image_file) as given:
        filled, truth = (np.array(image.convert("RGB")).astype(float) for image in (drawn, given))
    assert np.abs(filled - truth)[gone].mean() < 6


def test_a_table_becomes_a_map_with_its_uncertainty(run: Callable, stations_file: Path) -> None:
    ended = run("fit", stations_file, *TABLE, "--hold-out", "random:0.2")
    assert ended.status == 0, ended.err
    for part in ("table of 150 points; temperature over lon, lat", "R²", "90 % intervals", "stations.safetensors"):
        assert part in ended.out
    for name in ("map.tif", "map.nc", "map.csv"):
        ended = run("render", "stations.safetensors", name, "--size", "12x9", "--uncertainty")
        assert ended.status == 0, ended.err
        assert os.path.getsize(name) > 500
    rows = read_csv("map.csv")
    assert len(rows) == 108
    assert set(rows[0]) == {"lon", "lat", "temperature", "temperature_sd"}
    assert all(row["temperature_sd"] > 0 for row in rows)
    south, north = (np.mean([r["temperature"] for r in rows if low < r["lat"] < low + 2]) for low in (27, 34))
    assert south - north > 7
    window = run("render", "stations.safetensors", "part.csv", "--size", "3x3", "--window", "-100:-98,30:31")
    assert window.status == 0, window.err
    assert {round(row["lon"], 3) for row in read_csv("part.csv")} == {-99.667, -99.0, -98.333}


def test_a_table_is_fitted_by_network_where_asked(run: Callable, stations_file: Path) -> None:
    words = (*TABLE, "--method", "network", "--hold-out", "random:0.2", "--width", 32, "--json")
    result = json.loads(run("fit", stations_file, *words).out)
    assert result["method"] == "network"
    assert result["metrics"]["held_out_r2"] > 0.8
    assert result["seconds"]["total"] > 0
    again = json.loads(run("fit", stations_file, *words, "--resume").out)
    assert again["already_finished"]
    assert run("render", "stations.safetensors", "map.nc", "--size", "5x4").status == 0


def test_points_are_asked_for_in_the_columns_of_the_table(run: Callable, stations_file: Path) -> None:
    run("fit", stations_file, *TABLE)
    asked = write_rows(Path("asked.csv"), "lon,lat", [(-100.0, 30.0), (-97.0, 33.0)])
    ended = run("render", "stations.safetensors", "out.csv", "--at", asked, "--gradient", "--uncertainty")
    assert ended.status == 0, ended.err
    first = read_csv("out.csv")[0]
    assert first["temperature"] == pytest.approx(30 - 4.5 + np.sin(-100), abs=0.6)
    assert first["temperature_sd"] < 1
    assert first["dtemperature/dlat"] == pytest.approx(-1.5, abs=1.0)
    field = fourierfield.load("stations.safetensors")
    assert field.placement is not None
    assert field(field.placement.to_coordinates(np.array([[-100.0, 30.0]])))[0, 0] == pytest.approx(
        first["temperature"], rel=1e-6
    )


def test_a_table_is_fitted_from_python_too(stations_file: Path) -> None:
    field = fourierfield.fit(stations_file, method="kernel", inputs="lon,lat", outputs=("temperature", "other"))
    assert field(np.array([[0.5, 0.5]])).shape == (1, 2)
    assert field.record["columns"] == {"inputs": ["lon", "lat"], "outputs": ["temperature", "other"]}


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--method", "kernel", "--encoding", "none"), "not stationary"),
        (("--method", "kernel", "--report", "page.html"), "--report"),
        (("--method", "magic"), "auto or network or kernel"),
        (("--inputs", "a,b"), "--inputs is for tables, not for pictures"),
    ],
)
def test_options_that_do_not_suit_an_image(run: Callable, image_file: Path, words: tuple, reason: str) -> None:
    ended = run("fit", image_file, *words)
    assert ended.status == 2
    assert reason in ended.err
    assert ended.err.count("\n") == 1
    assert list(Path().iterdir()) == []


def five_columns(path: Path) -> Path:
    return write_rows(path, "a,b,c,d,e,y", np.random.default_rng(0).random((30, 6)).tolist())


@pytest.mark.parametrize(
    ("make", "words", "reason"),
    [
        (lambda p: write_rows(p, "x,y,v", [(0, 1, 2)]), (), "single point"),
        (lambda p: write_rows(p, "x,y,v", [(1, 1, v) for v in range(9)]), (), "are the same"),
        (lambda p: write_rows(p, "x,y,v", [(i, i * i, "warm") for i in range(9)]), ("--outputs", "v"), "v"),
        (five_columns, ("--inputs", "a,b,c,d,e", "--outputs", "y"), "3"),
        (lambda p: write_rows(p, "x,y,v", [(i, i * i, i) for i in range(9)]), ("--outputs", "w"), "w"),
        (lambda p: write_rows(p, "x,y,v", [(i, i * i, i) for i in range(9)]), ("--hold-out", "grid"), "random:0.1"),
    ],
)
def test_bad_tables_are_refused_in_one_line(
    run: Callable, tmp_path: Path, make: Callable, words: tuple, reason: str
) -> None:
    table = make(tmp_path / "t.csv")
    ended = run("fit", table, "--method", "kernel", *words)
    assert ended.status == 2
    assert reason in ended.err
    assert ended.err.startswith("error: ")
    assert ended.err.count("\n") == 1
    assert list(Path().iterdir()) == []


def test_rows_without_a_value_are_left_out_and_said(run: Callable, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    rows = [(*row, "" if i < 10 else row[0]) for i, row in enumerate(rng.random((60, 2)).tolist())]
    result = json.loads(run("fit", write_rows(tmp_path / "t.csv", "x,y,v", rows), "--method", "kernel", "--json").out)
    assert result["signal"]["shape"] == [50]
    assert any("10 of 60 rows" in note for note in result["notes"])


@pytest.mark.parametrize("command", ["tune", "spectrum"])
def test_what_needs_a_grid_says_so(run: Callable, stations_file: Path, command: str) -> None:
    ended = run(command, stations_file)
    assert ended.status == 2
    assert "holds a table of points, not samples on a grid; only fit takes it" in ended.err
    assert ended.err.count("\n") == 1


def test_networks_have_no_uncertainty(run: Callable, image_file: Path) -> None:
    run("fit", image_file, "--steps", 5, "--width", 8, "--bandwidth", 3, "--out", "n.safetensors")
    ended = run("render", "n.safetensors", "sd.png", "--uncertainty")
    assert ended.status == 2
    assert "--method kernel" in ended.err


@pytest.mark.slow
@pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared/data")
def test_bathymetry_is_foretold(run: Callable) -> None:
    words = ("--method", "kernel", "--hold-out", "random:0.1", "--json")
    result = json.loads(run("fit", SHARED / "geo" / "baja-bathymetry.csv.xz", *words).out)
    assert result["metrics"]["held_out_r2"] > 0.99
    assert 0.85 <= result["metrics"]["held_out_within_90"] <= 0.95
