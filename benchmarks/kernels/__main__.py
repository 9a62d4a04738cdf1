"""Kernel fields beside their rivals, all timed in one run.

python -m benchmarks.kernels choice       what the choice of kernel and ridge loses against the best
python -m benchmarks.kernels photo        512² photographs, every second pixel kept: splines, inpainting, a network
python -m benchmarks.kernels gaps         80 % of the pixels removed at random
python -m benchmarks.kernels bathymetry   ship soundings, a tenth held out
python -m benchmarks.kernels wind         weather stations, tenfold cross-validation
python -m benchmarks.kernels dense        8,192 points beside scikit-learn's dense kernel ridge
python -m benchmarks.kernels points       10⁴ to 10⁶ points: time, memory, growth
python -m benchmarks.kernels sound        a tenth of the samples held out at random
python -m benchmarks.kernels tables       the estimators beside scikit-learn's: R² in five folds
"""

from __future__ import annotations

import argparse
from pathlib import Path

from ..table import Table
from . import bathymetry, choice, dense, gaps, photo, points, sound, tables, wind

RESULTS = Path(__file__).parent.parent / "results" / "kernels"
PARTS = {
    "choice": choice,
    "photo": photo,
    "gaps": gaps,
    "bathymetry": bathymetry,
    "wind": wind,
    "dense": dense,
    "points": points,
    "sound": sound,
    "tables": tables,
}


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.kernels", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=list(PARTS))
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    options = parser.parse_args()
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{options.what}.csv").unlink(missing_ok=True)
    table = Table(RESULTS / f"{options.what}.csv", ())
    for row in PARTS[options.what].rows(options.data):
        table.add(row)


if __name__ == "__main__":
    main()
