"""Finite networks against the prediction of their infinitely wide limit: python -m benchmarks.width

Largest distance over five moments of training, in units of the first residual's norm, training and test points.
"""

from __future__ import annotations

from pathlib import Path

from fourierfield.bench._width import WidthSetting, check_width

from .table import Row, Table

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    table = Table(RESULTS / "width.csv", ("width", "power", "seed"))
    for width in (256, 1024, 4096):
        for power in (0.0, 1.0, 2.0):
            for seed in (0, 1, 2) if width < 4096 else (0,):
                row: Row = {"width": str(width), "power": f"{power:g}", "seed": str(seed)}
                if not table.has(row):
                    check = check_width(WidthSetting(width, power, seed=seed))
                    table.add(
                        {**row, "train_error": f"{check.train_error:.4f}", "test_error": f"{check.test_error:.4f}"}
                    )


if __name__ == "__main__":
    main()
