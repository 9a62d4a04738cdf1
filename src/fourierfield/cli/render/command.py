"""``fourierfield render``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...errors import SettingsError
from ..progress import say
from ..stop import StopSignals
from .files import sound_grid, write_array, write_sound
from .filled import write_filled
from .options import RenderOptions, refuse_foreign
from .points import write_points
from .shapes import ShapeView, shape_endings, write_shape
from .tables import write_table_grid
from .views import ViewOptions, write_view
from .volumes import default_window, write_samples
from .window import parse_size, window_grid, window_of

if TYPE_CHECKING:
    from ...networks import Field

__all__ = ["command"]


def command(
    field: Annotated[str, typer.Argument(help="A field that fit wrote.")],
    out: Annotated[
        str,
        typer.Argument(
            help="The file to write; its ending names the format (images: .png .jpg .tif .webp .npy; audio: .wav .flac "
            ".ogg .npy; volumes: .nii .nii.gz .tif .npy, a slice as .png; films: .mp4 .gif too; shapes and views: "
            ".obj .ply .stl .glb, a picture as .png; a turntable of views: .mp4 .gif; .csv with --at)."
        ),
    ],
    size: Annotated[
        str | None,
        typer.Option(help="Samples to make, HxW (audio: N; volumes: one number per axis; shapes: N or NxNxN)."),
    ] = None,
    scale: Annotated[
        float | None, typer.Option(help="Resolution, as a multiple of the signal's own.", show_default="1")
    ] = None,
    window: Annotated[
        str | None,
        typer.Option(
            help="Part to draw, Y0:Y1,X0:X1 (audio: T0:T1; a range per axis), in coordinates (longest side 0 to 1) or "
            "with a unit: 10:20px, 0.1:0.2s. A single number is a slice, : a whole axis: :,:,40voxel."
        ),
    ] = None,
    at: Annotated[
        str | None, typer.Option(help="A CSV of coordinates (a column per axis): write the values there to OUT.csv.")
    ] = None,
    gradient: Annotated[bool, typer.Option("--gradient", help="With --at: derivatives along each axis, too.")] = False,
    fill: Annotated[
        str | None,
        typer.Option(help="The signal's own file: write it with only its missing samples taken from the field."),
    ] = None,
    uncertainty: Annotated[
        bool,
        typer.Option(
            "--uncertainty",
            help="Kernel fields: standard deviations; beside the values, or of images and sound instead.",
        ),
    ] = False,
    pose: Annotated[
        str | None,
        typer.Option(
            help="The camera, AZIMUTH,ELEVATION in degrees; of views also a held-out view's number, "
            "AZIMUTH,ELEVATION,RADIUS, or a .json or .npy file with a 4×4 camera-to-world matrix.",
            show_default="views: 0, shapes: 30,20",
        ),
    ] = None,
    depth: Annotated[
        bool, typer.Option("--depth", help="Views: distances from the camera instead of colours.")
    ] = False,
    frames: Annotated[int | None, typer.Option(help="Views: pictures of a turntable.", show_default="60")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
) -> None:
    """Evaluate a field at any resolution, in a window, at points, or as a camera sees it."""
    from ...regression import load_field
    from ...training import choose_device

    options = RenderOptions(size, scale, window, at, gradient, fill, uncertainty, pose, depth, frames)
    loaded: Field = load_field(field).to(choose_device(device))
    refuse_foreign(options, loaded.source.kind)
    if at is not None:
        write_points(loaded, Path(at), Path(out), gradient, uncertainty)
        return
    _check_ending(loaded, out)
    with StopSignals():  # long sounds, films and fine surfaces take a while: when stopped, take away what was begun
        _write(loaded, out, options)


def _write(field: Field, out: str, options: RenderOptions) -> None:
    from ...networks import ViewsField

    kind, scale = field.source.kind, options.scale or 1.0
    if isinstance(field, ViewsField):
        write_view(field, out, ViewOptions(options.pose, options.size, options.scale, options.depth, options.frames))
    elif kind == "mesh":
        write_shape(field, out, ShapeView(options.size, scale, options.pose))
    elif kind == "table":
        numbers = parse_size(options.size, field.domain.dimensions) if options.size is not None else None
        write_table_grid(field, out, options.window, numbers, scale, options.uncertainty)
    elif options.fill is not None:
        write_filled(field, options.fill, out)
    else:
        _write_samples(field, out, options)


def _write_samples(field: Field, out: str, options: RenderOptions) -> None:
    """What lies on a grid, on another grid."""
    kind, scale = field.source.kind, options.scale or 1.0
    if options.uncertainty:
        from ...regression import DeviationField

        field = DeviationField(field)
    if field.source.sample_format.is_complex and Path(out).suffix.lower() != ".npy":
        from ...networks import MagnitudeField

        field = MagnitudeField(field)
    whole = options.window is None and kind == "volume"
    part = default_window(field, out) if whole else window_of(field, options.window)
    size = None if options.size is None else parse_size(options.size, field.domain.dimensions, sum(part.single))
    if field.source.sample_format.audio:
        write_sound(field, out, *sound_grid(field, part, size, scale))
        return
    grid = window_grid(field, part, size, scale)
    (write_samples if kind in ("volume", "video") else write_array)(field, grid, out)
    say(f"{out}: {'×'.join(str(n) for n in grid.shape)}")


def _check_ending(field: Field, out: str) -> None:
    from ...signals import AUDIO_ENDINGS, GRID_ENDINGS, IMAGE_ENDINGS, VIDEO_ENDINGS, VOLUME_ENDINGS
    from ...signals.volumes import ending_of

    kind, ending = field.source.kind, ending_of(out)
    if kind == "views":
        return  # which has its own
    endings = {
        "image": IMAGE_ENDINGS,
        "audio": (*AUDIO_ENDINGS, ".npy"),
        "series": (".npy",),
        "volume": (*VOLUME_ENDINGS, *sorted({*IMAGE_ENDINGS} - {*VOLUME_ENDINGS})),
        "video": (*VIDEO_ENDINGS, *sorted({*IMAGE_ENDINGS} - {*VIDEO_ENDINGS})),
        "mesh": shape_endings(),
        "table": GRID_ENDINGS,
    }[kind]
    if ending not in endings:
        raise SettingsError(
            f"{out}: the ending {ending or '(none)'} names no format of {kind}, which this field holds; "
            f"use one of {', '.join(endings)}"
        )
