"""Whether a default fit of a noisy photograph ends near its best moment.

    python -m benchmarks.noise ../shared/data/photos/*.png

Middle 256² pixels, Gaussian noise on every second pixel along each axis, which are the training samples; the held-out
pixels stay clean, so the learning curve is measured against the clean image. The tuner sees training samples alone.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from fourierfield.bench._quality import centre_crop
from fourierfield.grids._arrays import as_signal
from fourierfield.grids._signal import GridSignal
from fourierfield.kinds._fit import run_fit
from fourierfield.tasks._settings import FitSettings

from .table import Row, Table

RESULTS = Path(__file__).parent / "results"
SIDE = 256


def noisy(path: Path, sigma: float) -> GridSignal:
    """The crop with noise of this standard deviation (the image spans [0, 1]) where it is trained on."""
    values = np.asarray(centre_crop(path, SIDE).values, dtype=np.float32)
    noise = sigma * np.random.default_rng(0).standard_normal(values[::2, ::2].shape)
    values = values.copy()
    values[::2, ::2] = np.clip(values[::2, ::2] + noise, 0, 1)
    return as_signal(values, name=path.name)


def run(path: Path, sigma: float) -> Row:
    """One default fit: its last score on the clean pixels, and the best along its curve."""
    result = run_fit(noisy(path, sigma), FitSettings(hold_out="grid")).to_json()
    scores = {point["step"]: point["held_out_psnr_db"] for point in result["curve"]}
    best = max(scores, key=lambda step: scores[step])
    end = result["metrics"]["held_out_psnr_db"]
    return {
        "photo": path.name,
        "sigma": f"{sigma:g}",
        "end_db": f"{end:.3f}",
        "best_db": f"{max(end, scores[best]):.3f}",
        "best_step": str(best),
        "steps": str(result["steps"]),
        "encoding": result["encoding"]["family"],
        "bandwidth": str(result["encoding"]["bandwidth"]),
        "train_psnr_db": f"{result['metrics']['train_psnr_db']:.3f}",
        "cubic_psnr_db": f"{result['baselines']['cubic_psnr_db']:.3f}",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", nargs="+", type=Path)
    parser.add_argument("--sigma", type=float, default=0.1)
    options = parser.parse_args()
    table = Table(RESULTS / "noise.csv", ("photo", "sigma"))
    for path in options.photos:
        if not table.has({"photo": path.name, "sigma": f"{options.sigma:g}"}):
            table.add(run(path, options.sigma))
    lost = [float(row["best_db"]) - float(row["end_db"]) for row in table.rows]
    print(f"{len(lost)} fits end at most {max(lost):.2f} dB, {sum(lost) / len(lost):.2f} on average, below their best")


if __name__ == "__main__":
    main()
