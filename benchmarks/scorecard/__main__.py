"""How often the forecast was right: sweeps of trained networks beside forecasts made without them.

python -m benchmarks.scorecard train      trains (hours; in pieces that resume; --part 0/2 and 1/2 side by side)
python -m benchmarks.scorecard forecast   forecasts the same networks (minutes)
python -m benchmarks.scorecard score      compares, and prints what the README quotes
python -m benchmarks.scorecard cost       times choices beside the training of their sweeps
python -m benchmarks.scorecard smooth     tells which signals are smooth, and how NTK and NNGP do on one that is
python -m benchmarks.scorecard calibrate  writes the correction of the package from all signals
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterable
from pathlib import Path
from statistics import median

import fourierfield

from ..table import Row, Table
from .calibration import fit, references, write_table
from .cost import measure
from .forecasting import forecast_rows
from .picture import scorecard_picture
from .score import (
    SweepScore,
    expectations,
    half_widths,
    score_sweeps,
    second_seed,
    seed_noise,
    smooth_sweeps,
    summary,
    unseen_expectations,
)
from .signals import UNSEEN
from .smoothness import kernels_beside_training, smoothness_table
from .sweeps import AGAIN, SWEEPS, UNSEEN_SWEEPS
from .training import KEYS, train_sweep

RESULTS = Path(__file__).parent.parent / "results" / "scorecard"
CORRECTION = Path(fourierfield.__file__).parent / "forecast" / "finite.json"


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.scorecard", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["train", "forecast", "score", "cost", "smooth", "calibrate"])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--part", default="0/1", help="with train, I/N: each N-th sweep from the I-th on")
    options = parser.parse_args()
    RESULTS.mkdir(exist_ok=True)
    if options.what == "train":
        train(options.part, options.data)
    elif options.what == "forecast":
        forecast_rows(trained(), Table(RESULTS / "forecasts.csv", KEYS), options.data)
    elif options.what == "score":
        score(options.data)
    elif options.what == "cost":
        costs = measure(options.data)
        print("\n".join(map(str, costs)))
        print(f"a choice costs {100 * median(cost.share for cost in costs):.1f} % of its sweep (median)")
    elif options.what == "smooth":
        print("\n".join((*smoothness_table(options.data), "", *kernels_beside_training(trained(), options.data))))
    else:
        rows = [row for row in joined() if row["signal"] not in UNSEEN]
        write_table(fit(rows, references(rows)), half_widths(expectations(rows)), len(rows), CORRECTION)


def train(text: str, data: Path) -> None:
    """Train one part of the sweeps, then some of them again with another seed."""
    part, parts = map(int, text.split("/"))
    table = Table(RESULTS / f"trained_{part}_of_{parts}.csv", KEYS)
    for sweep in (SWEEPS + UNSEEN_SWEEPS)[part::parts]:
        train_sweep(sweep, table, data)
    for sweep in AGAIN[part::parts]:
        train_sweep(sweep, table, data, seed=1)


def trained() -> list[Row]:
    """Rows of all parts, each network once."""
    rows = [row for path in sorted(RESULTS.glob("trained_*.csv")) for row in _read(path)]
    return list({_key(row): row for row in rows}.values())


def joined() -> list[Row]:
    """Trained rows of the first seed with their forecasts."""
    forecasts = {_key(row): row for row in _read(RESULTS / "forecasts.csv")}
    return [{**row, **forecasts[_key(row)]} for row in trained() if row["seed"] == "0" and _key(row) in forecasts]


def score(data: Path) -> None:
    """Print the summaries; write the table and its picture."""
    rows, noise = joined(), seed_noise(trained())
    seen, unseen = ([row for row in rows if (row["signal"] in UNSEEN) == new] for new in (False, True))
    scored = expectations(seen)
    scores, smooth = score_sweeps(scored, noise, data), smooth_sweeps(scored)
    new = score_sweeps(unseen_expectations(unseen, seen), noise, data, scored)
    again = second_seed(trained(), noise)
    print(f"seed's noise: {noise:.2f} dB; a second seed as the forecast: rank correlation {min(again):.3f} and more")
    print("\n".join(summary(scores)))
    print("\nof these, over signals that are not smooth:")
    print("\n".join(summary([found for found in scores if found.sweep not in smooth])[:-4]))
    print("\nover signals that nothing was fitted to or chosen by:")
    print("\n".join(summary(new)) if new else "none trained yet")
    _write(RESULTS / "scorecard.csv", (_row(found) for found in (*scores, *new)))
    (RESULTS / "scorecard.png").write_bytes(scorecard_picture(scored, scores))


def _row(found: SweepScore) -> Row:
    errors = sorted(abs(error) for error in found.errors)
    return {
        **found.sweep.row,
        "networks": str(len(errors)),
        "median_error_db": f"{errors[len(errors) // 2]:.2f}",
        "worst_error_db": f"{errors[-1]:.2f}",
        "rank_correlation": f"{found.correlation:.3f}",
        **{f"{rule} regret_db": f"{lost:.2f}" for rule, lost in found.regrets.items()},
    }


def _write(path: Path, rows: Iterable[Row]) -> None:
    found = list(rows)
    names = list(dict.fromkeys(name for row in found for name in row))
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, names, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(found)


def _read(path: Path) -> list[Row]:
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def _key(row: Row) -> tuple[str, ...]:
    return tuple(row[name] for name in KEYS)


if __name__ == "__main__":
    main()
