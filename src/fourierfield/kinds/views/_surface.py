"""Surfaces of fields of posed pictures, drawn where the density passes a level."""

from __future__ import annotations

import math

import numpy as np
import torch
from skimage.measure import marching_cubes

from ...errors import SettingsError
from ...grids._memory import require_memory
from ...grids._mesh_files import write_mesh
from .._kind import Say
from ._field import ViewsField

_CELLS = 128  # cells along an axis without --size: bounds the time
_STEPS = 4.0  # sampling steps that absorb half the light at the level: surfaces in fields are about two pixels deep
_BYTES = 60  # bytes of a cell at the peak of memory
_ROWS = 1 << 14  # vertices that are evaluated at once: bounds memory, and any value near it would do


def write_surface(field: ViewsField, out: str, size: str | None, say: Say) -> None:
    """Write the surface of a field, with colours, in world units.

    On the surface four sampling steps absorb half the light: the density is σ = ln 2 / (4·step). ``size`` is the number
    of cells along an axis, 128 by default. Raises ``SettingsError`` if there is no surface.
    """
    cells = _cells(size)
    values = field.sample(field.domain.grid((cells,) * 3))[..., 3]
    vertices, faces = _marched(values, math.log(2) / (_STEPS * field.step))
    if not len(faces):
        raise SettingsError(f"{out}: the density of this field nowhere reaches the level of a surface; train longer")
    colours = _colours(field, vertices)
    write_mesh(out, field.scene.placement.to_columns(vertices), faces, colours)
    say(f"{out}: {len(vertices):,} vertices, {len(faces):,} faces")


def _marched(values: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return vertices (V, 3) in coordinates and faces (F, 3) of a surface, closed at the border of the box."""
    padded = np.log1p(
        np.pad(values, 1)
    )  # densities differ by orders of magnitude, so their logarithms are interpolated
    if padded.max() <= math.log1p(level):
        return np.empty((0, 3)), np.empty((0, 3), dtype=np.int64)
    vertices, faces, _, _ = marching_cubes(padded, math.log1p(level))
    return np.clip((vertices - 0.5) / values.shape[0], 0, 1), faces[:, ::-1]


def _colours(field: ViewsField, vertices: np.ndarray) -> np.ndarray:
    """Return colours (V, 3) by the network itself, as the surface may lie just outside the occupied cells."""
    points = torch.from_numpy(vertices.astype("float32")).to(field.device)
    with torch.no_grad():
        return torch.cat([field.network(block)[:, :3] for block in points.split(_ROWS)]).cpu().numpy()


def _cells(size: str | None) -> int:
    text = str(_CELLS) if size is None else size
    parts = set(text.lower().split("x"))
    if len(parts) != 1 or not (part := parts.pop()).isdigit() or int(part) < 2:
        raise SettingsError(f"--size {text}: a surface takes one whole number, 2 or more, of cells along each axis")
    require_memory(_BYTES * int(part) ** 3, f"a surface on {part}³ cells", "lower --size")
    return int(part)
