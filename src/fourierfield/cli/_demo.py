"""The command ``fourierfield demo``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ._options import AsJson
from ._progress import Heartbeat, ProgressDisplay, StopSignals, say, show

if TYPE_CHECKING:
    import numpy as np

    from ..grids._signal import GridSignal
    from ..tasks._run import FitOutcome


def command(
    out: Annotated[str, typer.Option(help="The PNG picture to write.")] = "fourierfield-demo.png",
    steps: Annotated[int, typer.Option(help="Number of optimiser steps of each of the two fits.")] = 2000,
    seed: Annotated[int, typer.Option(help="Seed of the frequencies, weights and batches.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Fit a bundled photograph from every second pixel, with and without Fourier features.

    The picture shows both results beside the photograph and bicubic interpolation.
    """
    with StopSignals() as stop:
        from ..grids._files import atomic_write, check_writable
        from ..kinds._fit import run_fit
        from ..tasks._settings import FitSettings
        from ..tasks._task import FitEvents
        from ..training._estimate import keep_freed_memory

        check_writable(out)
        keep_freed_memory()
        signal = _photograph()
        outcomes = {}
        for encoding in ("auto", "none"):
            name = "Fourier features" if encoding == "auto" else "no mapping"
            say(f"--- {name} ---")
            settings = FitSettings(encoding=encoding, hold_out="grid", steps=steps, seed=seed)
            with Heartbeat("reading the photograph") as heartbeat, ProgressDisplay(heartbeat) as display:
                events = FitEvents(say, display, stop.number, display.tuning, heartbeat)
                outcomes[name] = run_fit(signal, settings, events)
        say("drawing the picture")
        atomic_write(out, _picture(signal, outcomes))
    _print(outcomes, out, as_json)


def _photograph() -> GridSignal:
    """Return the astronaut of scikit-image (NASA, public domain), 512×512."""
    from skimage import data

    from ..grids._arrays import as_signal

    return as_signal(data.astronaut(), name="astronaut (NASA, from scikit-image)")


def _picture(signal: GridSignal, outcomes: dict[str, FitOutcome]) -> bytes:
    from ..report._comparison import Panel, comparison_picture

    scores = _scores(outcomes)
    panels = [
        Panel("photograph", signal.values),
        Panel(_caption("bicubic", scores["bicubic"]), _bicubic(signal.values)),
    ]
    for name, outcome in reversed(outcomes.items()):
        panels.append(Panel(_caption(name, scores[name]), outcome.field.sample(signal.grid)))
    title = "Fitted to every second pixel along each axis: the pixels between are filled in"
    return comparison_picture(panels, (slice(100, 180), slice(180, 260)), title)


def _bicubic(values: np.ndarray) -> np.ndarray:
    """Return all pixels, (H, W, C), interpolated by cubic splines through every second one."""
    import numpy as np
    from scipy.ndimage import map_coordinates

    index = np.indices(values.shape[:2]) / 2
    kept = values[::2, ::2].astype(np.float64)
    channels = [map_coordinates(kept[..., c], index, order=3, mode="mirror") for c in range(values.shape[2])]
    return np.stack(channels, axis=-1)


def _scores(outcomes: dict[str, FitOutcome]) -> dict[str, float]:
    records = {name: outcome.field.record for name, outcome in outcomes.items()}
    scores = {name: record["metrics"]["held_out_psnr_db"] for name, record in records.items()}
    scores["bicubic"] = next(iter(records.values()))["baselines"]["cubic_psnr_db"]
    return scores


def _caption(name: str, decibels: float) -> str:
    return f"{name}: {decibels:.2f} dB"


def _print(outcomes: dict[str, FitOutcome], out: str, as_json: bool) -> None:
    scores = _scores(outcomes)
    if as_json:
        runs = {name: outcome.to_json() for name, outcome in outcomes.items()}
        show(json.dumps({"held_out_psnr_db": scores, "runs": runs, "picture": out}, allow_nan=False))
        return
    show("PSNR on held-out pixels, after training on every second pixel along each axis:")
    for name in ("Fourier features", "bicubic", "no mapping"):
        took = f"   ({outcomes[name].seconds['fit']:.0f} s)" if name in outcomes else ""
        show(f"  {name:<18}{scores[name]:6.2f} dB{took}")
    show(f"picture: {Path(out)}")
