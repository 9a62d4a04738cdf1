"""Meshes on the command line, as a user would."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import trimesh
from PIL import Image

from fourierfield.kinds.shapes._surface import Effort

SMALL = ("--encoding", "gaussian", "--bandwidth", 0.7, "--features", 32, "--width", 32, "--steps", 250)


@pytest.fixture(autouse=True)
def _few_points(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fourierfield.kinds.shapes._plan.POINTS", 1 << 13)
    monkeypatch.setattr("fourierfield.kinds.shapes._plan.BATCH", 1024)
    monkeypatch.setattr("fourierfield.kinds.shapes._render._SAMPLES", 32)
    monkeypatch.setattr("fourierfield.kinds.shapes._surface.USUAL", Effort(1 << 11, 16, 1000))


@pytest.fixture
def ball_file(tmp_path: Path) -> Path:
    path = tmp_path / "ball.ply"
    trimesh.creation.icosphere(2, radius=20.0).apply_translation([100, 0, 0]).export(path)
    return path


def refused(ended, *parts: str) -> None:  # type: ignore[no-untyped-def]
    assert ended.status == 2, ended
    assert ended.out == ""
    lines = [line for line in ended.err.strip().splitlines() if not line.startswith("surface:")]
    assert len(lines) == 1, ended.err
    for part in parts:
        assert part in lines[0]


def test_a_mesh_is_fitted_rendered_and_described(run: Callable, ball_file: Path) -> None:
    result = json.loads(run("fit", ball_file, *SMALL, "--json").out)
    assert result["signal"]["kind"] == "mesh"
    assert (result["signal"]["vertices"], result["signal"]["faces"]) == (162, 320)
    assert result["signal"]["watertight"] is True
    assert result["signal"]["extents"] == pytest.approx([40, 40, 40], rel=0.01)
    assert result["metrics"]["iou_uniform"] > 0.85
    assert result["metrics"]["held_out_psnr_db"] is None
    assert result["forecast"] is None
    for ending in ("obj", "ply", "stl", "off", "glb"):
        ended = run("render", "ball.safetensors", f"surface.{ending}", "--size", 24)
        assert ended.status == 0, ended.err
        drawn = trimesh.load(f"surface.{ending}", force="mesh")
        drawn.merge_vertices()
        assert drawn.is_watertight
        np.testing.assert_allclose(drawn.centroid, [100, 0, 0], atol=2)
        assert drawn.volume == pytest.approx(4 / 3 * np.pi * 20**3, rel=0.15)
    for words in (("b.png", "--size", "60x80"), ("c.png", "--pose", "-120,35", "--size", "40x40")):
        assert run("render", "ball.safetensors", *words).status == 0
    with Image.open("b.png") as picture:
        assert picture.size == (80, 60)
    assert run("render", "ball.safetensors", "v.npy", "--size", "8x9x10").status == 0
    assert np.load("v.npy").shape == (8, 9, 10, 1)
    described = run("info", "ball.safetensors").out
    assert "162 vertices, 320 triangles" in described
    assert json.loads(run("info", "ball.safetensors", "--json").out)["kind"] == "mesh"


def test_values_at_points_are_in_the_meshs_own_units(run: Callable, ball_file: Path) -> None:
    assert run("fit", ball_file, *SMALL, "--target", "distance").status == 0
    Path("points.csv").write_text("x,y,z\n108,0,0\n100,0,-22\n")
    assert run("render", "ball.safetensors", "out.csv", "--at", "points.csv", "--gradient").status == 0
    with open("out.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["distance"]) for row in rows] == pytest.approx([-12, 2], abs=3)
    assert float(rows[1]["ddistance/dz"]) == pytest.approx(-1, abs=0.5)


def test_the_summary_speaks_of_the_shape(run: Callable, ball_file: Path) -> None:
    ended = run("fit", ball_file, *SMALL)
    assert ended.status == 0
    assert "162 vertices, 320 triangles, watertight" in ended.out
    assert "IoU" in ended.out
    assert "Chamfer" in ended.out


def test_resuming_what_is_finished(run: Callable, ball_file: Path) -> None:
    run("fit", ball_file, *SMALL)
    before = Path("ball.safetensors").read_bytes()
    again = json.loads(run("fit", ball_file, *SMALL, "--resume", "--json").out)
    assert again["already_finished"]
    assert Path("ball.safetensors").read_bytes() == before
    refused(run("fit", ball_file, *SMALL, "--resume", "--seed", 5), "another run")
    refused(run("fit", ball_file, *SMALL, "--resume", "--target", "distance"), "another run")


def test_an_open_mesh_is_fitted_with_a_warning(run: Callable, tmp_path: Path) -> None:
    sphere = trimesh.creation.icosphere(2)
    trimesh.Trimesh(sphere.vertices, sphere.faces[3:], process=False).export(tmp_path / "open.off")
    ended = run("fit", tmp_path / "open.off", *SMALL, "--json")
    assert ended.status == 0
    assert "WARNING: the surface has holes" in ended.err
    result = json.loads(ended.out)
    assert result["signal"]["watertight"] is False
    assert any("holes" in note for note in result["notes"])


def test_meshes_that_cannot_be_fitted(run: Callable, tmp_path: Path, ball_file: Path) -> None:
    triangle = "v 0 0 0\nv 1 0 0\nv 0 1 0\n"
    files = {
        "flat.obj": (triangle + "f 1 2 3\n", "flat"),
        "nan.obj": (triangle + "v 0 0 nan\nf 1 2 3\nf 2 3 4\n", "not finite"),
        "points.obj": (triangle, "no faces"),
        "words.obj": ("v is a letter\nf is one, too\n", "damaged or cut off"),
        "bomb.off": ("OFF\n9000000000 9000000000 0\n", "GB"),
    }
    for name, (content, reason) in files.items():
        (tmp_path / name).write_text(content)
        refused(run("fit", tmp_path / name), name, reason)
    (tmp_path / "cut.ply").write_bytes(ball_file.read_bytes()[:-100])
    refused(run("fit", tmp_path / "cut.ply"), "cut.ply", "cut off")
    for words, reason in [
        (("--hold-out", "grid"), "random:0.1"),
        (("--target", "volume"), "--target"),
        (("--report", "p.html"), "--report"),
        (("--method", "kernel", "--target", "occupancy"), "signed distance"),
        (("--inputs", "x"), "--inputs is for tables, not for meshes"),
        (("--width", 10**7), "GB"),
        (("--bandwidth", "3Hz"), "measured in"),
    ]:
        refused(run("fit", ball_file, *words), reason)
    refused(run("tune", ball_file), "fit takes it")
    assert os.listdir() == []


def test_renders_that_cannot_be(run: Callable, ball_file: Path, photo_file: Path) -> None:
    run("fit", ball_file, *SMALL)
    run("fit", photo_file, "--steps", 5, "--width", 8, "--features", 4, "--bandwidth", 3)
    before = sorted(os.listdir())
    for words, reason in [
        (("ball.safetensors", "o.jpg"), ".jpg"),
        (("ball.safetensors", "o.obj", "--size", "4x4"), "--size"),
        (("ball.safetensors", "o.png", "--size", "40"), "--size"),
        (("ball.safetensors", "o.obj", "--size", 10**6), "GB"),
        (("ball.safetensors", "o.png", "--pose", "30"), "--pose"),
        (("ball.safetensors", "o.png", "--pose", "30,100"), "--pose"),
        (("ball.safetensors", "o.obj", "--pose", "30,10"), "--pose"),
        (("ball.safetensors", "o.obj", "--window", "0:1,0:1,0:1"), "--window"),
        (("ball.safetensors", "o.obj", "--uncertainty"), "--uncertainty"),
        (("photo.safetensors", "o.png", "--pose", "30,10"), "--pose"),
        (("photo.safetensors", "o.obj"), ".obj"),
    ]:
        refused(run("render", *words), reason)
    assert sorted(os.listdir()) == before


def test_a_render_that_is_stopped_leaves_nothing(run: Callable, ball_file: Path) -> None:
    run("fit", ball_file, *SMALL)
    before = sorted(os.listdir())
    command = [sys.executable, "-c", "from fourierfield.cli import main; main()", "render", "ball.safetensors", "o.obj"]
    process = subprocess.Popen(
        [*command, "--size", "600"], stderr=subprocess.PIPE, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )
    assert process.stderr is not None
    assert any(line.startswith("surface:") for line in iter(process.stderr.readline, ""))
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.splitlines()[-1] == "interrupted; nothing was written"
    assert sorted(os.listdir()) == before
