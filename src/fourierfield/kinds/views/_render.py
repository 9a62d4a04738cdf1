"""Rendering of fields of posed pictures as views, depths, turntables and surfaces."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np

from ...errors import SettingsError
from ...grids._endings import MESH_ENDINGS, MOVIE_ENDINGS
from ...grids._files import check_writable
from ...grids._pictures import write_image
from ...grids._sample_format import SampleFormat
from .._kind import Say
from .._render_options import RenderOptions
from ._draw import Picture, orbit_pose, render_scene, scene_of_view
from ._field import ViewsField
from ._scene import Scene
from ._surface import write_surface
from ._turntable import Turn, write_turntable

_MOST_PIXELS = 1 << 28  # pixels of a picture: 16,384², which take some hours to render


def write_view(field: ViewsField, out: str, options: RenderOptions, say: Say) -> None:
    """Write a picture, an array, a turntable or a surface, as the ending of ``out`` selects."""
    ending = Path(out).suffix.lower()
    if options.frames is not None and ending not in MOVIE_ENDINGS:
        raise SettingsError(f"--frames is for turntables; write a {' or '.join(MOVIE_ENDINGS)} file, or leave it out")
    check_writable(out)
    if ending in MESH_ENDINGS:
        _refuse_for_surfaces(options)
        write_surface(field, out, options.size, say)
    elif ending in MOVIE_ENDINGS:
        if options.depth:
            raise SettingsError("--depth draws one picture; leave it out for a turntable")
        start = _around(field, options.pose)
        write_turntable(field, out, Turn(options.frames, _size(field, options), start), say)
    else:
        _write_picture(field, out, _scene(field, options), options.depth, say)


def _write_picture(field: ViewsField, out: str, scene: Scene, depth: bool, say: Say) -> None:
    picture = render_scene(field, scene)
    numbers = Path(out).suffix.lower() == ".npy"
    if depth:
        values = picture.depth[..., None] if numbers else _grey(picture, say)
        write_image(out, values, SampleFormat("float32" if numbers else "uint16", squeeze=True))
    else:
        write_image(out, picture.colour, SampleFormat("float32") if numbers else field.source.sample_format)
    height, width = scene.cameras.size
    say(f"{out}: {height}×{width}")


def _grey(picture: Picture, say: Say) -> np.ndarray:
    """Return depths as brightness (H, W, 1): the nearest is 1, the farthest 0.1, and what shows nothing 0."""
    seen = np.isfinite(picture.depth)
    if not seen.any():
        say("nothing is visible from this camera: the picture is black")
        return np.zeros((*picture.depth.shape, 1), dtype=np.float32)
    near, far = float(picture.depth[seen].min()), float(picture.depth[seen].max())
    say(f"white is {near:.4g} world units away, a tenth of white {far:.4g}; black shows nothing")
    share = (np.where(seen, picture.depth, far) - near) / max(far - near, 1e-9)
    return np.asarray(np.where(seen, 1 - 0.9 * share, 0.0), dtype=np.float32)[..., None]


def _scene(field: ViewsField, options: RenderOptions) -> Scene:
    pose, size = options.pose, _size(field, options)
    if pose is None or pose.strip().isdigit():
        return scene_of_view(field, int(pose or 0), size)
    if Path(pose).suffix.lower() in (".json", ".npy"):
        return scene_of_view(field, _matrix(Path(pose)), size)
    return scene_of_view(field, orbit_pose(field.scene, *_angles(pose)), size)


def _around(field: ViewsField, pose: str | None) -> Scene:
    """Return the scene with the camera that a turntable starts from."""
    if pose is not None:
        return scene_of_view(field, orbit_pose(field.scene, *_angles(pose)))
    return scene_of_view(field, orbit_pose(field.scene, 0.0, _usual_elevation(field)))


def _usual_elevation(field: ViewsField) -> float:
    """Return the elevation of the median camera, seen from the middle of the box, in degrees within ±60."""
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
    """Read a 4×4 pose from a ``.npy`` file, or a ``.json`` file with its rows or a frame's ``transform_matrix``."""
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
        raise SettingsError(f"--pose {path} holds an array of shape {pose.shape}, not a 4×4 matrix")
    return pose


def _size(field: ViewsField, options: RenderOptions) -> tuple[int, int]:
    """Return the height and width of the pictures."""
    height, width = field.scene.cameras.size
    if options.size is not None:
        parts = options.size.lower().split("x")
        if len(parts) != 2 or not all(part.isdigit() and int(part) > 0 for part in parts):
            raise SettingsError(f"--size {options.size}: give two positive whole numbers, for example 400x400")
        height, width = int(parts[0]), int(parts[1])
    elif options.scale is not None:
        height, width = (max(1, round(side * options.scale)) for side in (height, width))
    if height * width > _MOST_PIXELS:
        raise SettingsError(f"{height}×{width} pixels are more than {_MOST_PIXELS:,}; lower --size or --scale")
    return height, width


def _refuse_for_surfaces(options: RenderOptions) -> None:
    given = {"--pose": options.pose, "--depth": options.depth or None, "--scale": options.scale}
    wrong = next((name for name, value in given.items() if value is not None), None)
    if wrong:
        raise SettingsError(f"{wrong} is for pictures; leave it out: a surface takes --size N, the cells along an axis")
