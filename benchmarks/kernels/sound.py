"""Sound with a tenth of its samples held out at random."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from fourierfield.grids._splits import RandomHoldOut
from fourierfield.kinds._read import read
from fourierfield.problems._baselines import cubic_interpolation_psnr
from fourierfield.problems._grid import grid_problem

from ..table import Row
from .common import kernel_fit, rival, timed


def rows(data: Path) -> Iterator[Row]:
    for path in sorted((data / "audio").glob("*.wav")):
        problem = grid_problem(read(path), RandomHoldOut(0.1))
        yield {"sound": path.stem, **kernel_fit(problem)[1]}
        cubic, seconds = timed(lambda problem=problem: cubic_interpolation_psnr(problem))  # type: ignore[misc]
        if cubic is not None:
            yield {"sound": path.stem, **rival("cubic spline", cubic, seconds)}
