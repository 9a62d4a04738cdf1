"""The command ``fourierfield bench``."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from ..errors import SettingsError
from ._options import AsJson
from ._progress import say, show

_SIDES = (64, 128, 256, 512, 1024)  # sides of square grids: 4,096 to 1,048,576 training samples
_PEER_SCRIPT = Path("benchmarks/peers/neural_tangents_forecast.py")
_PARTS = ("step", "forecast", "empirical", "quality")


def command(
    only: Annotated[str, typer.Option(help=f"Parts to measure, joined by commas: {', '.join(_PARTS)}.")] = ",".join(
        _PARTS
    ),
    peers: Annotated[
        str | None,
        typer.Option(help="The Python of the environment that make peers creates; its packages are measured as well."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Measure the speed of training and forecasts beside matrix products, the paper's settings and other packages."""
    chosen = only.split(",")
    if not set(chosen) <= set(_PARTS):
        raise SettingsError(f"--only {only}: use some of {', '.join(_PARTS)}, joined by commas")
    if peers is not None:
        for needed in (Path(peers), _PEER_SCRIPT):
            if not needed.exists():
                raise SettingsError(
                    f"--peers: {needed} does not exist; run make peers, then this command, in the project's folder"
                )
    import torch

    from ..training._estimate import keep_freed_memory

    keep_freed_memory()
    results: dict[str, Any] = {"threads": torch.get_num_threads()}
    measures = {"step": _step, "forecast": lambda: _forecast(peers), "empirical": _empirical, "quality": _quality}
    for name in chosen:
        results[name] = measures[name]()
    if as_json:
        show(json.dumps(results))


def _step() -> list[dict[str, Any]]:
    import torch

    from ..bench._step import measure_step, orthogonal_cost
    from ..training._plan import choose_precision

    found: list[dict[str, Any]] = []
    for precision in dict.fromkeys((torch.float32, choose_precision("auto", torch.device("cpu")))):
        step = measure_step(precision)
        found.append({**asdict(step), "share": step.share})
        say(
            f"training step, {step.precision}: {step.step_ms:.1f} ms, {step.rate_gflops_per_s:.0f} GFLOP/s, "
            f"{step.share:.0%} of this machine's matrix products ({step.product_gflops_per_s:.0f} GFLOP/s)"
        )
    cost = orthogonal_cost()
    found.append({"orthogonal_cost": cost})
    say(f"a step of the default preset (orthogonal), 4,096 rows: {cost:.2f} times the time of a step by Adam alone")
    return found


def _forecast(peers: str | None) -> dict[str, Any]:
    from ..bench._forecast import against_dense_peer, forecast_cost, growth_exponent

    costs = []
    for side in _SIDES:
        costs.append(forecast_cost(side))
        say(_cost_line(costs[-1].samples, "grey", costs[-1].seconds, costs[-1].peak_mb))
    colour = forecast_cost(256, channels=3)
    say(_cost_line(colour.samples, "colour", colour.seconds, colour.peak_mb))
    exponent = growth_exponent(costs)
    say(f"the time of a forecast grows like N^{exponent:.2f}")
    found: dict[str, Any] = {"costs": [asdict(c) for c in (*costs, colour)], "growth_exponent": exponent}
    if peers is not None:
        say("forecasting 4,096 points by neural-tangents, densely (takes minutes) …")
        comparison = against_dense_peer(Path(peers), _PEER_SCRIPT)
        found["dense_peer"] = {**asdict(comparison), "ratio": comparison.ratio}
        say(
            f"forecast of {comparison.samples:,} points: {comparison.seconds:.2f} s here, "
            f"{comparison.peer_seconds:.1f} s by neural-tangents, {comparison.ratio:.0f} times faster, "
            f"equal within {comparison.largest_difference:.0e}"
        )
    return found


def _cost_line(samples: int, colour: str, seconds: float, peak_mb: float) -> str:
    return (
        f"forecast of {samples:,} training and as many held-out samples, {colour}: {seconds:.2f} s, {peak_mb:,.0f} MB"
    )


def _empirical() -> dict[str, Any]:
    from ..bench._empirical import against_jacobian

    found = against_jacobian()
    say(
        f"empirical NTK of a 4×256 MLP at {found.points} points: {found.layers_ms:.1f} ms, by Jacobians "
        f"{found.jacobian_ms:.0f} ms, {found.ratio:.0f} times faster, equal within {found.largest_difference:.0e}"
    )
    return {**asdict(found), "ratio": found.ratio}


def _quality() -> dict[str, Any]:
    from skimage import data

    from ..bench._quality import centre_crop, time_to_paper_quality

    say("comparing default settings with --preset paper on the middle 256² pixels of the astronaut (takes minutes) …")
    quality = time_to_paper_quality(centre_crop(data.astronaut(), 256))
    say(
        f"paper preset {quality.paper_psnr_db:.2f} dB in {quality.paper_seconds:.0f} s; default settings "
        f"{quality.default_psnr_db:.2f} dB in {quality.default_seconds:.1f} s ({quality.default_steps} steps): "
        f"{quality.ratio:.1f} times faster" + ("" if quality.reached else " — NOT reached")
    )
    return {**asdict(quality), "ratio": quality.ratio, "reached": quality.reached}
