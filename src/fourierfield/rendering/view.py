"""Pictures of a field of views from any place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import torch

from ..errors import SettingsError
from ..networks import ViewsField
from ..signals.views import Scene, look_at
from .rays import view_rays
from .render import Sampling, render_samples, sample_rays

__all__ = ["Picture", "orbit_pose", "render_scene", "render_view", "scene_of_view"]

_AT_ONCE = 1 << 20  # samples whose lengths are held at once, looked at or not
_BLOCK = 1 << 15  # samples that go through the network together


class Picture(NamedTuple):
    """``colour`` (H, W, 3) on the scene's background and ``opacity`` (H, W), both in [0, 1], and ``depth`` (H, W): how
    far along its ray light comes from, in world units, infinite where less than half is held up. All float32."""

    colour: np.ndarray
    opacity: np.ndarray
    depth: np.ndarray


@dataclass(frozen=True)
class _Band:
    """Some rows of a picture, which are rendered together."""

    rows: slice
    colour: np.ndarray
    opacity: np.ndarray
    depth: np.ndarray


def render_view(field: ViewsField, camera: int | np.ndarray = 0, size: tuple[int, int] | None = None) -> Picture:
    """What a field looks like from a camera: the number of a view that was held out (of all views where none was), or a
    camera-to-world pose (4, 4) in OpenGL's axes, with the first view's lens.

    ``size`` is (height, width), that of the fitted pictures by default; it shows as much of the scene along the height.
    Rows are rendered one band after the other, in bounded memory. Raises ``SettingsError`` for a view that is not there
    and for a size below 1×1, ``SignalError`` for a matrix that is no pose.
    """
    return render_scene(field, scene_of_view(field, camera, size))


def render_scene(field: ViewsField, scene: Scene) -> Picture:
    """What a field looks like from the one camera of a scene."""
    height, width = scene.cameras.size
    picture = Picture(*(np.empty((height, width, *tail), dtype=np.float32) for tail in ((3,), (), ())))
    for band in _bands(field, scene):
        for whole, part in zip(picture, (band.colour, band.opacity, band.depth), strict=True):
            whole[band.rows] = part
    return picture


def scene_of_view(field: ViewsField, camera: int | np.ndarray = 0, size: tuple[int, int] | None = None) -> Scene:
    """The field's scene with one camera: that of a view by number, or another pose, for pictures of ``size``."""
    cameras = field.scene.cameras
    if isinstance(camera, np.ndarray):
        chosen = cameras.posed(camera)
    else:
        views = field.scene.held_out or tuple(range(len(cameras)))
        if not 0 <= camera < len(views):
            held_out = "held-out views" if field.scene.held_out else "views"
            raise SettingsError(f"view {camera} is not there: this field has {len(views)} {held_out}, from 0")
        chosen = cameras.chosen([views[camera]])
    if size is not None and min(size) < 1:
        raise SettingsError(f"a picture is 1×1 or more, not {size[0]}×{size[1]}")
    return replace(field.scene, cameras=chosen.resized(size) if size else chosen, held_out=())


def orbit_pose(scene: Scene, azimuth: float, elevation: float, radius: float | None = None) -> np.ndarray:
    """The pose (4, 4) that looks at the middle of the box from an azimuth and an elevation in degrees, z upwards, at a
    distance in world units, that of the median camera by default.

    Azimuth 0 is on the x axis, 90 on the y axis.

    >>> from fourierfield.signals.views import Cameras, box_around
    >>> scene = Scene(Cameras.pinhole(np.eye(4)[None], 1.0, (1, 1)), box_around(np.zeros(3), 1.0), 0.0, 9.0)
    >>> orbit_pose(scene, 90.0, 0.0, 4.0)[:3, 3].round(6) + 0.0
    array([0., 4., 0.])
    """
    around, up = np.radians(azimuth), np.radians(elevation)
    direction = np.array([np.cos(up) * np.cos(around), np.cos(up) * np.sin(around), np.sin(up)])
    place = scene.middle + (scene.distance if radius is None else radius) * direction
    return look_at(tuple(place), tuple(scene.middle))


@torch.no_grad()
def _bands(field: ViewsField, scene: Scene) -> Iterator[_Band]:
    height, width = scene.cameras.size
    sampling = Sampling(field.step)
    at_once = max(1, _AT_ONCE // (sampling.most * width))
    behind = "white" if scene.background == "white" else "black"
    for first in range(0, height, at_once):
        rows = slice(first, min(first + at_once, height))
        samples = sample_rays(view_rays(scene, 0, rows).to(field.device), sampling, field.cells)
        seen = [render_samples(field, block) for block in samples.blocks(_BLOCK)]
        colour, opacity, depth = (
            torch.cat(parts).cpu().numpy().reshape(rows.stop - rows.start, width, -1)
            for parts in zip(*((pixels.on(behind), pixels.opacity, pixels.depth) for pixels in seen), strict=True)
        )
        yield _Band(rows, colour, opacity[..., 0], depth[..., 0] * scene.side)
