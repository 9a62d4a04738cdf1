"""Surfaces of a field of views: where its density passes a level."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ...errors import SettingsError, TooLargeError
from ..progress import say

if TYPE_CHECKING:
    import numpy as np

    from ...networks import ViewsField

__all__ = ["write_surface"]

_CELLS = 128
_STEPS = 4.0  # over which half the light is absorbed: a surface in a field is some two pixels deep
_BYTES = 60  # of a cell, at the peak
_ROWS = 1 << 14


def write_surface(field: ViewsField, out: str, size: str | None) -> None:
    """Write the surface on which four sampling steps absorb half the light, σ = ln 2 / (4·step), in world units, with
    colours.

    ``size`` is the number of cells along an axis, 128 by default. Raises ``SettingsError`` where there is none.
    """
    from ...signals import write_mesh

    cells = _cells(size)
    values = field.sample(field.domain.grid((cells,) * 3))[..., 3]
    vertices, faces = _marched(values, math.log(2) / (_STEPS * field.step))
    if not len(faces):
        raise SettingsError("the density of this field passes its level nowhere: there is no surface to write")
    colours = _colours(field, vertices)
    write_mesh(out, field.scene.placement.to_columns(vertices), faces, colours)
    say(f"{out}: {len(vertices):,} vertices, {len(faces):,} faces")


def _marched(values: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Vertices (V, 3) in coordinates and faces (F, 3), closed at the border of the box."""
    import numpy as np
    from skimage.measure import marching_cubes

    padded = np.log1p(np.pad(values, 1))  # densities differ by orders of magnitude: interpolate their logarithms
    if padded.max() <= math.log1p(level):
        return np.empty((0, 3)), np.empty((0, 3), dtype=np.int64)
    vertices, faces, _, _ = marching_cubes(padded, math.log1p(level))
    return np.clip((vertices - 0.5) / values.shape[0], 0, 1), faces[:, ::-1]


def _colours(field: ViewsField, vertices: np.ndarray) -> np.ndarray:
    """Colours (V, 3) by the network itself: the surface may lie just outside the occupied cells."""
    import torch

    points = torch.from_numpy(vertices.astype("float32")).to(field.device)
    with torch.no_grad():
        return torch.cat([field.network(block)[:, :3] for block in points.split(_ROWS)]).cpu().numpy()


def _cells(size: str | None) -> int:
    import psutil

    text = str(_CELLS) if size is None else size
    parts = set(text.lower().split("x"))
    if len(parts) != 1 or not (part := parts.pop()).isdigit() or int(part) < 2:
        raise SettingsError(f"--size {text}: a surface takes one whole number of cells along each axis, 2 or more")
    needed, free = _BYTES * int(part) ** 3, psutil.virtual_memory().available
    if needed > 0.8 * free:
        raise TooLargeError(f"{part}³ cells need {needed / 1e9:.1f} GB and {free / 1e9:.1f} GB are free; lower --size")
    return int(part)
