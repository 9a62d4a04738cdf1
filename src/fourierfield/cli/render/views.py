"""Pictures, depths, turntables and surfaces of a field of views."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import SettingsError
from ..progress import say

if TYPE_CHECKING:
    import numpy as np

    from ...networks import ViewsField
    from ...rendering import Picture
    from ...signals.views import Scene

__all__ = ["MESHES", "MOVIES", "ViewOptions", "write_view"]

MOVIES, MESHES = (".mp4", ".gif"), (".obj", ".ply", ".stl", ".off", ".glb")
_MOST_PIXELS = 1 << 28


@dataclass(frozen=True)
class ViewOptions:
    """What to draw of a field of views, in the words of the command line; None leaves it to the field."""

    pose: str | None = None
    size: str | None = None
    scale: float | None = None
    depth: bool = False
    frames: int | None = None


def write_view(field: ViewsField, out: str, options: ViewOptions) -> None:
    """Write what the ending of ``out`` names: a picture, its numbers, a turntable or a surface."""
    from ...signals import IMAGE_ENDINGS
    from ...signals.files import check_writable

    ending = Path(out).suffix.lower()
    if ending not in (*IMAGE_ENDINGS, *MOVIES, *MESHES):
        raise SettingsError(
            f"{out}: the ending {ending or '(none)'} names no format of views, which this field holds; "
            f"use one of {', '.join((*IMAGE_ENDINGS, *MOVIES, *MESHES))}"
        )
    if options.frames is not None and ending not in MOVIES:
        raise SettingsError(f"--frames is for turntables; write {' or '.join(MOVIES)}")
    check_writable(out)
    if ending in MESHES:
        from .surface import write_surface

        _refuse_for_surfaces(options)
        write_surface(field, out, options.size)
    elif ending in MOVIES:
        from .turntable import write_turntable

        if options.depth:
            raise SettingsError("--depth draws one picture; leave it out for a turntable")
        write_turntable(field, out, options.frames, _size(field, options), _around(field, options.pose))
    else:
        _write_picture(field, out, _scene(field, options), options.depth)


def _write_picture(field: ViewsField, out: str, scene: Scene, depth: bool) -> None:
    from ...rendering import render_scene
    from ...signals import SampleFormat
    from ...signals.image import write_image

    picture = render_scene(field, scene)
    numbers = Path(out).suffix.lower() == ".npy"
    if depth:
        values = picture.depth[..., None] if numbers else _grey(picture)
        write_image(out, values, SampleFormat("float32" if numbers else "uint16", squeeze=True))
    else:
        write_image(out, picture.colour, SampleFormat("float32") if numbers else field.source.sample_format)
    height, width = scene.cameras.size
    say(f"{out}: {height}×{width}")


def _grey(picture: Picture) -> np.ndarray:
    """Depths (H, W, 1) as brightness, the nearest white and the farthest a tenth, nothing black."""
    import numpy as np

    seen = np.isfinite(picture.depth)
    if not seen.any():
        say("nothing is seen from there: the picture is black")
        return np.zeros((*picture.depth.shape, 1), dtype=np.float32)
    near, far = float(picture.depth[seen].min()), float(picture.depth[seen].max())
    say(f"white is {near:.4g} world units away, a tenth of white {far:.4g}, black nothing")
    share = (np.where(seen, picture.depth, far) - near) / max(far - near, 1e-9)
    return np.asarray(np.where(seen, 1 - 0.9 * share, 0.0), dtype=np.float32)[..., None]


def _scene(field: ViewsField, options: ViewOptions) -> Scene:
    from ...rendering import orbit_pose, scene_of_view

    pose, size = options.pose, _size(field, options)
    if pose is None or pose.strip().isdigit():
        return scene_of_view(field, int(pose or 0), size)
    if Path(pose).suffix.lower() in (".json", ".npy"):
        return scene_of_view(field, _matrix(Path(pose)), size)
    return scene_of_view(field, orbit_pose(field.scene, *_angles(pose)), size)


def _around(field: ViewsField, pose: str | None) -> Scene:
    """The scene with the camera that a turntable starts from."""
    from ...rendering import orbit_pose, scene_of_view

    if pose is not None:
        return scene_of_view(field, orbit_pose(field.scene, *_angles(pose)))
    return scene_of_view(field, orbit_pose(field.scene, 0.0, _usual_elevation(field)))


def _usual_elevation(field: ViewsField) -> float:
    """Degrees above the middle of the box of the median camera, within ±60."""
    import numpy as np

    offset = field.scene.cameras.places - field.scene.middle
    height = np.arctan2(offset[:, 2], np.linalg.norm(offset[:, :2], axis=1))
    return float(np.clip(np.degrees(np.median(height)), -60, 60))


def _angles(text: str) -> tuple[float, float, float | None]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) not in (2, 3) or not all(map(math.isfinite, numbers)) or (len(numbers) == 3 and numbers[2] <= 0):
        raise SettingsError(
            f"--pose {text}: give the number of a held-out view, AZIMUTH,ELEVATION[,RADIUS] in degrees and world "
            "units, or a .json or .npy file with a 4×4 camera-to-world matrix"
        )
    return numbers[0], numbers[1], numbers[2] if len(numbers) == 3 else None


def _matrix(path: Path) -> np.ndarray:
    """A 4×4 pose: of a .npy, or a .json with the rows or a frame's ``transform_matrix``."""
    import numpy as np

    try:
        if path.suffix.lower() == ".npy":
            found = np.load(path, allow_pickle=False)
        else:
            content = json.loads(path.read_text())
            found = np.asarray(content["transform_matrix"] if isinstance(content, dict) else content)
        pose = np.asarray(found, dtype=np.float64)
    except (OSError, ValueError, KeyError, TypeError) as problem:
        reason = " ".join(str(problem).split())
        raise SettingsError(f"--pose {path} cannot be read as a 4×4 matrix: {reason}") from problem
    if pose.shape != (4, 4):
        raise SettingsError(f"--pose {path} holds {pose.shape} numbers, not a 4×4 matrix")
    return pose


def _size(field: ViewsField, options: ViewOptions) -> tuple[int, int]:
    """Height and width of the pictures."""
    height, width = field.scene.cameras.size
    if options.size is not None:
        parts = options.size.lower().split("x")
        if len(parts) != 2 or not all(part.isdigit() and int(part) > 0 for part in parts):
            raise SettingsError(f"--size {options.size}: give two positive whole numbers, for example 400x400")
        height, width = int(parts[0]), int(parts[1])
    elif options.scale is not None:
        height, width = (max(1, round(side * options.scale)) for side in (height, width))
    if height * width > _MOST_PIXELS:
        raise SettingsError(f"{height}×{width} are more than {_MOST_PIXELS:,} pixels; lower --size or --scale")
    return height, width


def _refuse_for_surfaces(options: ViewOptions) -> None:
    given = {"--pose": options.pose, "--depth": options.depth or None, "--scale": options.scale}
    wrong = next((name for name, value in given.items() if value is not None), None)
    if wrong:
        raise SettingsError(f"{wrong} is for pictures; a surface takes --size N, the cells along an axis")
