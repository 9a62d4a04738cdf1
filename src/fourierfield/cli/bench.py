"""``fourierfield bench``."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from .progress import say

__all__ = ["command"]


def command(
    quick: Annotated[bool, typer.Option("--quick", help="Only the training step; no fits.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")] = False,
) -> None:
    """Measure the training step against this machine's matrix products, and default against paper settings."""
    import torch
    from skimage import data

    from ..bench import measure_step, time_to_paper_quality
    from ..bench.quality import centre_crop
    from ..training import choose_precision, keep_freed_memory

    keep_freed_memory()
    best = choose_precision("auto", torch.device("cpu"))
    results: dict[str, object] = {"threads": torch.get_num_threads(), "steps": []}
    for precision in dict.fromkeys((torch.float32, best)):
        step = measure_step(precision)
        results["steps"].append({**vars(step), "share": step.share})  # type: ignore[attr-defined]
        say(
            f"training step, {step.precision}: {step.step_ms:.1f} ms, {step.rate_gflops_per_s:.0f} GFLOP/s, "
            f"{step.share:.0%} of this machine's matrix products ({step.product_gflops_per_s:.0f} GFLOP/s)"
        )
    if not quick:
        say("default settings against --preset paper on the middle 256² pixels of the astronaut (minutes) …")
        quality = time_to_paper_quality(centre_crop(data.astronaut(), 256))
        results["time_to_paper_quality"] = {**vars(quality), "ratio": quality.ratio, "reached": quality.reached}
        say(
            f"paper preset {quality.paper_psnr_db:.2f} dB in {quality.paper_seconds:.0f} s; default settings "
            f"{quality.default_psnr_db:.2f} dB in {quality.default_seconds:.1f} s ({quality.default_steps} steps): "
            f"{quality.ratio:.1f} times sooner" + ("" if quality.reached else " — NOT reached")
        )
    if as_json:
        typer.echo(json.dumps(results))
