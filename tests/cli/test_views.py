"""Posed pictures from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

FAST = ("--steps", 3, "--width", 16, "--features", 8)


@pytest.fixture
def field(views_field, tmp_path: Path) -> Path:  # type: ignore[no-untyped-def]
    path = tmp_path / "ball.safetensors"
    views_field.save(path)
    return path


def test_fit_and_info(run, sphere_file: Path) -> None:  # type: ignore[no-untyped-def]
    ended = run("fit", sphere_file, *FAST, "--json")
    assert ended.status == 0, ended.err
    result = json.loads(ended.out)
    assert result["signal"]["views"] == 10
    assert result["metrics"]["held_out_psnr_db"] > 0
    assert Path("sphere.safetensors").stat().st_size < 30_000
    told = run("info", "sphere.safetensors")
    assert "10 views (2 held out)" in told.out
    facts = json.loads(run("info", "sphere.safetensors", "--json").out)
    assert facts["size"] == [20, 20]


def test_the_summary_speaks_of_views(run, sphere_file: Path) -> None:  # type: ignore[no-untyped-def]
    ended = run("fit", sphere_file, *FAST)
    assert "10 views of 20×20 with opacities" in ended.out
    assert "on 2 views; the mean picture" in ended.out
    assert "held-out views" in ended.out


@pytest.mark.parametrize("ending", ["png", "jpg", "webp", "tif"])
def test_a_picture(run, field: Path, ending: str) -> None:  # type: ignore[no-untyped-def]
    ended = run("render", field, f"view.{ending}")
    assert ended.status == 0, ended.err
    with Image.open(f"view.{ending}") as image:
        assert image.size == (20, 20)
        assert image.mode == "RGB"


def test_poses(run, field: Path, tmp_path: Path, views_field) -> None:  # type: ignore[no-untyped-def]
    pose = views_field.scene.cameras.poses[9]
    np.save(tmp_path / "pose.npy", pose)
    (tmp_path / "pose.json").write_text(json.dumps({"transform_matrix": pose.tolist()}))
    for number, words in enumerate((1, tmp_path / "pose.npy", tmp_path / "pose.json")):
        assert run("render", field, f"{number}.npy", "--pose", words).status == 0
    first, second, third = (np.load(f"{number}.npy") for number in range(3))
    assert first.shape == (20, 20, 3)
    assert np.allclose(first, second, atol=1e-6)
    assert np.array_equal(second, third)
    assert run("render", field, "around.npy", "--pose", "30,-20,3.5", "--size", "8x12").status == 0
    assert np.load("around.npy").shape == (8, 12, 3)


def test_depths(run, field: Path) -> None:  # type: ignore[no-untyped-def]
    assert run("render", field, "depth.npy", "--depth").status == 0
    depths = np.load("depth.npy")
    assert depths.shape == (20, 20)
    seen = depths[np.isfinite(depths)]
    assert ((seen > 2) & (seen < 7)).all()
    ended = run("render", field, "depth.png", "--depth")
    assert "world units away" in ended.err
    with Image.open("depth.png") as image:
        assert image.size == (20, 20)


def test_turntables(run, field: Path) -> None:  # type: ignore[no-untyped-def]
    import av

    assert run("render", field, "turn.mp4", "--frames", 5, "--size", "15x21").status == 0
    with av.open("turn.mp4") as movie:
        frames = [frame.to_ndarray(format="rgb24") for frame in movie.decode(video=0)]
    assert len(frames) == 5
    assert frames[0].shape == (16, 22, 3)
    assert run("render", field, "turn.gif", "--frames", 3).status == 0
    with Image.open("turn.gif") as image:
        assert image.size == (20, 20)


def test_a_stopped_turntable_leaves_nothing(run, field: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    import os
    import signal

    from fourierfield.kinds.views import _render

    draw, drawn = _render.render_scene, []

    def stopped(*arguments):  # type: ignore[no-untyped-def]
        drawn.append(1)
        if len(drawn) == 3:
            os.kill(os.getpid(), signal.SIGINT)
        return draw(*arguments)

    monkeypatch.setattr(_render, "render_scene", stopped)
    ended = run("render", field, "turn.mp4", "--frames", 50)
    assert ended.status == 130
    assert len(drawn) < 10
    assert list(Path().iterdir()) == []


def test_values_at_points_of_the_world(run, field: Path, views_field) -> None:  # type: ignore[no-untyped-def]
    Path("points.csv").write_text("x,y,z\n0,0,0\n0.3,-0.2,0.1\n")
    assert run("render", field, "values.csv", "--at", "points.csv").status == 0
    header, first, _ = Path("values.csv").read_text().splitlines()
    assert header == "x,y,z,red,green,blue,density"
    assert np.allclose([float(v) for v in first.split(",")[3:]], views_field(np.full((1, 3), 0.5))[0], rtol=1e-4)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("v.png", "--pose", "7"), "has 2 held-out views"),
        (("v.png", "--pose", "a,b"), "AZIMUTH,ELEVATION"),
        (("v.png", "--pose", "10,20,-3"), "AZIMUTH,ELEVATION"),
        (("v.png", "--pose", "nowhere.npy"), "cannot be read"),
        (("v.png", "--frames", "5"), "for turntables"),
        (("v.png", "--size", "20"), "two positive whole numbers"),
        (("v.png", "--window", "0:1,0:1"), "not for fields of views"),
        (
            (
                "v.png",
                "--uncertainty",
            ),
            "not for fields of views",
        ),
        (("v.mp4", "--depth"), "one picture"),
        (("v.mp4", "--frames", "1"), "2 to 10,000"),
        (("v.obj", "--pose", "0"), "is for pictures"),
        (("v.obj", "--size", "1"), "one whole number"),
        (("v.docx",), "names no format of views"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_a_line(run, field: Path, words: tuple[str, ...], says: str) -> None:  # type: ignore[no-untyped-def]
    ended = run("render", field, *words)
    assert ended.status == 2
    assert says in ended.err
    assert len(ended.err.strip().splitlines()) == 1
    assert list(Path().iterdir()) == []


def test_options_of_views_are_for_views(run, small_field, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    small_field.save(tmp_path / "photo.safetensors")
    ended = run("render", tmp_path / "photo.safetensors", "p.png", "--pose", "0")
    assert ended.status == 2
    assert "fields of image" in ended.err


def test_a_surface(run, tmp_path: Path, views_field) -> None:  # type: ignore[no-untyped-def]
    """Of a field whose density is that of a ball of radius 0.9 in the world."""
    import torch
    import trimesh

    network = views_field.network
    with torch.no_grad():
        network.mlp.layers[-1].weight.zero_()
        network.mlp.layers[-1].bias.copy_(torch.tensor([5.0, -5.0, -5.0, 9.0]))
    centre = torch.arange(64) / 64 + 0.5 / 64 - 0.5
    views_field.cells = torch.stack(torch.meshgrid(centre, centre, centre, indexing="ij")).norm(dim=0) < 0.3
    views_field.save(tmp_path / "solid.safetensors")
    for ending in ("obj", "ply", "stl", "glb"):
        ended = run("render", tmp_path / "solid.safetensors", f"ball.{ending}", "--size", 48)
        assert ended.status == 0, ended.err
        mesh = trimesh.load(f"ball.{ending}", force="mesh")
        assert np.allclose(mesh.extents, 1.8, atol=0.1)
    mesh = trimesh.load("ball.ply", force="mesh")
    assert mesh.is_watertight
    assert 0.9 < mesh.volume / (4 / 3 * np.pi * 0.9**3) < 1.1
    assert tuple(mesh.visual.vertex_colors[0, :3] > 128) == (True, False, False)


def test_bad_files(run, tmp_path: Path, sphere_arrays: dict[str, np.ndarray]) -> None:  # type: ignore[no-untyped-def]
    np.savez(tmp_path / "bad.npz", **{**sphere_arrays, "focal": np.array(-1.0)})
    ended = run("fit", tmp_path / "bad.npz")
    assert ended.status == 2
    assert "focal length" in ended.err
    assert len(ended.err.strip().splitlines()) == 1
    assert list(Path().iterdir()) == []
