"""Default fits of photographs, beside cubic splines and a network without mapping, on the paper's hold-out.

python -m benchmarks.photos ../shared/data/photos/*.png
"""

from __future__ import annotations

import argparse
import statistics
from pathlib import Path

from fourierfield.bench._quality import centre_crop
from fourierfield.kinds._fit import run_fit
from fourierfield.tasks._settings import FitSettings

from .table import Row, Table

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", nargs="+", type=Path)
    parser.add_argument("--side", type=int, default=512)
    parser.add_argument("--mappings", nargs="+", default=["auto", "none"])
    options = parser.parse_args()
    table = Table(RESULTS / f"photos_{options.side}.csv", ("image", "side", "mapping"))
    for mapping in options.mappings:
        for photo in options.photos:
            row = {"image": photo.name, "side": str(options.side), "mapping": mapping}
            if not table.has(row):
                table.add(run(row, photo))
        print_mean(table, mapping)


def run(row: Row, photo: Path) -> Row:
    """One fit, scored."""
    settings = FitSettings(encoding=row["mapping"], hold_out="grid", seed=0)
    outcome = run_fit(centre_crop(photo, int(row["side"])), settings)
    record = outcome.field.record
    return {
        **row,
        "held_out_psnr_db": f"{record['metrics']['held_out_psnr_db']:.3f}",
        "cubic_psnr_db": f"{record['baselines']['cubic_psnr_db']:.3f}",
        "train_psnr_db": f"{record['metrics']['train_psnr_db']:.3f}",
        "ssim": f"{record['metrics']['ssim']:.4f}",
        "bandwidth": str(record["encoding"]["bandwidth"]),
        "steps": str(record["steps"]),
        "precision": record["training"]["precision"],
        "seconds": f"{outcome.seconds['fit']:.1f}",
    }


def print_mean(table: Table, mapping: str) -> None:
    rows = [row for row in table.rows if row["mapping"] == mapping]
    fitted, cubic = (
        statistics.mean(float(row[name]) for row in rows) for name in ("held_out_psnr_db", "cubic_psnr_db")
    )
    print(f"{mapping}: mean of {len(rows)} {fitted:.2f} dB, cubic {cubic:.2f} dB, gain {fitted - cubic:+.2f} dB")


if __name__ == "__main__":
    main()
