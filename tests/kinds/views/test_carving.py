"""The visual hull."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from fourierfield.kinds._read import read
from fourierfield.kinds.views._carving import shown_pixels, visible_cells
from fourierfield.kinds.views._rays import camera_rays
from fourierfield.kinds.views._rendering import Sampling, sample_rays
from fourierfield.kinds.views._signal import ViewsSignal


def distances(count: int) -> np.ndarray:
    """World distances of the cells' middles from the origin, in the box of ±1.5."""
    centre = 3 * (np.arange(count) + 0.5) / count - 1.5
    return np.linalg.norm(np.stack(np.meshgrid(centre, centre, centre, indexing="ij")), axis=0)


def test_the_hull_holds_the_sphere_and_not_much_more(sphere_file: Path) -> None:
    signal = read(sphere_file)
    assert isinstance(signal, ViewsSignal)
    cells = visible_cells(signal, np.arange(8), 64).numpy()
    assert cells[distances(64) < 0.8].all()
    assert cells.mean() < 0.4  # the ball itself takes 0.08; its pictures have but 20 pixels a side


@pytest.mark.parametrize("background", [0, 255])
def test_an_even_background_tells_silhouettes_too(
    sphere_arrays: dict[str, np.ndarray], tmp_path: Path, background: int
) -> None:
    """The ball has a cap of the background's colour, which must not be carved away."""
    images = sphere_arrays["images"]
    cap = images[..., 0] > 200  # the side towards +x
    colours = np.where(((images[..., 3] > 0) & ~cap)[..., None], images[..., :3], background).astype(np.uint8)
    np.savez(tmp_path / "even.npz", **{**sphere_arrays, "images": colours})
    signal = read(tmp_path / "even.npz")
    assert isinstance(signal, ViewsSignal)
    assert signal.scene.background == ("white" if background else "black")
    assert signal.silhouetted
    cells = visible_cells(signal, np.arange(8), 64).numpy()
    assert cells[distances(64) < 0.75].mean() > 0.99
    assert cells.mean() < 0.75  # pictures of 20 pixels tell little


def test_uneven_backgrounds_tell_nothing(sphere_arrays: dict[str, np.ndarray], tmp_path: Path) -> None:
    images = sphere_arrays["images"]
    noise = np.random.default_rng(0).integers(0, 256, images[..., :3].shape)
    room = np.where(images[..., 3:] > 0, images[..., :3], noise).astype(np.uint8)
    np.savez(tmp_path / "room.npz", **{**sphere_arrays, "images": room})
    signal = read(tmp_path / "room.npz")
    assert isinstance(signal, ViewsSignal)
    assert not signal.silhouetted
    assert signal.silhouette(0) is None
    cells = visible_cells(signal, np.arange(8), 16).numpy()
    assert cells[distances(16) < 1.1].all()
    assert not cells.all()  # most corners of the box lie beside every picture


def test_no_ray_through_a_cell_is_left_out(sphere_file: Path) -> None:
    signal = read(sphere_file)
    assert isinstance(signal, ViewsSignal)
    cells = torch.zeros(16, 16, 16, dtype=torch.bool)
    cells[5, 9, 12] = cells[8, 8, 7] = True
    rows, columns = (index.ravel() for index in np.mgrid[0:20, 0:20])
    for view in range(3):
        rays = camera_rays(signal.scene, np.full(400, view), rows, columns)
        meets = sample_rays(rays, Sampling(1 / 400), cells).mask.any(dim=1).numpy().reshape(20, 20)
        shown = shown_pixels(signal.scene, view, cells)
        assert meets.any()
        assert shown[meets].all()
        assert not shown.all()
