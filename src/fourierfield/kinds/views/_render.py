"""Rendering of fields of posed pictures as views, depths, turntables and surfaces."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from skimage.measure import marching_cubes

from ...errors import SettingsError
from ...grids._endings import MESH_ENDINGS, MOVIE_ENDINGS
from ...grids._files import atomic_file, check_writable
from ...grids._films import write_video
from ...grids._memory import require_memory
from ...grids._mesh_files import write_mesh
from ...grids._pictures import write_image
from ...grids._sample_format import SampleFormat
from .._kind import Say
from .._render_options import RenderOptions
from ._draw import Picture, orbit_pose, render_scene, scene_of_view
from ._field import ViewsField
from ._npz import whole_poses
from ._scene import Scene

_MOST_PIXELS = 1 << 28  # pixels of a picture: 16,384², which take some hours to render


def write_view(field: ViewsField, out: str, options: RenderOptions, say: Say) -> None:
    """Write a picture, an array, a turntable or a surface, as the ending of ``out`` selects."""
    ending = Path(out).suffix.lower()
    if options.frames is not None and ending not in MOVIE_ENDINGS:
        raise SettingsError(f"--frames is for turntables; write a {' or '.join(MOVIE_ENDINGS)} file, or leave it out")
    check_writable(out)
    if ending in MESH_ENDINGS:
        _write_surface(field, out, options, say)
    elif ending in MOVIE_ENDINGS:
        _write_turntable(field, out, options, say)
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
            found = np.load(path, mmap_mode="r", allow_pickle=False)
            if found.size > 16:  # before it is read
                raise ValueError(f"it holds an array of shape {found.shape}")
        else:
            content = json.loads(path.read_text())
            found = np.asarray(content["transform_matrix"] if isinstance(content, dict) else content)
        pose = np.asarray(found, dtype=np.float64)
    except Exception as problem:  # whatever a broken file makes of the decoder
        reason = " ".join(str(problem).split())[:200]
        raise SettingsError(f"--pose {path} cannot be read as a 4×4 matrix: {reason}") from problem
    if pose.shape not in ((4, 4), (3, 4)):
        raise SettingsError(f"--pose {path} holds an array of shape {pose.shape}, not a 4×4 matrix")
    return whole_poses(pose[None])[0]


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


_FRAMES, _PER_SECOND = 60, 30
_EVERY = 3.0  # seconds between two lines of progress


def _write_turntable(field: ViewsField, out: str, options: RenderOptions, say: Say) -> None:
    """Write one turn about the middle of the box, 30 pictures a second, atomically.

    The first picture is that of the given camera; the others turn it about the vertical. MP4 pictures have even sides.
    """
    if options.depth:
        raise SettingsError("--depth draws one picture; leave it out for a turntable")
    start, size = _around(field, options.pose), _size(field, options)
    count = _FRAMES if options.frames is None else options.frames
    if not 2 <= count <= 10_000:
        raise SettingsError(f"--frames {count}: give 2 to 10,000")
    movie = Path(out).suffix.lower() == ".mp4"
    height, width = (side + side % 2 if movie else side for side in size)
    pictures = _pictures(field, replace(start, cameras=start.cameras.resized((height, width))), count, say)
    if not movie:
        needed = 4 * count * height * width
        require_memory(needed, f"{out}, which is held whole,", "write .mp4, or lower --size", share=0.5)
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


_CELLS = 128  # cells along an axis without --size: bounds the time
_STEPS = 4.0  # sampling steps that absorb half the light at the level: surfaces in fields are about two pixels deep
_BYTES = 60  # bytes of a cell at the peak of memory
_ROWS = 1 << 14  # vertices that are evaluated at once: bounds memory, and any value near it would do


def _write_surface(field: ViewsField, out: str, options: RenderOptions, say: Say) -> None:
    """Write the surface of a field, with colours, in world units.

    On the surface four sampling steps absorb half the light: the density is σ = ln 2 / (4·step). ``--size`` is the
    number of cells along an axis.
    """
    given = {"--pose": options.pose, "--depth": options.depth or None, "--scale": options.scale}
    wrong = next((name for name, value in given.items() if value is not None), None)
    if wrong:
        raise SettingsError(f"{wrong} is for pictures; leave it out: a surface takes --size N, the cells along an axis")
    cells = _cells(options.size)
    values = field.sample(field.domain.grid((cells,) * 3))[..., 3]
    vertices, faces = _marched(values, math.log(2) / (_STEPS * field.step))
    if not len(faces):
        raise SettingsError(f"{out}: the density of this field nowhere reaches the level of a surface; train longer")
    colours = _colours(field, vertices)
    write_mesh(out, field.scene.placement.to_columns(vertices), faces, colours)
    say(f"{out}: {len(vertices):,} vertices, {len(faces):,} faces")


def _marched(values: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return vertices (V, 3) in coordinates and faces (F, 3) of a surface, closed at the border of the box."""
    # densities differ by orders of magnitude, so their logarithms are interpolated
    padded = np.log1p(np.pad(values, 1))
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
