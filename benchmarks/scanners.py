"""What scanners measured: errors of what was held out, by kernel, by the default network and by classical methods.

    python -m benchmarks.scanners --ct ../shared/data/ct/tooth.h5 --mri ../shared/data/mri/cartesian_ksp.npy

CT: the first slice, from nine tenths of the projections and from 30 of them, evenly spaced; MRI: a tenth of the places
in k-space held out. Rows are added as they come.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from fourierfield.grids._splits import RandomHoldOut
from fourierfield.kinds._fit import run_fit
from fourierfield.kinds._read import read
from fourierfield.kinds.scans._kspace import KSpaceSignal
from fourierfield.kinds.scans._problem import ScanProblem, scan_problem
from fourierfield.kinds.scans._record import image_vector, rival_scores, scan_metrics
from fourierfield.kinds.scans._sinogram import SinogramSignal
from fourierfield.tasks._settings import FitSettings, ReadOptions
from fourierfield.tasks._task import FitEvents
from fourierfield.training._estimate import keep_freed_memory

from .table import Row, Table

RESULTS = Path(__file__).parent / "results" / "scanners.csv"
FEW = 30


def few_projections(scan: SinogramSignal) -> ScanProblem:
    """Thirty of them to train on, the others held out."""
    chosen = np.zeros(len(scan.geometry.angles), dtype=bool)
    chosen[np.linspace(0, len(chosen) - 1, FEW).round().astype(int)] = True
    return ScanProblem(scan.at_angles(chosen), scan.at_angles(~chosen))


def problems(ct: Path | None, mri: Path | None) -> dict[str, ScanProblem]:
    """What is measured, by name."""
    found = {}
    if ct is not None:
        scan = read(ct, options=ReadOptions(slice=0))
        assert isinstance(scan, SinogramSignal)
        found[f"{ct.name}, all"] = scan_problem(scan, RandomHoldOut(0.1, 0))
        found[f"{ct.name}, {FEW}"] = few_projections(scan)
    if mri is not None:
        scan = read(mri, "mri")
        assert isinstance(scan, KSpaceSignal)
        found[mri.name] = scan_problem(scan, RandomHoldOut(0.1, 0))
    return found


def run(row: Row, problem: ScanProblem) -> Row:
    """A fit of the training measurements, scored on the others."""
    started = time.perf_counter()
    settings = FitSettings(method=row["method"], seed=0)
    outcome = run_fit(problem.training, settings, FitEvents(say=lambda line: print(line, flush=True)))
    seconds = outcome.seconds["tune"] + outcome.seconds["fit"]
    error = scan_metrics(image_vector(outcome.field, problem), problem)["held_out_error"]
    rivals = {
        name.removesuffix("_held_out_error"): value
        for name, value in rival_scores(problem).items()
        if name.endswith("_held_out_error")
    }
    return {
        **row,
        "held_out_error": f"{error:.4f}",
        "seconds_fit": f"{seconds:.1f}",
        "seconds_all": f"{time.perf_counter() - started:.1f}",
        "rivals": " ".join(f"{name} {value:.4f}" for name, value in rivals.items()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ct", type=Path)
    parser.add_argument("--mri", type=Path)
    parser.add_argument("--methods", nargs="+", default=("kernel", "network"), choices=("kernel", "network"))
    arguments = parser.parse_args()
    keep_freed_memory()
    table = Table(RESULTS, ("scan", "method"))
    for name, problem in problems(arguments.ct, arguments.mri).items():
        for method in arguments.methods:
            row = {"scan": name, "method": method}
            if not table.has(row):
                table.add(run(row, problem))


if __name__ == "__main__":
    main()
