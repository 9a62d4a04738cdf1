"""What each choice of the default preset is worth: the preset with one of them changed at a time.

    python -m benchmarks.settings ../shared/data/photos/kodim{05,08,23}.png

Middle 256² pixels, the paper's hold-out, the same number of samples seen.
"""

from __future__ import annotations

import argparse
import statistics
from dataclasses import replace
from pathlib import Path

from fourierfield.bench._quality import centre_crop
from fourierfield.encodings._spec import EncodingSpec
from fourierfield.grids._splits import GridHoldOut
from fourierfield.problems._baselines import cubic_interpolation_psnr
from fourierfield.problems._grid import GridProblem, grid_problem
from fourierfield.tasks._network import build_network
from fourierfield.tasks._plan import FitPlan, plan_fit
from fourierfield.tasks._settings import FitSettings
from fourierfield.training._loop import train
from fourierfield.training._schedules import ConstantRate, WarmupCosine
from fourierfield.training._scoring import score_field
from fourierfield.tuning._choice import Choice

from .table import Row, Table

RESULTS = Path(__file__).parent / "results"


def variants(problem: GridProblem) -> dict[str, FitPlan]:
    """The default plan, and each variation of it by name."""
    default = plan_fit(problem, FitSettings())
    training = default.training
    changed = {
        "rate 3e-3": replace(training, schedule=WarmupCosine(3e-3)),
        "rate 2e-2": replace(training, schedule=WarmupCosine(2e-2)),
        "constant rate 1e-3": replace(training, schedule=ConstantRate(1e-3)),
        "all samples in every step": replace(training, batch_size=None, steps=training.steps // 4),
        "Adam alone": replace(training, orthogonal=0.0),
        "half the orthogonal steps": replace(training, orthogonal=training.orthogonal / 2),
        "no weight decay": replace(training, weight_decay=0.0),
        "half the weight decay": replace(training, weight_decay=training.weight_decay / 2),
        "twice the weight decay": replace(training, weight_decay=training.weight_decay * 2),
        "half the steps": replace(training, steps=training.steps // 2),
    }
    plans = {"default": default, **{name: replace(default, training=plan) for name, plan in changed.items()}}
    bandwidth = default.choice.encoding.bandwidth
    assert isinstance(bandwidth, float)
    for factor in (0.5, 1.4, 2.0):
        choice = Choice(EncodingSpec("gaussian", factor * bandwidth), "benchmark")
        plans[f"{factor:g} × bandwidth"] = replace(default, choice=choice)
    return plans


def run(row: Row, problem: GridProblem, plan: FitPlan) -> Row:
    """One fit, scored."""
    field, _ = train(problem, build_network(plan, problem.domain.dimensions, seed=0), plan.training)
    scores = score_field(field, problem)
    cubic = cubic_interpolation_psnr(problem)
    return {**row, **{name: f"{value:.3f}" for name, value in scores.items()}, "cubic_psnr_db": f"{cubic:.3f}"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", nargs="+", type=Path)
    options = parser.parse_args()
    table = Table(RESULTS / "settings_256.csv", ("image", "variant"))
    problems = {photo.name: grid_problem(centre_crop(photo, 256), GridHoldOut()) for photo in options.photos}
    for name in variants(next(iter(problems.values()))):
        for image, problem in problems.items():
            row = {"image": image, "variant": name}
            if not table.has(row):
                table.add(run(row, problem, variants(problem)[name]))
    for name in dict.fromkeys(row["variant"] for row in table.rows):
        gains = [float(r["held_out_psnr_db"]) - float(r["cubic_psnr_db"]) for r in table.rows if r["variant"] == name]
        print(f"{name:<28}{statistics.mean(gains):+.2f} dB over cubic, {len(gains)} photos")


if __name__ == "__main__":
    main()
