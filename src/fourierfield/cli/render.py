"""``fourierfield render``."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import SettingsError
from .progress import say
from .render_files import Box, sound_grid, write_array, write_sound
from .render_points import write_points
from .render_shapes import ShapeView, shape_endings, write_shape
from .render_tables import write_table_grid
from .stop import StopSignals

if TYPE_CHECKING:
    from ..networks import Field
    from ..signals import Domain, Grid

__all__ = ["command"]


def command(
    field: Annotated[str, typer.Argument(help="A field that fit wrote.")],
    out: Annotated[
        str,
        typer.Argument(
            help="The file to write; its ending names the format "
            "(images: .png .jpg .tif .webp .npy; audio: .wav .flac .ogg .npy; "
            "shapes: .obj .ply .stl .off .glb .png .npy; .csv with --at)."
        ),
    ],
    size: Annotated[
        str | None, typer.Option(help="Samples to make, HxW (audio: N; shapes: N along the longest side, or NxNxN).")
    ] = None,
    scale: Annotated[
        float | None, typer.Option(help="Resolution, as a multiple of the signal's own.", show_default="1")
    ] = None,
    window: Annotated[
        str | None,
        typer.Option(
            help="Part to draw, Y0:Y1,X0:X1 (audio: T0:T1), in coordinates (longest side 0 to 1), "
            "pixels (…px) or seconds (…s)."
        ),
    ] = None,
    at: Annotated[
        str | None, typer.Option(help="A CSV of coordinates (a column per axis): write the values there to OUT.csv.")
    ] = None,
    gradient: Annotated[bool, typer.Option("--gradient", help="With --at: derivatives along each axis, too.")] = False,
    uncertainty: Annotated[
        bool,
        typer.Option(
            "--uncertainty",
            help="Kernel fields: standard deviations; beside the values, or of images and sound instead.",
        ),
    ] = False,
    pose: Annotated[
        str | None,
        typer.Option(help="Pictures of shapes: the camera, AZIMUTH,ELEVATION in degrees.", show_default="30,20"),
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
) -> None:
    """Evaluate a field at any resolution, in a window, or at points."""
    from ..regression import load_field
    from ..training import choose_device

    if at is None:
        _check_grid_options(size, scale, gradient)
    elif size or scale or window:
        raise SettingsError("--at takes its points from the file; leave --size, --scale and --window out")
    loaded: Field = load_field(field).to(choose_device(device))
    if at is not None:
        write_points(loaded, Path(at), Path(out), gradient, uncertainty)
        return
    _check_ending(loaded, out)
    if loaded.source.kind == "mesh":
        _check_shape_options(window, uncertainty)
        with StopSignals():  # a fine surface takes a while
            write_shape(loaded, out, ShapeView(size, scale or 1.0, pose))
        return
    if pose is not None:
        raise SettingsError("--pose is for fields of shapes; leave it out")
    if loaded.placement is not None:
        numbers = _parse_size(size, loaded.domain.dimensions) if size is not None else None
        write_table_grid(loaded, out, window, numbers, scale or 1.0, uncertainty)
        return
    if uncertainty:
        from ..regression import DeviationField

        loaded = DeviationField(loaded)
    box = _box(loaded, window)
    count = _parse_size(size, loaded.domain.dimensions) if size is not None else None
    if loaded.source.sample_format.audio:
        with StopSignals():  # long sounds take a while: when stopped, take away what was begun
            write_sound(loaded, out, *sound_grid(loaded, box, count, scale or 1.0))
        return
    grid = _grid(loaded, box, count, scale or 1.0)
    write_array(loaded, grid, out)
    say(f"{out}: {'×'.join(str(n) for n in grid.shape)}")


def _check_grid_options(size: str | None, scale: float | None, gradient: bool) -> None:
    if gradient:
        raise SettingsError("--gradient needs --at points.csv")
    if size is not None and scale is not None:
        raise SettingsError("--size and --scale exclude each other; give one of them")
    if scale is not None and not 0 < scale < float("inf"):
        raise SettingsError(f"--scale {scale:g}: has to be a positive number")


def _check_shape_options(window: str | None, uncertainty: bool) -> None:
    if window is not None:
        raise SettingsError("--window: a shape is rendered whole, so that its surface is closed; leave it out")
    if uncertainty:
        raise SettingsError("--uncertainty of a shape is written with --at points.csv")


def _check_ending(field: Field, out: str) -> None:
    from ..signals import AUDIO_ENDINGS, GRID_ENDINGS, IMAGE_ENDINGS

    kind, ending = field.source.kind, Path(out).suffix.lower()
    endings = {
        "image": IMAGE_ENDINGS,
        "audio": (*AUDIO_ENDINGS, ".npy"),
        "series": (".npy",),
        "table": GRID_ENDINGS,
        "mesh": shape_endings(),
    }[kind]
    if ending not in endings:
        raise SettingsError(
            f"{out}: the ending {ending or '(none)'} names no format of {kind}, which this field holds; "
            f"use one of {', '.join(endings)}"
        )


def _box(field: Field, window: str | None) -> Box:
    """Lower and upper corner of what to draw, in coordinates."""
    return _parse_window(window, field.domain) if window else ((0.0,) * field.domain.dimensions, field.domain.sides)


def _grid(field: Field, box: Box, count: tuple[int, ...] | None, scale: float) -> Grid:
    """The samples to draw: ``count`` of them, or as dense as the signal's own times ``scale``."""
    from ..signals import Grid

    lower, upper = box
    if count is not None:
        return Grid(lower, upper, count)
    density = [n / side * scale for n, side in zip(field.source.shape, field.domain.sides, strict=True)]
    shape = tuple(max(1, round((high - low) * d)) for low, high, d in zip(lower, upper, density, strict=True))
    return Grid(lower, upper, shape)


def _parse_size(text: str, dimensions: int) -> tuple[int, ...]:
    parts = text.lower().split("x")
    if len(parts) != dimensions or not all(part.isdigit() and int(part) > 0 for part in parts):
        example = "22050" if dimensions == 1 else "512x768"
        numbers = "one positive whole number" if dimensions == 1 else f"{dimensions} positive whole numbers joined by x"
        raise SettingsError(f"--size {text}: give {numbers}, for example {example}")
    return tuple(int(part) for part in parts)


def _parse_window(text: str, domain: Domain) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Lower and upper corner, in coordinates, of ``Y0:Y1,X0:X1`` with or without the domain's unit."""
    unit = domain.units[0]
    match = re.fullmatch(rf"(.+?)\s*({re.escape(unit)})?", text)
    assert match is not None
    per_unit = domain.scale if match[2] else 1.0
    try:
        ranges = [tuple(float(end) / per_unit for end in part.split(":")) for part in match[1].split(",")]
    except ValueError:
        ranges = []
    if len(ranges) != domain.dimensions or not all(len(pair) == 2 and all(map(math.isfinite, pair)) for pair in ranges):
        example = f"0.2:0.4 or 1:2{unit}" if domain.dimensions == 1 else f"0.2:0.4,0.1:0.3 or 100:200,50:150{unit}"
        raise SettingsError(f"--window {text}: give one START:END per axis, for example {example}")
    if not all(low < high for low, high in ranges):
        raise SettingsError(f"--window {text}: each START has to be below its END")
    return tuple(low for low, _ in ranges), tuple(high for _, high in ranges)
