"""``fourierfield render``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import SettingsError
from .progress import say
from .render_files import sound_grid, write_array, write_sound
from .render_filled import write_filled
from .render_points import write_points
from .render_tables import write_table_grid
from .render_views import ViewOptions, write_view
from .render_volumes import default_window, write_samples
from .stop import StopSignals
from .window import parse_size, window_grid, window_of

if TYPE_CHECKING:
    from ..networks import Field

__all__ = ["command"]


def command(
    field: Annotated[str, typer.Argument(help="A field that fit wrote.")],
    out: Annotated[
        str,
        typer.Argument(
            help="The file to write; its ending names the format "
            "(images: .png .jpg .tif .webp .npy; audio: .wav .flac .ogg .npy; volumes: .nii .nii.gz .tif .npy, "
            "a slice as .png; films: .mp4 .gif too; .csv with --at)."
            "(images: .png .jpg .tif .webp .npy; audio: .wav .flac .ogg .npy; views also "
            ".mp4 .gif .obj .ply .stl .glb; .csv with --at)."
        ),
    ],
    size: Annotated[
        str | None, typer.Option(help="Samples to make, HxW (audio: N; volumes: one number per axis).")
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
            help="Views: a held-out view's number, AZIMUTH,ELEVATION[,RADIUS] in degrees and world units, "
            "or a .json or .npy file with a 4×4 camera-to-world matrix.",
            show_default="0",
        ),
    ] = None,
    depth: Annotated[
        bool, typer.Option("--depth", help="Views: distances from the camera instead of colours.")
    ] = False,
    frames: Annotated[int | None, typer.Option(help="Views: pictures of a turntable.", show_default="60")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
) -> None:
    """Evaluate a field at any resolution, in a window, or at points."""
    from ..networks import ViewsField
    from ..regression import load_field
    from ..training import choose_device

    if fill is not None and (at or size or scale or window or uncertainty):
        raise SettingsError("--fill writes the signal's own samples; leave --size, --scale, --window and --at out")
    if at is None:
        _check_grid_options(size, scale, gradient)
    elif size or scale or window:
        raise SettingsError("--at takes its points from the file; leave --size, --scale and --window out")
    loaded: Field = load_field(field).to(choose_device(device))
    if at is not None:
        write_points(loaded, Path(at), Path(out), gradient, uncertainty)
        return
    views = ViewOptions(pose, size, scale, depth, frames)
    if isinstance(loaded, ViewsField):
        if window or uncertainty:
            raise SettingsError(f"--{'window' if window else 'uncertainty'} is not for fields of views; leave it out")
        write_view(loaded, out, views)
        return
    if views != ViewOptions(size=size, scale=scale):
        raise SettingsError(f"--pose, --depth and --frames are for fields of views; {field} holds {loaded.source.kind}")
    _check_ending(loaded, out)
    if fill is not None:
        write_filled(loaded, fill, out)
        return
    if loaded.placement is not None:
        numbers = parse_size(size, loaded.domain.dimensions) if size is not None else None
        write_table_grid(loaded, out, window, numbers, scale or 1.0, uncertainty)
        return
    if uncertainty:
        from ..regression import DeviationField

        loaded = DeviationField(loaded)
    part = window_of(loaded, window) if window or loaded.source.kind != "volume" else default_window(loaded, out)
    count = parse_size(size, loaded.domain.dimensions, sum(part.single)) if size is not None else None
    with StopSignals():  # long sounds and films take a while: when stopped, take away what was begun
        if loaded.source.sample_format.audio:
            write_sound(loaded, out, *sound_grid(loaded, part, count, scale or 1.0))
            return
        grid = window_grid(loaded, part, count, scale or 1.0)
        (write_samples if loaded.source.kind in ("volume", "video") else write_array)(loaded, grid, out)
    say(f"{out}: {'×'.join(str(n) for n in grid.shape)}")


def _check_grid_options(size: str | None, scale: float | None, gradient: bool) -> None:
    if gradient:
        raise SettingsError("--gradient needs --at points.csv")
    if size is not None and scale is not None:
        raise SettingsError("--size and --scale exclude each other; give one of them")
    if scale is not None and not 0 < scale < float("inf"):
        raise SettingsError(f"--scale {scale:g}: has to be a positive number")


def _check_ending(field: Field, out: str) -> None:
    from ..signals import AUDIO_ENDINGS, GRID_ENDINGS, IMAGE_ENDINGS, VIDEO_ENDINGS, VOLUME_ENDINGS
    from ..signals.volumes import ending_of

    kind, ending = field.source.kind, ending_of(out)
    endings = {
        "image": IMAGE_ENDINGS,
        "audio": (*AUDIO_ENDINGS, ".npy"),
        "series": (".npy",),
        "volume": (*VOLUME_ENDINGS, *sorted({*IMAGE_ENDINGS} - {*VOLUME_ENDINGS})),
        "video": (*VIDEO_ENDINGS, *sorted({*IMAGE_ENDINGS} - {*VIDEO_ENDINGS})),
        "table": GRID_ENDINGS,
    }[kind]
    if ending not in endings:
        raise SettingsError(
            f"{out}: the ending {ending or '(none)'} names no format of {kind}, which this field holds; "
            f"use one of {', '.join(endings)}"
        )
