"""Pictures of a field of views from any place."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch

from ...errors import SettingsError
from ._cameras import look_at
from ._field import ViewsField
from ._rays import view_rays
from ._rendering import Sampling, render_samples, sample_rays
from ._scene import Scene

_AT_ONCE = 1 << 20  # samples whose lengths are held at once, in occupied cells or not: bounds memory
_BLOCK = 1 << 15  # samples that the network evaluates together: bounds memory


class Picture(NamedTuple):
    """A rendered picture, all float32.

    ``colour`` (H, W, 3) is on the scene's background, and it and ``opacity`` (H, W) lie in [0, 1]. ``depth`` (H, W) is
    the distance along the ray that the light comes from, in world units, infinite where less than half is stopped.
    """

    colour: np.ndarray
    opacity: np.ndarray
    depth: np.ndarray


def render_view(field: ViewsField, camera: int | np.ndarray = 0, size: tuple[int, int] | None = None) -> Picture:
    """Render a field as a camera sees it.

    ``camera`` is the number of a held-out view (of all views if none was held out), or a camera-to-world pose (4, 4)
    in OpenGL's axes, which takes the lens of the first view. ``size`` is (height, width), by default that of the fitted
    pictures; the height always shows the same part of the scene. Rows are rendered band by band, in bounded memory.

    Raises ``SettingsError`` if the view does not exist or the size is below 1×1, and ``SignalError`` if the matrix is
    not a pose.
    """
    return render_scene(field, scene_of_view(field, camera, size))


@torch.no_grad()
def render_scene(field: ViewsField, scene: Scene) -> Picture:
    """Render a field as the only camera of ``scene`` sees it."""
    height, width = scene.cameras.size
    picture = Picture(*(np.empty((height, width, *tail), dtype=np.float32) for tail in ((3,), (), ())))
    sampling = Sampling(field.step)
    at_once = max(1, _AT_ONCE // (sampling.most * width))
    for first in range(0, height, at_once):
        rows = slice(first, min(first + at_once, height))
        samples = sample_rays(view_rays(scene, 0, rows).to(field.device), sampling, field.cells)
        seen = [render_samples(field, block) for block in samples.blocks(_BLOCK)]
        parts = ((pixels.on(scene.background), pixels.opacity, scene.side * pixels.depth) for pixels in seen)
        for whole, found in zip(picture, zip(*parts, strict=True), strict=True):
            whole[rows] = torch.cat(found).cpu().numpy().reshape(whole[rows].shape)
    return picture


def scene_of_view(field: ViewsField, camera: int | np.ndarray = 0, size: tuple[int, int] | None = None) -> Scene:
    """Return the field's scene with one camera, a view by number or another pose, for pictures of ``size``."""
    cameras = field.scene.cameras
    if isinstance(camera, np.ndarray):
        chosen = cameras.posed(camera)
    else:
        views = field.scene.held_out or tuple(range(len(cameras)))
        if not 0 <= camera < len(views):
            held_out = "held-out views" if field.scene.held_out else "views"
            raise SettingsError(f"view {camera} does not exist: this field has {len(views)} {held_out}, counted from 0")
        chosen = cameras.chosen([views[camera]])
    if size is not None and min(size) < 1:
        raise SettingsError(f"a picture must be 1×1 or larger, not {size[0]}×{size[1]}")
    return replace(field.scene, cameras=chosen.resized(size) if size else chosen, held_out=())


def orbit_pose(scene: Scene, azimuth: float, elevation: float, radius: float | None = None) -> np.ndarray:
    """Return the pose (4, 4) that looks at the middle of the box from an azimuth and an elevation, with z upwards.

    ``azimuth`` and ``elevation`` are in degrees; azimuth 0 is on the x axis, 90 on the y axis. ``radius`` is the
    distance in world units, by default that of the median camera.

    >>> from fourierfield.kinds.views._cameras import Cameras
    >>> from fourierfield.kinds.views._scene import box_around
    >>> scene = Scene(Cameras.pinhole(np.eye(4)[None], 1.0, (1, 1)), box_around(np.zeros(3), 1.0), 0.0, 9.0)
    >>> orbit_pose(scene, 90.0, 0.0, 4.0)[:3, 3].round(6) + 0.0
    array([0., 4., 0.])
    """
    around, up = np.radians(azimuth), np.radians(elevation)
    direction = np.array([np.cos(up) * np.cos(around), np.cos(up) * np.sin(around), np.sin(up)])
    place = scene.middle + (scene.distance if radius is None else radius) * direction
    return look_at(tuple(place), tuple(scene.middle))
