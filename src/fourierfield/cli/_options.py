"""Options that several commands take, those that describe or simulate a scan among them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from ._words import KINDS_ON_GRID

PANEL = "Scans"

SignalToAnalyse = Annotated[
    str, typer.Argument(metavar="SIGNAL", help="The file or folder to analyse; the formats are listed below.")
]
KindToAnalyse = Annotated[
    str | None,
    typer.Option("--as", help=f"Read SIGNAL as this kind, instead of recognising the kind: {KINDS_ON_GRID}."),
]
FieldFile = Annotated[str, typer.Argument(metavar="FIELD", help="A field file that fourierfield fit wrote.")]
Depth = Annotated[int | None, typer.Option(help="Number of linear layers of the network.", show_default="4")]
Width = Annotated[int | None, typer.Option(help="Units per hidden layer.", show_default="256")]
Steps = Annotated[
    int | None, typer.Option(help="Number of optimiser steps to forecast.", show_default="the same as fit")
]
LearningRate = Annotated[float | None, typer.Option(help="Peak learning rate.", show_default="0.01")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")]

Simulate = Annotated[
    str | None,
    typer.Option(
        help="Use a simulated scan of this image or volume: ct:ANGLES (number of projections) or mri:FRACTION (of "
        "k-space). A second number adds noise: ct:20:0.01 has 1 % of the measurements' root mean square.",
        rich_help_panel=PANEL,
    ),
]
Angles = Annotated[
    str | None,
    typer.Option(
        help="CT: the angles of the projections in degrees: START:STOP for evenly spaced ones without STOP, "
        "START:STOP:STEP with it, or a file with one for each projection.",
        rich_help_panel=PANEL,
    ),
]
Transmission = Annotated[
    bool | None,
    typer.Option(
        "--transmission/--line-integrals",
        help="CT: the values are photon counts or transmission, whose open beam is that of the empty edge, or the "
        "integrals of absorption.",
        show_default="told by the values",
        rich_help_panel=PANEL,
    ),
]
Centre = Annotated[
    float | None,
    typer.Option(
        help="CT: the detector bin that the axis of rotation projects to, counted from 0.",
        show_default="found from the projections",
        rich_help_panel=PANEL,
    ),
]
Fan = Annotated[
    str | None,
    typer.Option(
        help="CT with a fan beam: SOURCE,DETECTOR, the distances from the source to the axis of rotation and to the "
        "detector.",
        rich_help_panel=PANEL,
    ),
]
Spacing = Annotated[
    float | None, typer.Option(help="CT: the distance between detector bins in mm.", rich_help_panel=PANEL)
]
Slice = Annotated[
    int | None,
    typer.Option("--slice", help="The one slice to use of several, counted from 0.", rich_help_panel=PANEL),
]
Mask = Annotated[
    str | None, typer.Option(help="MRI: a .npy file that marks the measured places of k-space.", rich_help_panel=PANEL)
]
Maps = Annotated[
    str | None, typer.Option(help="MRI: a file of coil sensitivity maps, .npy or .cfl.", rich_help_panel=PANEL)
]
Trajectory = Annotated[
    str | None,
    typer.Option(
        help="MRI: a file of the k-space positions of the samples in cycles per field of view, .npy or .cfl.",
        rich_help_panel=PANEL,
    ),
]


def by_name(arguments: Mapping[str, Any], leave_out: tuple[str, ...]) -> dict[str, Any]:
    """Return a command's arguments by the names of ``FitSettings``, except those in ``leave_out``."""
    choices = {name: value for name, value in arguments.items() if name not in leave_out}
    choices["slice"] = choices.pop("slice_")
    return choices
