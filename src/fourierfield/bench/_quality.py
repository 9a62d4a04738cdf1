"""The benchmark of time to quality: how long the default settings take to score what the paper preset ends with."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..grids._arrays import as_signal
from ..grids._signal import GridSignal
from ..kinds._fit import run_fit
from ..kinds._read import read
from ..tasks._settings import FitSettings
from ..tasks._task import FitEvents
from ..training._loop import Progress


@dataclass(frozen=True)
class QualityBenchmark:
    """Held-out PSNR and seconds of the paper preset, and of the shortest default run that reaches that PSNR."""

    signal: str
    paper_psnr_db: float
    paper_seconds: float
    default_psnr_db: float
    default_seconds: float
    default_steps: int

    @property
    def ratio(self) -> float:
        """The factor by which the default settings are faster."""
        return self.paper_seconds / self.default_seconds

    @property
    def reached(self) -> bool:
        """Whether the default settings reached the PSNR of the paper preset at all."""
        return self.default_psnr_db >= self.paper_psnr_db


def time_to_paper_quality(signal: GridSignal, steps: tuple[int, ...] = (100, 200, 400, 800, 1600)) -> QualityBenchmark:
    """Run the paper preset once, then default runs of growing length until one scores as well.

    Both use the paper's grid hold-out and the same precision. Times are those of the fit with the precomputation of γ,
    without the final scores. A decaying schedule means nothing half way, so each length is a run of its own, and only
    the time of the last one counts.
    """
    paper_psnr, paper_seconds = _run(signal, FitSettings(preset="paper", hold_out="grid"))
    for count in steps:
        psnr, seconds = _run(signal, FitSettings(hold_out="grid", steps=count))
        if psnr >= paper_psnr:
            break
    return QualityBenchmark(Path(signal.name).name, paper_psnr, paper_seconds, psnr, seconds, count)


def _run(signal: GridSignal, settings: FitSettings) -> tuple[float, float]:
    last = [time.perf_counter()]

    def progress(state: Progress) -> None:
        last.append(time.perf_counter())

    started = time.perf_counter()
    outcome = run_fit(signal, settings, FitEvents(progress=progress))
    return outcome.field.record["metrics"]["held_out_psnr_db"], last[-1] - started


def centre_crop(source: Path | np.ndarray, side: int) -> GridSignal:
    """Cut out the middle ``side``² pixels of an image; along a shorter axis, all of them."""
    if isinstance(source, np.ndarray):
        array, name = source, "array"
    else:
        signal = read(source)
        array, name = signal.sample_format.encode(signal.values), str(source)
    height, width = array.shape[:2]
    top, left = max(0, (height - side) // 2), max(0, (width - side) // 2)
    return as_signal(array[top : top + side, left : left + side], name=name)
