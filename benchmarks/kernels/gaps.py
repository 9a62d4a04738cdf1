"""Photographs with 80 % of their pixels removed at random."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from fourierfield.bench._quality import centre_crop
from fourierfield.grids._splits import RandomHoldOut
from fourierfield.problems._baselines import cubic_interpolation_psnr
from fourierfield.problems._grid import grid_problem

from ..table import Row
from .common import kernel_fit, rival, timed
from .photo import SIDE, inpainted

INPAINTED = ("kodim08", "kodim23")


def rows(data: Path) -> Iterator[Row]:
    for path in sorted((data / "photos").glob("kodim*.png")):
        problem = grid_problem(centre_crop(path, SIDE), RandomHoldOut(0.8))
        found = [kernel_fit(problem)[1]]
        cubic, seconds = timed(lambda problem=problem: cubic_interpolation_psnr(problem))  # type: ignore[misc]
        assert cubic is not None
        found.append(rival("griddata cubic", cubic, seconds))
        if path.stem in INPAINTED:
            score, seconds = timed(lambda problem=problem: inpainted(problem))  # type: ignore[misc]
            found.append(rival("biharmonic inpainting", score, seconds))
        yield from ({"photo": path.stem, **row} for row in found)
