"""Posed pictures: the paper's four mappings and the default, each for as many steps, scored on the held-out views.

    python -m benchmarks.views ../shared/data/nerf/mic_100.npz --steps 2000

The mappings are trained by the default's recipe, with the paper's bandwidths for NeRF; ``default`` chooses its own by
the pictures' spectra, ``half``, ``double`` and ``quadruple`` take that times so much. Rows are added as they come, and
a run that was stopped goes on from its checkpoint.
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from fourierfield.errors import Interrupted
from fourierfield.kinds._fit import run_fit
from fourierfield.kinds._read import read
from fourierfield.kinds.views._draw import render_view
from fourierfield.kinds.views._field import ViewsField
from fourierfield.kinds.views._plan import PAPER_RADIANS, ruled_bandwidth
from fourierfield.kinds.views._signal import ViewsSignal
from fourierfield.tasks._settings import FitSettings
from fourierfield.tasks._task import FitEvents
from fourierfield.training._estimate import keep_freed_memory

from .table import Row, Table

RESULTS = Path(__file__).parent / "results" / "views.csv"
FACTORS = {"default": 1.0, "half": 0.5, "double": 2.0, "quadruple": 4.0}
MAPPINGS = ("none", "basic", "positional", "gaussian", *FACTORS)


def choices(signal: ViewsSignal, mapping: str) -> dict[str, Any]:
    """Encoding and bandwidth of a mapping."""
    if mapping == "default":
        return {}
    if mapping in FACTORS:
        return {"bandwidth": FACTORS[mapping] * ruled_bandwidth(signal, signal.split(FitSettings().hold_out_rule)[0])}
    if mapping in PAPER_RADIANS:
        return {"encoding": mapping, "bandwidth": PAPER_RADIANS[mapping] / (2 * math.pi) * signal.scene.side}
    return {"encoding": mapping}


def run(row: Row, signal: ViewsSignal, folder: Path) -> Row:
    """One fit, scored."""
    out = folder / f"{row['scene']}-{row['mapping']}-{row['steps']}.safetensors"
    settings = FitSettings(**choices(signal, row["mapping"]), steps=int(row["steps"]), out=out, resume=True, seed=0)
    outcome = run_fit(signal, settings, FitEvents(say=lambda line: print(line, flush=True)))
    field, metrics = outcome.field, outcome.field.record["metrics"]
    assert isinstance(field, ViewsField)
    return {
        **row,
        "bandwidth": f"{field.record['encoding']['bandwidth'] or math.nan:.4g}",
        "seconds": f"{outcome.seconds['total']:.1f}",
        "held_out_psnr_db": f"{metrics['held_out_psnr_db']:.3f}",
        "held_out_ssim": f"{metrics['held_out_ssim']:.4f}",
        "train_psnr_db": f"{metrics['train_psnr_db']:.3f}",
        "mean_image_psnr_db": f"{field.record['baselines']['mean_image_psnr_db']:.3f}",
        "seconds_per_view": f"{seconds_per_view(field):.3f}",
        "precision": field.record["training"]["precision"],
        "device": f"{field.record['training']['device']}, {torch.get_num_threads()} threads",
    }


def seconds_per_view(field: ViewsField) -> float:
    """The median of three renderings of held-out views at their own size."""
    seconds = []
    for view in range(min(3, len(field.scene.held_out))):
        started = time.perf_counter()
        render_view(field, view)
        seconds.append(time.perf_counter() - started)
    return float(np.median(seconds))


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.views", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    default = Path(__file__).parents[2] / "shared" / "data" / "nerf" / "mic_100.npz"
    parser.add_argument("scene", nargs="?", type=Path, default=default)
    parser.add_argument("--steps", type=int, default=2000, help="of each fit")
    parser.add_argument("--mappings", nargs="+", default=list(MAPPINGS), choices=MAPPINGS)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "fourierfield-views")
    options = parser.parse_args()
    keep_freed_memory()
    options.work.mkdir(parents=True, exist_ok=True)
    signal = read(options.scene)
    assert isinstance(signal, ViewsSignal)
    table = Table(RESULTS, ("scene", "mapping", "steps"))
    for mapping in options.mappings:
        row = {"scene": options.scene.name, "mapping": mapping, "steps": str(options.steps)}
        if not table.has(row):
            table.add(run(row, signal, options.work))


if __name__ == "__main__":
    try:
        main()
    except Interrupted as stop:
        print(f"stopped at step {stop.step}; the same command goes on")
