"""Sound with a tenth of its samples held out at random."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from fourierfield.problems import cubic_interpolation_psnr, grid_problem
from fourierfield.signals import RandomHoldOut, read_signal

from ..table import Row
from .common import kernel_fit, rival, timed


def rows(data: Path) -> Iterator[Row]:
    for path in sorted((data / "audio").glob("*.wav")):
        problem = grid_problem(read_signal(path), RandomHoldOut(0.1))
        yield {"sound": path.stem, **kernel_fit(problem)[1]}
        cubic, seconds = timed(lambda problem=problem: cubic_interpolation_psnr(problem))  # type: ignore[misc]
        if cubic is not None:
            yield {"sound": path.stem, **rival("cubic spline", cubic, seconds)}
