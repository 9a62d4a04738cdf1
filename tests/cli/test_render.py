"""render as promised: any part of a field, at any size, and at points."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from .conftest import SMALL


@pytest.mark.parametrize(
    ("options", "shape"),
    [
        ((), (24, 32)),
        (("--scale", 2), (48, 64)),
        (("--size", "10x7"), (10, 7)),
        (("--window", "0:0.5,0.25:0.75"), (16, 16)),
        (("--window", "4:12,8:24px", "--scale", 3), (24, 48)),
    ],
)
@pytest.mark.parametrize("ending", ["png", "jpg", "tif", "webp", "npy"])
def test_render_draws_any_part_at_any_size(
    run: Callable, field_file: Path, options: tuple, shape: tuple, ending: str
) -> None:
    ended = run("render", field_file, f"out.{ending}", *options)
    assert ended.status == 0, ended.err
    image = np.load("out.npy") if ending == "npy" else np.asarray(Image.open(f"out.{ending}"))
    assert image.shape == (*shape, 3)
    assert image.dtype == np.uint8


def test_a_window_shows_what_the_whole_shows_there(run: Callable, field_file: Path) -> None:
    run("render", field_file, "whole.npy")
    run("render", field_file, "part.npy", "--window", "4:12,8:24px")
    whole, part = np.load("whole.npy").astype(int), np.load("part.npy").astype(int)
    assert np.abs(whole[4:12, 8:24] - part).max() <= 1


def test_render_at_points_with_gradients(run: Callable, field_file: Path) -> None:
    Path("points.csv").write_text("y,x\n0.1,0.2\n0.5,0.9\n")
    assert run("render", field_file, "out.csv", "--at", "points.csv", "--gradient").status == 0
    lines = Path("out.csv").read_text().splitlines()
    assert lines[0].startswith("y,x,value0,value1,value2,dvalue0/dy,dvalue0/dx")
    assert len(lines) == 3
    Path("bare.csv").write_text("0.1,0.2\n")
    assert run("render", field_file, "out.csv", "--at", "bare.csv").status == 0
    assert Path("out.csv").read_text().splitlines()[1].startswith("0.1,0.2,")


def test_deep_images_come_back_deep(run: Callable, tmp_path: Path) -> None:
    y, x = np.mgrid[0:16, 0:16] / 16
    np.save("deep.npy", (40000 * x * y + 10000).astype(np.uint16))
    run("fit", "deep.npy", "--bandwidth", 2, *SMALL)
    run("render", "deep.safetensors", "deep.png")
    run("render", "deep.safetensors", "deep.tif")
    with Image.open("deep.png") as drawn:
        assert drawn.mode.startswith("I;16")
    np.save("heights.npy", 1000 * x)
    run("fit", "heights.npy", "--bandwidth", 2, *SMALL)
    ended = run("render", "heights.safetensors", "heights.png")
    assert "[0, 1]" in ended.err
    run("render", "heights.safetensors", "again.npy")
    assert np.load("again.npy").max() > 100
