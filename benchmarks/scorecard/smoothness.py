"""Which signals are smooth, and what NTK and NNGP foretell of one that is."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fourierfield.encodings._spec import EncodingSpec
from fourierfield.forecast._curve import LearningCurve, forecast_curve
from fourierfield.forecast._limit import WideLimit
from fourierfield.forecast._smooth import nngp_curve
from fourierfield.kernels._composed import ComposedNTK
from fourierfield.problems._grid import GridProblem
from fourierfield.tuning._forecasts import smoothness_of
from fourierfield.tuning._inner import divide

from ..table import Row
from .forecasting import encoding_of
from .sweeps import SWEEPS, Sweep
from .training import build, problem_of

__all__ = ["kernels_beside_training", "smoothness_table"]

SHOWN = Sweep("gt_bach")


def smoothness_table(data: Path) -> list[str]:
    """One line for each signal and size of the scorecard, with the usual network."""
    lines = []
    for name, side in dict.fromkeys((sweep.signal, sweep.side) for sweep in SWEEPS):
        sweep = Sweep(name, side=side)
        problem = problem_of(sweep, data)
        mlp = build(sweep, EncodingSpec("basic"), problem, 0).mlp.spec
        lines.append(f"{name:<26}{side:>4}² {smoothness_of(divide(problem), problem, mlp):+6.2f} dB")
    return lines


def kernels_beside_training(trained: list[Row], data: Path) -> list[str]:
    """Held-out PSNR of half a second of music: trained, and by both kernels at the trained network's training error."""
    problem = problem_of(SHOWN, data)
    lines = [f"{SHOWN.signal}: held out, dB{'':13} trained    NTK (best)   NNGP (best)"]
    for row in trained:
        if row["seed"] == "0" and row["bandwidth"] and all(row[key] == text for key, text in SHOWN.row.items()):
            lines.append(_beside(row, problem))
    return lines


def _beside(row: Row, problem: GridProblem) -> str:
    limit = WideLimit.of(build(SHOWN, encoding_of(row), problem, 0))
    assert isinstance(limit.kernel, ComposedNTK)
    nngp = nngp_curve(problem, limit.kernel, start=limit.start).value
    flow = limit.flow(limit.times(1.0, limit.mean(problem.training.coordinates()[:256]), 64 * SHOWN.steps), 1.0)
    ntk = forecast_curve(problem, limit.kernel, flow, start=limit.start).value
    found = "  ".join(_at(curve, float(row["train_psnr_db"])) for curve in (ntk, nngp))
    trained = float(row["held_out_psnr_db"])
    return f"{row['family']:<12}{float(row['bandwidth']):9.1f} cycles{'':4} {trained:10.2f} {found}"


def _at(curve: LearningCurve, train_db: float) -> str:
    held_out = curve.held_out_psnr_db
    assert held_out is not None
    rising = np.maximum.accumulate(curve.train_psnr_db.numpy())
    return f"{np.interp(train_db, rising, held_out.numpy()):6.2f} ({float(held_out.max()):5.2f})"
