"""Meshes, pictures and values of a shape's field."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import SettingsError
from ..progress import say

if TYPE_CHECKING:
    import numpy as np

    from ...networks import Field
    from ...signals import Grid

__all__ = ["ShapeView", "shape_endings", "write_shape"]

_SAMPLES = 256  # along the longest side, where nothing else is asked for
_PIXELS = 768
_EVERY = 2.0  # seconds between two lines of progress


@dataclass(frozen=True)
class ShapeView:
    """How a shape is drawn: ``size`` and ``pose`` as given, ``scale`` a multiple of the usual resolution."""

    size: str | None = None
    scale: float = 1.0
    pose: str | None = None


def shape_endings() -> tuple[str, ...]:
    """Endings that a shape's field may be rendered to."""
    from ...signals import MESH_ENDINGS

    return (*MESH_ENDINGS, ".png", ".npy")


def write_shape(field: Field, out: str, view: ShapeView) -> None:
    """Write a field's surface as a mesh in its own units or as a picture, or its values on a grid over its box."""
    from ...signals.files import check_writable

    check_writable(out)
    ending = Path(out).suffix.lower()
    if view.pose is not None and ending != ".png":
        raise SettingsError(f"--pose is for pictures; leave it out for {ending}")
    if ending == ".png":
        _write_picture(field, out, view)
    elif ending == ".npy":
        _write_values(field, out, view)
    else:
        _write_mesh(field, out, view)


def _write_mesh(field: Field, out: str, view: ShapeView) -> None:
    from ...signals import write_mesh

    grid = _grid(field, view)
    vertices, faces = _surface(field, grid, out)
    write_mesh(out, vertices, faces)
    size = "×".join(str(n) for n in grid.shape)
    say(f"{out}: {len(vertices):,} vertices, {len(faces):,} triangles, from {size} samples")


def _write_picture(field: Field, out: str, view: ShapeView) -> None:
    import io

    from PIL import Image

    from ...fitting.shapes.field import box_grid
    from ...signals import atomic_write
    from ...signals.meshes import draw_mesh

    size = _whole_numbers(view.size, (2,), "512x768") if view.size else (_PIXELS, _PIXELS)
    pose = parse_pose(view.pose)
    vertices, faces = _surface(field, box_grid(field, max(8, round(_SAMPLES * view.scale))), out)
    buffer = io.BytesIO()
    Image.fromarray(draw_mesh(vertices, faces, (size[0], size[1]), pose)).save(buffer, "PNG")
    atomic_write(out, buffer.getvalue())
    say(f"{out}: {size[0]}×{size[1]}, {len(faces):,} triangles")


def _write_values(field: Field, out: str, view: ShapeView) -> None:
    from .files import write_array

    grid = _grid(field, view)
    write_array(field, grid, out)
    say(f"{out}: {'×'.join(str(n) for n in grid.shape)} values in the order x, y, z, over the box of the mesh")


def _grid(field: Field, view: ShapeView) -> Grid:
    from ...fitting.shapes.field import box_grid

    if view.size is None:
        return box_grid(field, max(8, round(_SAMPLES * view.scale)))
    numbers = _whole_numbers(view.size, (1, 3), "256 or 200x300x250")
    return box_grid(field, numbers[0] if len(numbers) == 1 else numbers)


def _surface(field: Field, grid: Grid, out: str) -> tuple[np.ndarray, np.ndarray]:
    from ...fitting.shapes.field import surface_of

    vertices, faces = surface_of(field, grid, _Extraction())
    if len(faces) == 0:
        raise SettingsError(
            f"{out}: the field has no surface on {'×'.join(map(str, grid.shape))} samples; nothing was written. "
            "Train longer, or raise --size"
        )
    return vertices, faces


class _Extraction:
    """Tells every two seconds how far the surface is."""

    def __init__(self) -> None:
        self._said = time.monotonic()

    def __call__(self, share: float) -> None:
        if time.monotonic() - self._said > _EVERY:
            self._said = time.monotonic()
            end = "\r" if sys.stderr.isatty() else "\n"
            print(
                f"surface: {share:.0%} of the samples that are known to be needed", end=end, file=sys.stderr, flush=True
            )


def parse_pose(text: str | None):  # type: ignore[no-untyped-def]
    """The camera of ``AZIMUTH,ELEVATION`` in degrees."""
    from ...signals.meshes import Pose

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
