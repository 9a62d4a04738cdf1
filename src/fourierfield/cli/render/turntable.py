"""Turntables: a camera once around a field of views, as MP4 or GIF."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import SettingsError, TooLargeError
from ..progress import say

if TYPE_CHECKING:
    import numpy as np

    from ...networks import ViewsField
    from ...signals.views import Scene

__all__ = ["write_turntable"]

_FRAMES, _PER_SECOND = 60, 30
_EVERY = 3.0  # seconds between two lines of progress


def write_turntable(field: ViewsField, out: str, frames: int | None, size: tuple[int, int], start: Scene) -> None:
    """Write ``frames`` pictures (60 by default), 30 a second, of one turn about the middle of the box, atomically.

    The first is that of ``start``'s one camera; the others turn it about the vertical. MP4 pictures have even sides.
    """
    from ...signals.files import atomic_file
    from ...signals.volumes import write_video

    count = _FRAMES if frames is None else frames
    if not 2 <= count <= 10_000:
        raise SettingsError(f"--frames {count}: give 2 to 10,000")
    movie = Path(out).suffix.lower() == ".mp4"
    height, width = (side + side % 2 if movie else side for side in size)
    pictures = _pictures(field, replace(start, cameras=start.cameras.resized((height, width))), count)
    if not movie:
        _check_room(out, count * height * width)
    with atomic_file(out) as file:
        write_video(file, pictures, _PER_SECOND, "mp4" if movie else "gif")
    say(f"{out}: {count} frames of {height}×{width}")


def _pictures(field: ViewsField, scene: Scene, count: int) -> Iterator[np.ndarray]:
    """8-bit pictures (H, W, 3), one after the other."""
    import numpy as np

    from ...rendering import render_scene
    from ...signals import SampleFormat

    said = time.monotonic()
    for index in range(count):
        camera = scene.cameras.posed(_turned(scene.cameras.poses[0], scene.middle, 2 * np.pi * index / count))
        yield SampleFormat("uint8").encode(render_scene(field, replace(scene, cameras=camera)).colour)
        if time.monotonic() - said > _EVERY:
            said = time.monotonic()
            say(f"frame {index + 1}/{count}")


def _turned(pose: np.ndarray, middle: np.ndarray, angle: float) -> np.ndarray:
    """A pose turned about the vertical through a point."""
    import numpy as np

    turn = np.eye(4)
    turn[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    there, back = np.eye(4), np.eye(4)
    there[:3, 3], back[:3, 3] = middle, -middle
    return np.asarray(there @ turn @ back @ pose)


def _check_room(out: str, pixels: int) -> None:
    """A GIF is held whole until its end."""
    import psutil

    needed, free = 4 * pixels, psutil.virtual_memory().available
    if needed > 0.5 * free:
        raise TooLargeError(
            f"{out} would hold {needed / 1e9:.1f} GB and {free / 1e9:.1f} GB are free; write .mp4, or lower --size"
        )
