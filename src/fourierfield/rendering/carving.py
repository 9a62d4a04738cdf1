"""The visual hull: what all silhouettes leave of the box, and where it shows."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from ..signals.views import Scene, ViewsSignal

__all__ = ["shown_pixels", "visible_cells"]

_ROWS = 1 << 18


def visible_cells(signal: ViewsSignal, views: np.ndarray, count: int) -> Tensor:
    """Cells (n, n, n) bool of the scene's box that may hold something, by the opacities of the pictures ``views``.

    A cell is empty if some picture is fully transparent wherever the cell's circumscribed sphere may project to
    (Laurentini 1994), with a pixel to spare, or if none of the pictures shows its middle, since nothing can be learnt
    there. Pictures without opacities empty no cell that they show.
    """
    possible, seen = np.ones(count**3, dtype=bool), np.zeros(count**3, dtype=bool)
    for view in views:
        silhouette = signal.opacity(int(view)) > 0 if signal.has_alpha else None
        _carve(possible, seen, signal.scene, int(view), silhouette)
    return torch.from_numpy((possible & seen).reshape(count, count, count))


def shown_pixels(scene: Scene, view: int, cells: Tensor) -> np.ndarray:
    """Pixels (H, W) bool of a view that may show one of ``cells`` (n, n, n) bool; some more, but none too few."""
    from scipy.ndimage import maximum_filter

    height, width = scene.cameras.size
    pixels, reach = _projected(scene, view, np.flatnonzero(cells.cpu().numpy()), cells.shape[0])
    if reach is None or reach > max(height, width):
        return np.ones((height, width), dtype=bool)
    hit = np.zeros((height + 2 * reach, width + 2 * reach), dtype=bool)
    column, row = np.floor(pixels).astype(np.int64).T + reach
    near = (column >= 0) & (row >= 0) & (column < hit.shape[1]) & (row < hit.shape[0])
    hit[row[near], column[near]] = True
    return np.asarray(maximum_filter(hit, size=2 * reach + 1))[reach:-reach, reach:-reach]


def _carve(possible: np.ndarray, seen: np.ndarray, scene: Scene, view: int, silhouette: np.ndarray | None) -> None:
    """Mark what a view sees of the cells that are left, and what of it is empty by its silhouette."""
    from scipy.ndimage import maximum_filter

    height, width = scene.cameras.size
    left = np.flatnonzero(possible if silhouette is not None else ~seen)
    for start in range(0, len(left), _ROWS):
        rows = left[start : start + _ROWS]
        pixels, reach = _projected(scene, view, rows, round(len(possible) ** (1 / 3)))
        if reach is None or reach > max(height, width):
            seen[rows] = True
            continue
        column, row = np.floor(pixels).astype(np.int64).T
        shown = (column >= 0) & (row >= 0) & (column < width) & (row < height)
        seen[rows[shown]] = True
        if silhouette is not None:
            grown = maximum_filter(silhouette, size=2 * reach + 1)
            empty = shown & ~grown[row.clip(0, height - 1), column.clip(0, width - 1)]
            possible[rows[empty]] = False


def _projected(scene: Scene, view: int, cells: np.ndarray, count: int) -> tuple[np.ndarray, int | None]:
    """Pixels (P, 2) of the middles of cells, and how many pixels around them the cells reach; None where one of them is
    beside or behind the camera."""
    camera = scene.cameras.chosen([view])
    centres = (np.stack(np.unravel_index(cells, (count,) * 3), axis=-1) + 0.5) / count
    pixels, depth = camera.project(scene.placement.to_columns(centres))
    radius = math.sqrt(3) / 2 / count * scene.side
    closest = float(depth.min(initial=np.inf)) - radius
    if closest <= 1e-6 * scene.side:
        return pixels, None
    slanted = 1 + float(camera.half_widths[0])  # towards the border of a picture a sphere's image grows longer
    return pixels, math.ceil(radius * float(camera.focal.max()) * slanted / closest + 1)
