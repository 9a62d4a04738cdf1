"""``fourierfield fit``."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import SettingsError
from . import scan_options
from .progress import ProgressDisplay, say
from .stop import StopSignals
from .summary import summary_lines
from .words import KINDS_TO_FIT, READABLE, READABLE_OFF_GRID

if TYPE_CHECKING:
    from ..fitting import FitOutcome

__all__ = ["command"]

_FAMILIES = "auto, none, basic, positional, nerf, power-law, gaussian, laplace, uniform or log-uniform"


def command(
    signal: Annotated[str, typer.Argument(help=f"The file to fit: {READABLE}; {READABLE_OFF_GRID}.")],
    kind: Annotated[
        str | None,
        typer.Option("--as", help=f"What the file holds, instead of telling by its content: {KINDS_TO_FIT}."),
    ] = None,
    method: Annotated[
        str,
        typer.Option(
            help="network, or kernel: an infinitely wide network, solved exactly in seconds. auto: kernel for tables."
        ),
    ] = "auto",
    encoding: Annotated[str, typer.Option(help=f"{_FAMILIES}. auto forecasts some fifty and takes the best.")] = "auto",
    bandwidth: Annotated[
        str | None, typer.Option(help="Cycles per unit (the longest side), or with a unit: 0.02/px, 440Hz.")
    ] = None,
    features: Annotated[int | None, typer.Option(help="Number of frequencies.", show_default="256")] = None,
    depth: Annotated[int | None, typer.Option(help="Linear layers.", show_default="4")] = None,
    width: Annotated[int | None, typer.Option(help="Units per hidden layer.", show_default="256")] = None,
    steps: Annotated[int | None, typer.Option(help="Optimiser steps.", show_default="by the number of samples")] = None,
    time: Annotated[float | None, typer.Option(help="Seconds to spend, instead of --steps.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Peak learning rate.", show_default="0.01")] = None,
    batch_size: Annotated[
        int | None, typer.Option(help="Samples per step.", show_default="1024 to 4096; paper: all")
    ] = None,
    hold_out: Annotated[str, typer.Option(help="none, grid (every second sample) or random:FRACTION.")] = "none",
    missing: Annotated[
        list[str] | None,
        typer.Option(help="A part to take for missing and fill in, 1.2:1.22s or 40:60,80:120px; may be repeated."),
    ] = None,
    coarse_to_fine: Annotated[
        float | None, typer.Option(help="Views: share of the steps over which frequencies come in, lowest first.")
    ] = None,
    preset: Annotated[str, typer.Option(help="default, or paper (Tancik et al. 2020).")] = "default",
    seed: Annotated[int, typer.Option(help="Seed of frequencies, weights, batches and hold-out.")] = 0,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    precision: Annotated[str, typer.Option(help="auto, float32 or bfloat16.")] = "auto",
    out: Annotated[
        str | None, typer.Option(help="The field to write.", show_default="SIGNAL's name with .safetensors, here")
    ] = None,
    report: Annotated[
        str | None, typer.Option(help="A page to write too, PAGE.html: forecast beside measured, and what to change.")
    ] = None,
    inputs: Annotated[
        str | None, typer.Option(help="Columns of a table that are coordinates, 1 to 3: lon,lat or 1,2.")
    ] = None,
    outputs: Annotated[str | None, typer.Option(help="Columns of a table that are values: temperature.")] = None,
    target: Annotated[
        str | None,
        typer.Option(help="Of a mesh: occupancy, or signed distance.", show_default="occupancy; by kernel distance"),
    ] = None,
    simulate: scan_options.Simulate = None,
    angles: scan_options.Angles = None,
    centre: scan_options.Centre = None,
    fan: scan_options.Fan = None,
    spacing: scan_options.Spacing = None,
    slice_: scan_options.Slice = None,
    mask: scan_options.Mask = None,
    maps: scan_options.Maps = None,
    trajectory: scan_options.Trajectory = None,
    uncertainty: Annotated[
        bool,
        typer.Option(
            "--uncertainty",
            help="By kernel: the standard deviation, too (render --uncertainty).",
            rich_help_panel=scan_options.PANEL,
        ),
    ] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the checkpoint of an interrupted fit.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")] = False,
) -> None:
    """Choose an encoding, fit the signal, and save the field."""
    choices = scan_options.by_name(locals(), leave_out=("signal", "kind", "as_json"))
    outcome = _fit(signal, kind, choices)
    if as_json:
        typer.echo(json.dumps(outcome.to_json(), allow_nan=False))
    else:
        typer.echo("\n".join(summary_lines(outcome.to_json())))


def _fit(signal: str, kind: str | None, choices: dict[str, Any]) -> FitOutcome:
    with StopSignals() as stop:
        from ..fitting import FitEvents, FitSettings
        from ..report import fit_and_report
        from ..signals import read_any
        from ..training import keep_freed_memory

        choices["out"] = choices["out"] or _default_name(signal)
        choices["missing"] = tuple(choices["missing"] or ())
        settings = FitSettings().changed(**choices)
        keep_freed_memory()
        source = read_any(signal, kind, settings.columns, settings.scan)
        for option in ("out", "report"):
            if choices[option] and Path(choices[option]).resolve() == Path(signal).resolve():
                raise SettingsError(f"--{option} {choices[option]} would overwrite the signal; choose another name")
        with ProgressDisplay() as display:
            events = FitEvents(say, display, stop.number, display.tuning)
            return fit_and_report(source, settings, events, shlex.join(["fourierfield", *sys.argv[1:]]))


def _default_name(signal: str) -> str:
    """The signal's name here, without its endings, those of a packed table too."""
    name = Path(signal)
    packed = name.suffix.lower() in (".gz", ".xz", ".bz2", ".zip")
    return f"{Path(name.stem).stem if packed else name.stem or name.resolve().name}.safetensors"
