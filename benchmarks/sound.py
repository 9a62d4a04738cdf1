"""Sound by network and by kernel: a tenth of the samples held out at random, and gaps of 20 ms.

    python -m benchmarks.sound --data ../shared/data

Gaps are where the recording is not silent, at places drawn from a seed; their SNR is that of the recording there over
what the field, or a cubic spline across the gap, makes of it. Goes on where it stopped.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import numpy as np

from fourierfield.grids._signal import GridSignal
from fourierfield.kinds._fit import run_fit
from fourierfield.kinds._read import read
from fourierfield.tasks._settings import FitSettings

from .table import Row, Table

RESULTS = Path(__file__).parent / "results"
GAP = 0.02  # seconds
GAPS = 5


def held_out(signal: GridSignal, method: str) -> Row:
    """A fit with a tenth of the samples held out."""
    outcome = run_fit(signal, FitSettings(method=method, hold_out="random:0.1"))
    metrics, cubic = outcome.field.record["metrics"], outcome.field.record["baselines"]["cubic_psnr_db"]
    offset = metrics["held_out_snr_db"] - metrics["held_out_psnr_db"]
    return {
        "snr_db": f"{metrics['held_out_snr_db']:.2f}",
        "cubic_snr_db": f"{cubic + offset:.2f}",
        "seconds": f"{outcome.seconds['total']:.1f}",
    }


def gaps(signal: GridSignal, method: str) -> Row:
    """A fit with gaps, all of them missing at once."""
    places = _places(signal)
    windows = tuple(f"{first}:{first + length}sample" for first, length in places)
    outcome = run_fit(signal, FitSettings(method=method, missing=windows))
    inside = np.concatenate([np.arange(first, first + length) for first, length in places])
    truth = signal.values[inside]
    found = outcome.field(signal.grid.coordinates(inside))
    return {
        "snr_db": f"{_snr(truth, found):.2f}",
        "cubic_snr_db": f"{_snr(truth, _spline(signal.values, inside)):.2f}",
        "seconds": f"{outcome.seconds['total']:.1f}",
    }


def _places(signal: GridSignal) -> list[tuple[int, int]]:
    assert signal.sample_format.audio is not None
    length = round(GAP * signal.sample_format.audio.rate)
    loud = float(np.square(signal.values).mean())
    random, found = np.random.default_rng(0), []
    while len(found) < GAPS:
        first = int(random.integers(length, signal.shape[0] - 2 * length))
        if np.square(signal.values[first : first + length]).mean() > 0.25 * loud:
            found.append((first, length))
    return found


def _spline(values: np.ndarray, inside: np.ndarray) -> np.ndarray:
    from scipy.interpolate import CubicSpline

    known = np.setdiff1d(np.arange(len(values)), inside)
    return np.asarray(CubicSpline(known, values[known])(inside))


def _snr(truth: np.ndarray, found: np.ndarray) -> float:
    return 10 * math.log10(float(np.square(truth).sum() / np.square(truth - found).sum()))


TASKS = {"a tenth": held_out, "gaps of 20 ms": gaps}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    options = parser.parse_args()
    table = Table(RESULTS / "sound.csv", ("sound", "missing", "method"))
    for path in sorted((options.data / "audio").glob("*.wav")):
        for missing, task in TASKS.items():
            for method in ("kernel", "network"):
                key = {"sound": path.stem, "missing": missing, "method": method}
                if not table.has(key):
                    table.add({**key, **task(read(path), method)})


if __name__ == "__main__":
    main()
