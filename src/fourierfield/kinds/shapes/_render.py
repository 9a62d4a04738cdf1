"""Rendering of fields of shapes as meshes, pictures and arrays."""

from __future__ import annotations

import io
import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image

from ...errors import SettingsError
from ...grids._domain import Grid
from ...grids._files import atomic_write, check_writable
from ...grids._mesh_files import write_mesh
from ...networks._field import Field
from .._grid_render import write_array
from .._kind import Say
from .._render_options import RenderOptions
from ._picture import Pose, draw_mesh
from ._surface import box_grid, surface_of

_SAMPLES = 256  # samples along the longest side of the box without --size and --scale
_PIXELS = 768  # pixels along the sides of a picture without --size
_EVERY = 2.0  # seconds between two lines of progress: few enough to read


def write_shape(field: Field, out: str, options: RenderOptions, say: Say) -> None:
    """Write a field's surface as a mesh in its own units or as a picture, or its values on a grid over its box."""
    check_writable(out)
    ending = Path(out).suffix.lower()
    if options.pose is not None and ending != ".png":
        raise SettingsError(f"--pose is for pictures (.png); leave it out for {ending} files")
    if ending == ".png":
        _write_picture(field, out, options, say)
    elif ending == ".npy":
        _write_values(field, out, options, say)
    else:
        _write_mesh(field, out, options, say)


def _write_mesh(field: Field, out: str, options: RenderOptions, say: Say) -> None:
    grid = _grid(field, options)
    vertices, faces = _surface(field, grid, out)
    write_mesh(out, vertices, faces)
    size = "×".join(str(n) for n in grid.shape)
    say(f"{out}: {len(vertices):,} vertices, {len(faces):,} triangles, from {size} samples")


def _write_picture(field: Field, out: str, options: RenderOptions, say: Say) -> None:
    size = _whole_numbers(options.size, (2,), "512x768") if options.size else (_PIXELS, _PIXELS)
    pose = parse_pose(options.pose)
    vertices, faces = _surface(field, box_grid(field, max(8, round(_SAMPLES * (options.scale or 1.0)))), out)
    buffer = io.BytesIO()
    Image.fromarray(draw_mesh(vertices, faces, (size[0], size[1]), pose)).save(buffer, "PNG")
    atomic_write(out, buffer.getvalue())
    say(f"{out}: {size[0]}×{size[1]}, {len(faces):,} triangles")


def _write_values(field: Field, out: str, options: RenderOptions, say: Say) -> None:
    grid = _grid(field, options)
    write_array(field, grid, out, say)
    say(f"{out}: {'×'.join(str(n) for n in grid.shape)} values along x, y and z over the box of the mesh")


def _grid(field: Field, options: RenderOptions) -> Grid:
    if options.size is None:
        return box_grid(field, max(8, round(_SAMPLES * (options.scale or 1.0))))
    numbers = _whole_numbers(options.size, (1, 3), "256 or 200x300x250")
    return box_grid(field, numbers[0] if len(numbers) == 1 else numbers)


def _surface(field: Field, grid: Grid, out: str) -> tuple[np.ndarray, np.ndarray]:
    vertices, faces = surface_of(field, grid, _Extraction())
    if len(faces) == 0:
        raise SettingsError(
            f"{out}: the field has no surface on {'×'.join(map(str, grid.shape))} samples; nothing was written. "
            "Train longer, or raise --size"
        )
    return vertices, faces


class _Extraction:
    """A reporter that prints the progress of a surface on standard error every two seconds."""

    def __init__(self) -> None:
        self._reported = time.monotonic()

    def __call__(self, share: float) -> None:
        if time.monotonic() - self._reported > _EVERY:
            self._reported = time.monotonic()
            end = "\r" if sys.stderr.isatty() else "\n"
            print(
                f"surface: {share:.0%} of the samples that are known to be needed", end=end, file=sys.stderr, flush=True
            )


def parse_pose(text: str | None) -> Pose:
    """Parse the camera of ``--pose AZIMUTH,ELEVATION``, in degrees. Raises ``SettingsError`` for other texts."""
    if text is None:
        return Pose()
    try:
        azimuth, elevation = (float(part) for part in text.split(","))
    except ValueError:
        raise SettingsError(f"--pose {text}: give AZIMUTH,ELEVATION in degrees, for example 30,20") from None
    return Pose(azimuth, elevation)


def _whole_numbers(text: str, counts: tuple[int, ...], example: str) -> tuple[int, ...]:
    parts = text.lower().split("x")
    if len(parts) not in counts or not all(part.isdigit() and int(part) > 0 for part in parts):
        words = " or ".join(map(str, counts))
        raise SettingsError(f"--size {text}: give {words} positive whole numbers joined by x, for example {example}")
    return tuple(int(part) for part in parts)
