"""Turntables: a camera once around a field of views, as MP4 or GIF."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ...errors import SettingsError
from ...grids._files import atomic_file
from ...grids._films import write_video
from ...grids._memory import require_memory
from ...grids._sample_format import SampleFormat
from .._kind import Say
from ._draw import render_scene
from ._field import ViewsField
from ._scene import Scene

_FRAMES, _PER_SECOND = 60, 30
_EVERY = 3.0  # seconds between two lines of progress


@dataclass(frozen=True)
class Turn:
    """A turntable: ``frames`` pictures (None for 60) of ``size`` (height, width), from ``start``'s one camera on."""

    frames: int | None
    size: tuple[int, int]
    start: Scene


def write_turntable(field: ViewsField, out: str, turn: Turn, say: Say) -> None:
    """Write one turn about the middle of the box, 30 pictures a second, atomically.

    The first picture is that of the given camera; the others turn it about the vertical. MP4 pictures have even sides.
    """
    count = _FRAMES if turn.frames is None else turn.frames
    if not 2 <= count <= 10_000:
        raise SettingsError(f"--frames {count}: give 2 to 10,000")
    movie = Path(out).suffix.lower() == ".mp4"
    height, width = (side + side % 2 if movie else side for side in turn.size)
    pictures = _pictures(field, replace(turn.start, cameras=turn.start.cameras.resized((height, width))), count, say)
    if not movie:
        _check_room(out, count * height * width)
    with atomic_file(out) as file:
        write_video(file, pictures, _PER_SECOND, "mp4" if movie else "gif")
    say(f"{out}: {count} frames of {height}×{width}")


def _pictures(field: ViewsField, scene: Scene, count: int, say: Say) -> Iterator[np.ndarray]:
    """Yield 8-bit pictures (H, W, 3), one after the other."""
    reported = time.monotonic()
    for index in range(count):
        camera = scene.cameras.posed(_turned(scene.cameras.poses[0], scene.middle, 2 * np.pi * index / count))
        yield SampleFormat("uint8").encode(render_scene(field, replace(scene, cameras=camera)).colour)
        if time.monotonic() - reported > _EVERY:
            reported = time.monotonic()
            say(f"frame {index + 1}/{count}")


def _turned(pose: np.ndarray, middle: np.ndarray, angle: float) -> np.ndarray:
    """Turn a pose about the vertical through a point."""
    turn = np.eye(4)
    turn[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    there, back = np.eye(4), np.eye(4)
    there[:3, 3], back[:3, 3] = middle, -middle
    return np.asarray(there @ turn @ back @ pose)


def _check_room(out: str, pixels: int) -> None:
    """Raise ``TooLargeError`` for a GIF that does not fit in memory: it is held whole until its end."""
    require_memory(4 * pixels, f"{out}, which is held whole,", "write .mp4, or lower --size", share=0.5)
