"""The command ``fourierfield reproduce``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from ..errors import Interrupted, SettingsError
from ._progress import StopSignals, say, show


def command(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="What to reproduce: images (Table 1), fig2, fig3, fig4, fig5, fig7, fig11 or fig14."
        ),
    ],
    photos: Annotated[
        list[str] | None,
        typer.Argument(metavar="PHOTOS", help="images: the photographs to fit.", show_default=False),
    ] = None,
    scale: Annotated[
        float | None,
        typer.Option(
            help="Figures: share of the paper's work, at most 1; less means fewer signals, seeds, samples or steps.",
            show_default="so that a figure takes minutes on two cores",
        ),
    ] = None,
    side: Annotated[
        int | None,
        typer.Option(help="images: side of the central crop in pixels; the paper's is 512.", show_default="256"),
    ] = None,
    mappings: Annotated[
        str | None,
        typer.Option(help="images: mappings to run, joined by commas.", show_default="none,basic,positional,gaussian"),
    ] = None,
    steps: Annotated[
        int | None, typer.Option(help="images: number of optimiser steps.", show_default="2000, the paper's")
    ] = None,
    precision: Annotated[
        str | None,
        typer.Option(help="images: number format of training: auto, float32 or bfloat16.", show_default="auto"),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the signals, frequencies and weights.")] = 0,
    out: Annotated[
        str | None,
        typer.Option(
            help="The picture of a figure, or the CSV file of images. Finished runs are kept beside it or in it, and "
            "are not repeated.",
            show_default="NAME.png; images.csv",
        ),
    ] = None,
) -> None:
    """Run one of the experiments of Tancik et al. (2020) and print its numbers beside the paper's."""
    of_images = {"--side": side, "--mappings": mappings, "--steps": steps, "--precision": precision, "PHOTOS": photos}
    if name == "images":
        _refuse(name, {"--scale": scale})
        _images(photos or [], (side or 256, mappings, steps, precision or "auto"), seed, out or "images.csv")
    else:
        _refuse(name, of_images)
        _figure(name, scale, seed, Path(out or f"{name}.png"))


def _refuse(name: str, options: Mapping[str, object]) -> None:
    given = [option for option, value in options.items() if value]
    if given and name.startswith(("fig", "images")):
        other = "a figure" if name == "images" else "images"
        raise SettingsError(f"{given[0]} belongs to {other}, not to {name}; leave it out")


def _figure(name: str, scale: float | None, seed: int, out: Path) -> None:
    with StopSignals() as stop:
        from ..reproduce._figures import FIGURES, draw_figure
        from ..training._estimate import keep_freed_memory

        if name not in FIGURES:
            raise SettingsError(f"{name} cannot be reproduced by this version; use images, {', '.join(FIGURES)}")
        keep_freed_memory()
        with _keeping_runs():
            table = draw_figure(name, out, share=scale, seed=seed, say=say, stop_signal=stop.number)
    show(f"{table}\npicture: {out}")


@contextmanager
def _keeping_runs(results: Path | None = None) -> Iterator[None]:
    """Report, when interrupted, where finished runs are kept: in ``results`` if it exists, or in the checkpoint."""
    try:
        yield
    except Interrupted as event:
        kept = str(results) if results is not None and results.exists() else event.checkpoint
        if kept is None:
            raise
        say(f"interrupted; finished runs are kept in {kept}; run the same command again to continue")
        raise typer.Exit(128 + event.signal_number) from None


def _images(photos: list[str], choices: tuple[int, str | None, int | None, str], seed: int, out: str) -> None:
    side, named, steps, precision = choices
    if not photos:
        raise SettingsError("images needs photographs: fourierfield reproduce images PHOTO…")
    with StopSignals() as stop:
        from ..grids._files import check_writable
        from ..reproduce._images import IMAGE_MAPPINGS, reproduce_images, table_of
        from ..tasks._settings import FitSettings

        mappings = named.split(",") if named else list(IMAGE_MAPPINGS)
        if not set(mappings) <= set(IMAGE_MAPPINGS):
            raise SettingsError(f"--mappings {named}: use some of {', '.join(IMAGE_MAPPINGS)}, joined by commas")
        settings = FitSettings(steps=steps, seed=seed, precision=precision)
        results = check_writable(out)
        given = [Path(p) for p in photos]
        with _keeping_runs(results):
            rows = reproduce_images(
                given, results, settings, side=side, mappings=mappings, say=say, stop_signal=stop.number
            )
    names = {Path(p).name for p in photos}
    show(table_of([row for row in rows if row.values["image"] in names and row.values["side"] == str(side)]))
