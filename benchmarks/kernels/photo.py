"""512² photographs of which every second pixel along each axis is kept, or every second at random."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from fourierfield.bench._quality import centre_crop
from fourierfield.grids._splits import GridHoldOut, HoldOut, RandomHoldOut
from fourierfield.kinds._fit import run_fit
from fourierfield.problems._baselines import cubic_interpolation_psnr
from fourierfield.problems._grid import GridProblem, grid_problem
from fourierfield.tasks._settings import FitSettings

from ..table import Row
from .common import decibels, kernel_fit, rival, timed

SIDE = 512
INPAINTED = ("kodim08", "kodim23")  # biharmonic inpainting and networks take minutes


def rows(data: Path) -> Iterator[Row]:
    for path in sorted((data / "photos").glob("kodim*.png")):
        for rule in (GridHoldOut(), RandomHoldOut(0.5)):
            for row in _of(path, rule):
                yield {"photo": path.stem, "held_out": str(rule), **row}


def _of(path: Path, rule: HoldOut) -> Iterator[Row]:
    signal = centre_crop(path, SIDE)
    problem = grid_problem(signal, rule)
    yield kernel_fit(problem)[1]
    cubic, seconds = timed(lambda: cubic_interpolation_psnr(problem))
    assert cubic is not None
    yield rival("cubic spline" if isinstance(rule, GridHoldOut) else "griddata cubic", cubic, seconds)
    if path.stem in INPAINTED and isinstance(rule, GridHoldOut):
        score, seconds = timed(lambda: inpainted(problem))
        yield rival("biharmonic inpainting", score, seconds)
        outcome, seconds = timed(lambda: run_fit(signal, FitSettings(hold_out=rule)))
        score = outcome.to_json()["metrics"]["held_out_psnr_db"]
        yield rival("trained network, default", score, seconds)


def inpainted(problem: GridProblem) -> float:
    """Held-out PSNR of scikit-image's biharmonic inpainting of all pixels that were not trained on."""
    from skimage.restoration import inpaint_biharmonic

    grid, held_out = problem.training.grid, problem.held_out
    assert held_out is not None
    image = np.zeros((grid.size, problem.channels))
    image[problem.training.flat.numpy()] = problem.training.values.numpy()
    missing = np.ones(grid.size, dtype=bool)
    missing[problem.training.flat.numpy()] = False
    shape = grid.shape
    filled = inpaint_biharmonic(image.reshape(*shape, -1), missing.reshape(shape), channel_axis=-1)
    return decibels(filled.reshape(grid.size, -1)[held_out.flat.numpy()], held_out.values.numpy())
