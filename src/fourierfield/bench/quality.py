"""Time to the paper's quality: how long the default settings take to where the paper preset ends."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..fitting import FitEvents, FitSettings, run_fit
from ..signals import GridSignal, as_signal, read_signal
from ..training import Progress

__all__ = ["QualityBenchmark", "centre_crop", "time_to_paper_quality"]


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
        """How many times sooner the default settings are there."""
        return self.paper_seconds / self.default_seconds

    @property
    def reached(self) -> bool:
        """Whether the default settings got there at all."""
        return self.default_psnr_db >= self.paper_psnr_db


def time_to_paper_quality(signal: GridSignal, steps: tuple[int, ...] = (100, 200, 400, 800, 1600)) -> QualityBenchmark:
    """Run the paper preset once and default runs of growing length until one scores as well; paper's grid hold-out.

    Seconds are those of the fit with γ's precomputation, without the final scores; both presets use the same
    precision. A decaying schedule has no meaning half way, so each length is a run of its own, and only its own time
    counts.
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
    """The middle ``side``² pixels of an image (all of a smaller one), as an image of its own."""
    if isinstance(source, np.ndarray):
        array, name = source, "array"
    else:
        signal = read_signal(source)
        array, name = signal.sample_format.encode(signal.values), str(source)
    height, width = array.shape[:2]
    top, left = max(0, (height - side) // 2), max(0, (width - side) // 2)
    return as_signal(array[top : top + side, left : left + side], name=name)
