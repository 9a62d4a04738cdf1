"""The command ``fourierfield fit``."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import _options as options
from ._progress import Heartbeat, ProgressDisplay, StopSignals, printable, say, show
from ._summary import summary_lines
from ._words import ENCODINGS, KINDS_TO_READ

if TYPE_CHECKING:
    from ..tasks._run import FitOutcome


_MODEL, _TRAINING, _KINDS = "Encoding and network", "Training", "Tables, meshes and posed pictures"


def command(
    signal: Annotated[
        str, typer.Argument(metavar="SIGNAL", help="The file or folder to fit; the formats are listed below.")
    ],
    kind: Annotated[
        str | None,
        typer.Option("--as", help=f"Read SIGNAL as this kind, instead of recognising the kind: {KINDS_TO_READ}."),
    ] = None,
    method: Annotated[
        str,
        typer.Option(
            help="network: train a network. kernel: solve for an infinitely wide network exactly, without training. "
            "auto: kernel for tables and scans, network for everything else.",
            rich_help_panel=_MODEL,
        ),
    ] = "auto",
    encoding: Annotated[
        str,
        typer.Option(
            help=f"The encoding of coordinates: {ENCODINGS}. auto forecasts about fifty candidates and takes the best.",
            rich_help_panel=_MODEL,
        ),
    ] = "auto",
    bandwidth: Annotated[
        str | None,
        typer.Option(
            help="The bandwidth of the encoding in cycles per unit (the longest side is one unit), or with a unit: "
            "0.02/px, 440Hz. A larger one fits finer detail, and more noise.",
            show_default="chosen from the signal",
            rich_help_panel=_MODEL,
        ),
    ] = None,
    features: Annotated[
        int | None,
        typer.Option(help="Number of frequencies of the encoding.", show_default="256", rich_help_panel=_MODEL),
    ] = None,
    depth: Annotated[
        int | None, typer.Option(help="Number of linear layers.", show_default="4", rich_help_panel=_MODEL)
    ] = None,
    width: Annotated[
        int | None, typer.Option(help="Units per hidden layer.", show_default="256", rich_help_panel=_MODEL)
    ] = None,
    steps: Annotated[
        int | None,
        typer.Option(
            help="Number of optimiser steps.", show_default="from the number of samples", rich_help_panel=_TRAINING
        ),
    ] = None,
    time: Annotated[
        float | None,
        typer.Option(
            help="Seconds that choosing the encoding and training may take together; replaces --steps.",
            rich_help_panel=_TRAINING,
        ),
    ] = None,
    learning_rate: Annotated[
        float | None, typer.Option(help="Peak learning rate.", show_default="0.01", rich_help_panel=_TRAINING)
    ] = None,
    batch_size: Annotated[
        int | None,
        typer.Option(
            help="Samples per optimiser step.",
            show_default="1024 to 4096; with --preset paper all",
            rich_help_panel=_TRAINING,
        ),
    ] = None,
    hold_out: Annotated[
        str,
        typer.Option(
            help="Samples to keep back and score once at the end: none, grid (train on every second sample along each "
            "axis) or random:FRACTION."
        ),
    ] = "none",
    missing: Annotated[
        list[str] | None,
        typer.Option(
            help="A part of the signal to treat as missing and fill in: 1.2:1.22s or 40:60,80:120px; may be repeated."
        ),
    ] = None,
    coarse_to_fine: Annotated[
        float | None,
        typer.Option(
            help="Posed pictures: share of the steps, 0 to 1, over which frequencies are added, lowest first.",
            rich_help_panel=_KINDS,
        ),
    ] = None,
    preset: Annotated[
        str,
        typer.Option(help="default, or paper for the settings of Tancik et al. (2020).", rich_help_panel=_TRAINING),
    ] = "default",
    seed: Annotated[
        int,
        typer.Option(
            help="Seed of frequencies, weights, batches, hold-out and simulated noise.", rich_help_panel=_TRAINING
        ),
    ] = 0,
    device: Annotated[
        str, typer.Option(help="Where to compute: auto, cpu or cuda.", rich_help_panel=_TRAINING)
    ] = "auto",
    precision: Annotated[
        str, typer.Option(help="Number format of training: auto, float32 or bfloat16.", rich_help_panel=_TRAINING)
    ] = "auto",
    out: Annotated[
        str | None,
        typer.Option(
            help="The field file to write.", show_default="SIGNAL's name with .safetensors, in the current folder"
        ),
    ] = None,
    report: Annotated[
        str | None,
        typer.Option(
            help="An HTML page to write as well: the forecast beside the result, the errors, and what to change."
        ),
    ] = None,
    inputs: Annotated[
        str | None,
        typer.Option(
            help="Tables: the 1 to 3 columns that are coordinates, by name or number: lon,lat or 1,2.",
            rich_help_panel=_KINDS,
        ),
    ] = None,
    outputs: Annotated[
        str | None,
        typer.Option(help="Tables: the columns that are values, by name or number.", rich_help_panel=_KINDS),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(
            help="Meshes: fit the occupancy (1 inside, 0 outside) or the signed distance to the surface.",
            show_default="occupancy; with --method kernel distance",
            rich_help_panel=_KINDS,
        ),
    ] = None,
    simulate: options.Simulate = None,
    angles: options.Angles = None,
    transmission: options.Transmission = None,
    centre: options.Centre = None,
    fan: options.Fan = None,
    spacing: options.Spacing = None,
    slice_: options.Slice = None,
    mask: options.Mask = None,
    maps: options.Maps = None,
    trajectory: options.Trajectory = None,
    uncertainty: Annotated[
        bool,
        typer.Option(
            "--uncertainty",
            help="Kernel fits: also compute the standard deviation, for render --uncertainty.",
            rich_help_panel=options.PANEL,
        ),
    ] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Continue an interrupted fit from its checkpoint.")] = False,
    restart: Annotated[
        bool, typer.Option("--restart", help="Start afresh, and discard a checkpoint even if it is damaged.")
    ] = False,
    as_json: options.AsJson = False,
) -> None:
    """Choose an encoding, fit a signal, and save the resulting field.

    The encoding is chosen by forecasts of the training, in seconds.
    The scores of the fit are printed beside the forecast.
    fourierfield render evaluates the field at any resolution.
    """
    choices = options.by_name(locals(), leave_out=("signal", "kind", "as_json"))
    outcome = _fit(signal, kind, choices)
    if as_json:
        show(json.dumps(outcome.to_json(), allow_nan=False))
    else:
        show("\n".join(map(printable, summary_lines(outcome.to_json()))))


def _fit(signal: str, kind: str | None, choices: dict[str, Any]) -> FitOutcome:
    with StopSignals() as stop:
        from ..report._fitted import fit_and_report
        from ..tasks._settings import FitSettings
        from ..tasks._task import FitEvents
        from ..training._estimate import keep_freed_memory

        choices["out"] = choices["out"] or _default_name(signal)
        choices["missing"] = tuple(choices["missing"] or ())
        settings = FitSettings(kind=kind, **choices)
        keep_freed_memory()
        with Heartbeat(f"reading {signal}") as heartbeat, ProgressDisplay(heartbeat) as display:
            events = FitEvents(say, display, stop.number, display.tuning, heartbeat)
            return fit_and_report(signal, settings, events, shlex.join(["fourierfield", *sys.argv[1:]]))


def _default_name(signal: str) -> str:
    """Return the name of the field file: the signal's name without its ending, or both endings if it is packed."""
    name = Path(signal)
    packed = name.suffix.lower() in (".gz", ".xz", ".bz2", ".zip")
    return f"{Path(name.stem).stem if packed else name.stem or name.resolve().name}.safetensors"
