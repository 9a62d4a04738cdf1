"""What is said of scans before and beside their fields: forecasts against what was held out, and standard deviations
against the true error.

    python -m benchmarks.scan_forecasts --t1 ../shared/data/mri/mni_icbm152_t1_tal_nlin_sym_09a_converted.nii.gz \\
        --slice ../shared/data/ct/CT_pitch.nii.gz

A tenth of the simulated measurements is held out. ``within_90`` is the share of places at which the kernel's field is
within 1.645 of its standard deviations of the truth. Rows are added as they come.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from fourierfield.grids._arrays import as_signal
from fourierfield.grids._signal import GridSignal
from fourierfield.kinds._fit import run_fit
from fourierfield.kinds._read import read
from fourierfield.kinds.scans._problem import Scan
from fourierfield.kinds.scans._simulate import simulate as scanned
from fourierfield.regression._field import KernelField
from fourierfield.tasks._scan_options import ScanOptions
from fourierfield.tasks._settings import FitSettings
from fourierfield.tasks._task import FitEvents
from fourierfield.training._estimate import keep_freed_memory

from .scans import cube, phantom
from .table import Row, Table

RESULTS = Path(__file__).parent / "results" / "scan_forecasts.csv"
SIZE = 128
QUANTILE = 1.645
Case = tuple[str, GridSignal, str]


def cases(t1: Path | None, slices: list[Path]) -> list[Case]:
    """Name, truth, and how it is measured."""
    found: list[Case] = [
        ("phantom 0", phantom(SIZE, 0), "ct:20"),
        ("phantom 1", phantom(SIZE, 1), "ct:20"),
        ("phantom 1", phantom(SIZE, 1), "ct:30:0.02"),
    ]
    for path in slices:
        found += [(path.name, read(path), how) for how in ("ct:30", "ct:60:0.01")]
    if t1 is not None:
        axial = middle(t1)
        found += [(f"{t1.name}, slice", axial, how) for how in ("ct:30", "ct:60:0.02", "mri:0.3", "mri:0.3:0.05")]
        found.append((f"{t1.name}, 48", cube(t1, 48), "mri:0.1256"))
    return found


def middle(t1: Path) -> GridSignal:
    """The middle slice of a volume, resampled, its largest value 1."""
    from skimage.transform import resize

    values = read(t1).values[..., 0].astype(np.float64)
    image = resize(values[:, :, values.shape[2] // 2], (SIZE, SIZE), anti_aliasing=True)
    return as_signal(np.clip(image / image.max(), 0, 1).astype(np.float32))


def run(row: Row, truth: GridSignal) -> Row:
    """One fit beside what was said of it."""
    started = time.perf_counter()
    settings = FitSettings(
        method=row["method"],
        uncertainty=row["method"] == "kernel",
        hold_out="random:0.1",
        seed=0,
    )
    scan = scanned(truth, ScanOptions(row["simulate"]))
    assert isinstance(scan, Scan)
    outcome = run_fit(scan, settings, FitEvents())
    field, record = outcome.field, outcome.field.record
    return {
        **row,
        "forecast_db": f"{record['forecast']['held_out_psnr_db']:.2f}",
        "held_out_db": f"{record['metrics']['held_out_psnr_db']:.2f}",
        "within_90": f"{within(field, scan):.3f}" if isinstance(field, KernelField) else "",
        "seconds": f"{time.perf_counter() - started:.1f}",
    }


def within(field: KernelField, scan: Scan) -> float:
    """Share of the truth's samples within so many deviations of a field."""
    assert scan.truth is not None
    grid = field.domain.grid(scan.image_shape)
    axes = np.meshgrid(*(grid.axis(axis) for axis in range(len(grid.shape))), indexing="ij")
    points = np.stack([axis.reshape(-1) for axis in axes], axis=1)
    off = np.abs(field(points) - scan.truth.values.reshape(len(points), -1))
    return float((off <= QUANTILE * np.asarray(field.deviation(points))).mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--t1", type=Path)
    parser.add_argument("--slice", type=Path, nargs="*", default=[])
    arguments = parser.parse_args()
    keep_freed_memory()
    table = Table(RESULTS, ("truth", "simulate", "method"))
    for name, truth, how in cases(arguments.t1, arguments.slice):
        for method in ("kernel", "network"):
            row = {"truth": name, "simulate": how, "method": method}
            if not table.has(row):
                table.add(run(row, truth))


if __name__ == "__main__":
    main()
