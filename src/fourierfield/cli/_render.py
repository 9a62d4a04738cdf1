"""The command ``fourierfield render``."""

from __future__ import annotations

from typing import Annotated

import typer

from ..kinds._render_options import RenderOptions
from ._options import FieldFile
from ._progress import Heartbeat, StopSignals, say


def command(
    field: FieldFile,
    out: Annotated[
        str,
        typer.Argument(
            metavar="OUT", help="The file to write; its ending selects the format. The endings are listed below."
        ),
    ],
    size: Annotated[
        str | None,
        typer.Option(
            help="Number of samples along each axis: 512x768 (height, width) for a picture, one number for sound, one "
            "or three numbers for a mesh."
        ),
    ] = None,
    scale: Annotated[
        float | None, typer.Option(help="Resolution as a multiple of the signal's own.", show_default="1")
    ] = None,
    window: Annotated[
        str | None,
        typer.Option(
            help="The part to draw, START:END for each axis: 0:0.5,0.25:0.75 in coordinates (the longest side spans "
            "0 to 1), or with a unit, 0:10,0:20px or 0.1:0.2s. A single number is a slice and : a whole axis: "
            ":,:,40voxel."
        ),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(help="A CSV file of points, one column per axis; OUT.csv receives the values at these points."),
    ] = None,
    gradient: Annotated[
        bool, typer.Option("--gradient", help="With --at: also write the derivatives along each axis.")
    ] = False,
    fill: Annotated[
        str | None,
        typer.Option(help="The signal's own file: write a copy in which only missing samples come from the field."),
    ] = None,
    uncertainty: Annotated[
        bool,
        typer.Option(
            "--uncertainty",
            help="Fields of --method kernel: write standard deviations; for tables and points beside the values, "
            "otherwise instead of them.",
        ),
    ] = False,
    pose: Annotated[
        str | None,
        typer.Option(
            help="Meshes and posed pictures: the camera as AZIMUTH,ELEVATION in degrees. For posed pictures also "
            "AZIMUTH,ELEVATION,RADIUS, the number of a held-out view, or a .json or .npy file with a 4×4 "
            "camera-to-world matrix.",
            show_default="meshes: 30,20; posed pictures: 0",
        ),
    ] = None,
    depth: Annotated[
        bool,
        typer.Option("--depth", help="Posed pictures: draw the distances from the camera instead of the colours."),
    ] = False,
    frames: Annotated[
        int | None, typer.Option(help="Posed pictures: number of frames of a turntable film.", show_default="60")
    ] = None,
    device: Annotated[str, typer.Option(help="Where to compute: auto, cpu or cuda.")] = "auto",
) -> None:
    """Evaluate a field at any resolution, in a window, at points, or as a camera sees it.

    Without options the result has the size of the signal that was fitted.
    """
    options = RenderOptions(size, scale, window, at, gradient, fill, uncertainty, pose, depth, frames)
    with StopSignals():  # if stopped, its unfinished file is removed
        from ..grids._files import refuse_overwriting
        from ..kinds._load import load
        from ..kinds._render import render_field
        from ..training._plan import choose_device

        refuse_overwriting({"": out}, [field])
        with Heartbeat(f"drawing {out}"):
            render_field(load(field).to(choose_device(device)), out, options, say)
