"""The visual hull: the part of the box that all silhouettes allow, and the pixels that show it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ._scene import Scene
from ._signal import ViewsSignal

_ROWS = 1 << 18  # cells that are projected at once: bounds memory, and any value near it would do
# The share of the pictures that show an occupied cell which may see the background's colour there: an object has parts
# of that colour, and others have it by chance.
_MOST_EMPTY = 0.4


def visible_cells(signal: ViewsSignal, views: np.ndarray, count: int) -> Tensor:
    """Return which cells of the scene's box may hold something, (n, n, n) bool for n = ``count``.

    The silhouettes in the pictures ``views`` decide. A picture shows a cell to be empty if nothing covers the
    background wherever the cell's circumscribed sphere may project (Laurentini 1994), with a pixel to spare. With an
    alpha channel one such picture is enough; with the colour of an even background, which parts of an object may have
    too, it takes more than four tenths of the pictures that show the cell. Cells whose middle no picture shows are
    empty, since nothing can be learned there. Pictures without silhouettes empty no cell that they show.
    """
    tally = _Tally(np.zeros(count**3, dtype=np.int32), np.zeros(count**3, dtype=np.int32), signal.has_alpha)
    for view in views:
        tally.add(signal.scene, int(view), signal.silhouette(int(view)))
    return torch.from_numpy(tally.possible.reshape(count, count, count))


@dataclass(frozen=True)
class _Tally:
    """The numbers of pictures that have ``shown`` each cell, and shown it ``empty``; ``certain`` if one suffices."""

    shown: np.ndarray
    empty: np.ndarray
    certain: bool

    @property
    def possible(self) -> np.ndarray:
        most = 0 if self.certain else _MOST_EMPTY * self.shown
        return (self.shown > 0) & (self.empty <= most)

    def add(self, scene: Scene, view: int, silhouette: np.ndarray | None) -> None:
        """Add one view to the counts."""
        count = round(len(self.shown) ** (1 / 3))
        left = np.flatnonzero(self.empty == 0) if self.certain else np.arange(len(self.shown))
        for start in range(0, len(left), _ROWS):
            rows = left[start : start + _ROWS]
            shown, empty = _what_is_seen(scene, view, silhouette, rows, count)
            self.shown[rows] += shown
            self.empty[rows] += empty


def shown_pixels(scene: Scene, view: int, cells: Tensor) -> np.ndarray:
    """Return which pixels of a view may show one of ``cells`` (n, n, n) bool: (H, W) bool.

    The result includes every such pixel, and some that show none of the cells.
    """
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


def _what_is_seen(
    scene: Scene, view: int, silhouette: np.ndarray | None, cells: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return which of the ``cells`` a view shows, and which of them it shows to be empty, (P,) bool each."""
    from scipy.ndimage import maximum_filter

    height, width = scene.cameras.size
    pixels, reach = _projected(scene, view, cells, count)
    if reach is None or reach > max(height, width):
        return np.ones(len(cells), dtype=bool), np.zeros(len(cells), dtype=bool)
    column, row = np.floor(pixels).astype(np.int64).T
    shown = (column >= 0) & (row >= 0) & (column < width) & (row < height)
    if silhouette is None:
        return shown, np.zeros_like(shown)
    grown = maximum_filter(silhouette, size=2 * reach + 1)
    return shown, shown & ~grown[row.clip(0, height - 1), column.clip(0, width - 1)]


def _projected(scene: Scene, view: int, cells: np.ndarray, count: int) -> tuple[np.ndarray, int | None]:
    """Return the pixels (P, 2) of the middles of cells, and how many pixels around them the cells reach.

    The reach is None if one of the cells is beside or behind the camera.
    """
    camera = scene.cameras.chosen([view])
    centres = (np.stack(np.unravel_index(cells, (count,) * 3), axis=-1) + 0.5) / count
    pixels, depth = camera.project(scene.placement.to_columns(centres))
    radius = math.sqrt(3) / 2 / count * scene.side
    closest = float(depth.min(initial=np.inf)) - radius
    if closest <= 1e-6 * scene.side:
        return pixels, None
    slanted = 1 + float(camera.half_widths[0])  # the image of a sphere is longer towards the border of a picture
    return pixels, math.ceil(radius * float(camera.focal.max()) * slanted / closest + 1)
