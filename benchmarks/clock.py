"""How far forecasts of training and held-out PSNR are off, by step: theory's clock against trained networks.

    python -m benchmarks.clock ../shared/data/photos/kodim{05,19,23}.png ../shared/data/text/page.png

Middle pixels, the paper's hold-out, every sample in every step; forecasts are made without a look at the training.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from fourierfield.bench._quality import centre_crop
from fourierfield.encodings._families import gaussian
from fourierfield.forecast._steps import forecast_steps
from fourierfield.grids._splits import GridHoldOut
from fourierfield.networks._mlp import MLP, CoordinateNetwork, MLPSpec
from fourierfield.problems._grid import grid_problem
from fourierfield.tasks._plan import DEFAULT_RATE, MARGIN, ORTHOGONAL, weight_decay
from fourierfield.training._loop import train
from fourierfield.training._plan import TrainingPlan, choose_precision
from fourierfield.training._schedules import ConstantRate, Schedule, WarmupCosine

from .table import Row, Table

RESULTS = Path(__file__).parent / "results"


def adam(schedule: Schedule) -> Callable[[int, torch.dtype], TrainingPlan]:
    """Plans of Adam alone on all samples."""
    return lambda steps, precision: TrainingPlan(steps, schedule, precision=precision)


def default(steps: int, precision: torch.dtype) -> TrainingPlan:
    """The default preset: orthogonal steps, weight decay, a mirrored margin."""
    decay = weight_decay(steps, DEFAULT_RATE)
    return TrainingPlan(steps, WarmupCosine(DEFAULT_RATE), 4096, decay, ORTHOGONAL, MARGIN, precision)


PLANS = {
    "constant 1e-3": adam(ConstantRate(1e-3)),
    "constant 3e-4": adam(ConstantRate(3e-4)),
    "cosine 1e-2": adam(WarmupCosine(1e-2)),
    "default": default,
}
FIRST = 20  # before, steps of a large rate are still finding their scale


@dataclass(frozen=True)
class Setting:
    """One network to train: ``side``² pixels, bandwidth in cycles per unit."""

    plan: str
    side: int = 128
    bandwidth: float = 4.0
    width: int = 256
    steps: int = 1000

    @property
    def row(self) -> Row:
        return {
            "plan": self.plan,
            "side": str(self.side),
            "bandwidth": f"{self.bandwidth:g}",
            "width": str(self.width),
        }


SETTINGS = [
    *(Setting(name, bandwidth=b) for b, name in itertools.product((2.0, 4.0, 8.0), PLANS)),
    *(Setting("constant 1e-3", width=width) for width in (128, 512)),
    Setting("constant 1e-3", side=256, bandwidth=8.0),
]


def compare(photo: Path, setting: Setting) -> list[Row]:
    """Forecast, train, and put both side by side at the steps that training scored."""
    problem = grid_problem(centre_crop(photo, setting.side), GridHoldOut())
    generator = torch.Generator().manual_seed(0)
    encoding = gaussian(2, setting.bandwidth, 256, generator=generator)
    network = CoordinateNetwork(encoding, MLP(MLPSpec(512, problem.channels, width=setting.width), generator))
    precision = choose_precision("auto", torch.device("cpu"))
    plan = PLANS[setting.plan](setting.steps, precision)
    forecast = forecast_steps(problem, network, plan).value
    assert forecast.held_out_psnr_db is not None
    _, curve = train(problem, network, plan)
    rows = []
    for score in curve:
        step = int(score["step"] or 0)
        rows.append(
            {
                "image": photo.name,
                **setting.row,
                "step": str(step),
                "train_psnr_db": f"{score['train_psnr_db']:.3f}",
                "train_forecast_db": f"{float(forecast.train_psnr_db[step - 1]):.3f}",
                "held_out_psnr_db": f"{score['held_out_psnr_db']:.3f}",
                "held_out_forecast_db": f"{float(forecast.held_out_psnr_db[step - 1]):.3f}",
            }
        )
    return rows


def errors(rows: list[Row], what: str, below: float = 1e9) -> list[float]:
    """|forecast − trained| in dB from step 20 on, where the trained score is below ``below`` dB."""
    return [
        abs(float(row[f"{what}_forecast_db"]) - float(row[f"{what}_psnr_db"]))
        for row in rows
        if int(row["step"]) >= FIRST and float(row[f"{what}_psnr_db"]) < below
    ]


def summary(rows: list[Row]) -> str:
    """Median errors, all together and by plan."""
    lines = [f"{'plan':<16}{'training, below 40 dB':>24}{'held out':>12}{'scores':>8}"]
    for name in (*PLANS, "all"):
        chosen = [row for row in rows if name in ("all", row["plan"])]
        if chosen:
            train_error, held_out = errors(chosen, "train", 40.0), errors(chosen, "held_out")
            lines.append(
                f"{name:<16}{statistics.median(train_error):>21.2f} dB{statistics.median(held_out):>9.2f} dB"
                f"{len(held_out):>8}"
            )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", nargs="+", type=Path)
    options = parser.parse_args()
    table = Table(RESULTS / "clock.csv", ("image", "plan", "side", "bandwidth", "width"))
    for setting, photo in itertools.product(SETTINGS, options.photos):
        if not table.has({"image": photo.name, **setting.row}):
            for row in compare(photo, setting):
                table.add(row)
    print(summary(table.rows))


if __name__ == "__main__":
    main()
