"""A scan with every second voxel along each axis trained on: kernel and network beside cubic interpolation.

    python -m benchmarks.volumes --data ../shared/data

The middle 96³ voxels of the MNI152 T1 template. Goes on where it stopped.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

from fourierfield.grids._signal import GridSignal
from fourierfield.kinds._fit import run_fit
from fourierfield.kinds._read import read
from fourierfield.tasks._settings import FitSettings

from .kernels.common import timed
from .table import Row, Table

RESULTS = Path(__file__).parent / "results"
SCAN = Path("mri/mni_icbm152_t1_tal_nlin_sym_09a_converted.nii.gz")
SIDE = 96
SETTINGS = {
    "kernel": FitSettings(method="kernel", hold_out="grid"),
    "network": FitSettings(method="network", hold_out="grid"),
}


def middle(path: Path) -> GridSignal:
    """The middle voxels of a scan, cut out by nibabel, which moves the affine."""
    import nibabel

    image = nibabel.load(path)
    first = [(n - SIDE) // 2 for n in image.shape[:3]]
    part = image.slicer[tuple(slice(f, f + SIDE) for f in first)]  # type: ignore[attr-defined]
    with tempfile.TemporaryDirectory() as folder:
        nibabel.save(part, f"{folder}/middle.nii.gz")
        return read(f"{folder}/middle.nii.gz")


def row(signal: GridSignal, method: str) -> Row:
    """One fit, scored."""
    outcome, seconds = timed(lambda: run_fit(signal, replace(SETTINGS[method])))
    result = outcome.to_json()
    _, drawing = timed(lambda: outcome.field.sample(signal.grid))
    return {
        "method": method,
        "held_out_psnr_db": f"{result['metrics']['held_out_psnr_db']:.2f}",
        "cubic_psnr_db": f"{result['baselines']['cubic_psnr_db']:.2f}",
        "forecast_db": f"{result['forecast']['held_out_psnr_db']:.2f}",
        "train_psnr_db": f"{result['metrics']['train_psnr_db']:.2f}",
        "encoding": result["encoding"]["family"],
        "bandwidth": str(result["encoding"]["bandwidth"]),
        "steps": str(result["steps"]),
        "tune_s": f"{outcome.seconds['tune']:.1f}",
        "fit_s": f"{outcome.seconds['fit']:.1f}",
        "all_s": f"{seconds:.1f}",
        "draw_s": f"{drawing:.1f}",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    options = parser.parse_args()
    table = Table(RESULTS / "volumes.csv", ("method",))
    signal = middle(options.data / SCAN)
    for method in SETTINGS:
        if not table.has({"method": method}):
            table.add(row(signal, method))


if __name__ == "__main__":
    main()
