"""What a file of pictures holds where its first bytes leave it open."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from fourierfield.grids._arrays import as_signal
from fourierfield.kinds._registry import KINDS
from fourierfield.problems._grid import grid_problem

FORMATS = {found.container: found for found in KINDS["image"].formats}


@pytest.mark.parametrize(("pages", "kind"), [(1, "image"), (3, "volume")])
def test_a_tiff_of_several_pages_is_a_volume(tmp_path: Path, pages: int, kind: str) -> None:
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((pages, 8, 9), np.uint8), photometric="minisblack")
    assert FORMATS["tiff"].holds is not None
    assert FORMATS["tiff"].holds(tmp_path / "a.tif") == kind


@pytest.mark.parametrize(("frames", "kind"), [(1, "image"), (3, "video")])
def test_a_gif_that_moves_is_a_film(tmp_path: Path, frames: int, kind: str) -> None:
    pictures = [Image.fromarray(np.full((8, 9), 80 * i, np.uint8)) for i in range(frames)]
    pictures[0].save(tmp_path / "a.gif", save_all=True, append_images=pictures[1:])
    assert FORMATS["gif"].holds is not None
    assert FORMATS["gif"].holds(tmp_path / "a.gif") == kind


def test_pictures_are_scored_by_their_structure(smooth_image: np.ndarray) -> None:
    """Those of the picture itself are 1."""

    class Exact:
        def sample(self, grid: object) -> np.ndarray:
            return smooth_image

    signal = as_signal(smooth_image)
    scores = KINDS["image"].kind_scores(signal)  # type: ignore[attr-defined]
    assert scores(Exact(), grid_problem(signal), {}, 0) == {"ssim": pytest.approx(1.0)}
