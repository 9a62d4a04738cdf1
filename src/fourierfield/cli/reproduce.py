"""``fourierfield reproduce``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import SettingsError
from .progress import say
from .stop import StopSignals

__all__ = ["command"]


def command(
    name: Annotated[str, typer.Argument(help="What to reproduce: images (Table 1, 2-D image regression).")],
    photos: Annotated[list[str], typer.Argument(help="Photographs to use.")],
    side: Annotated[int, typer.Option(help="Side of the middle crop, in pixels; the paper has 512.")] = 256,
    mappings: Annotated[
        str, typer.Option(help="Mappings to run, joined by commas.")
    ] = "none,basic,positional,gaussian",
    steps: Annotated[int | None, typer.Option(help="Optimiser steps.", show_default="the paper's 2000")] = None,
    seed: Annotated[int, typer.Option(help="Seed of frequencies and weights.")] = 0,
    precision: Annotated[str, typer.Option(help="auto, float32 or bfloat16.")] = "auto",
    out: Annotated[
        str, typer.Option(help="CSV of finished runs; an interrupted table goes on from it.")
    ] = "images.csv",
) -> None:
    """Run one of the paper's experiments and print its table beside the paper's."""
    if name != "images":
        raise SettingsError(f"{name} cannot be reproduced by this version; use images")
    with StopSignals() as stop:
        from ..fitting import FitSettings
        from ..reproduce import IMAGE_MAPPINGS, reproduce_images
        from ..reproduce.images import table_of
        from ..signals.files import check_writable

        chosen = mappings.split(",")
        if not set(chosen) <= set(IMAGE_MAPPINGS):
            raise SettingsError(f"--mappings {mappings}: use some of {', '.join(IMAGE_MAPPINGS)}, joined by commas")
        settings = FitSettings(steps=steps, seed=seed, precision=precision)
        results = check_writable(out)
        rows = reproduce_images(
            [Path(p) for p in photos], results, settings, side=side, mappings=chosen, say=say, stop_signal=stop.number
        )
    names = {Path(p).name for p in photos}
    typer.echo(table_of([row for row in rows if row.values["image"] in names and row.values["side"] == str(side)]))
