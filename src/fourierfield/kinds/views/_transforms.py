"""Camera files of Blender scenes, nerfstudio and instant-ngp: ``transforms*.json`` beside the pictures."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import SignalError, TooLargeError
from ...grids._files import first_bytes
from ...grids._memory import free_memory
from ...grids._pictures import decode_picture, picture_container
from ...grids._sample_format import SampleFormat
from ._cameras import Cameras
from ._npz import assumed_depths, naming, scene_of
from ._scene import BLENDER_RANGE, Scene
from ._signal import ViewsSignal

_LENSES = (None, "PINHOLE", "SIMPLE_PINHOLE", "OPENCV", "SIMPLE_RADIAL", "RADIAL")
_COEFFICIENTS = ("k1", "k2", "p1", "p2", "k3")
# World units from the origin: the cameras of NeRF's synthetic scenes stand at 4.03; the rest is a margin.
_BLENDER_DISTANCE = (3.5, 4.5)
_ENDINGS = ("", ".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff")


@dataclass(frozen=True)
class _Frame:
    """One entry of ``frames``: its own numbers, which override those of the whole file, its pose and its picture."""

    numbers: Mapping[str, Any]
    pose: np.ndarray
    picture: Path
    held_out: bool


def read_transforms(path: Path) -> ViewsSignal:
    """Read the posed pictures of a ``transforms*.json``, or of a folder that holds such files.

    A folder holds ``transforms.json``, or ``transforms_train.json`` and optionally ``transforms_test.json``. The
    intrinsics are ``camera_angle_x``, or ``fl_x``, ``fl_y``, ``cx``, ``cy``, ``w``, ``h`` in pixels, and OpenCV's
    ``k1``, ``k2``, ``k3``, ``p1``, ``p2``; they are given once for all frames or for each frame. ``file_path`` may omit
    the ending. ``transform_matrix`` is camera-to-world in OpenGL's axes and is used unchanged, because
    ``applied_transform`` has already been applied to it. The views of ``transforms_test.json`` or ``test_filenames``
    are held out; views for validation are left out. Intrinsics for another picture size are scaled.
    """
    files = _files(path)
    frames = [frame for file in files for frame in _frames(file)]
    if not frames:
        raise SignalError(f"{path} names no frames; a camera file lists each picture with its transform_matrix")
    with naming(path):
        return _signal(path, files, frames)


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    parts = [path / f"transforms_{part}.json" for part in ("train", "test")]
    found = [part for part in parts if part.is_file()]
    whole = path / "transforms.json"
    if parts[0] in found:
        return found
    if whole.is_file():
        return [whole]
    raise SignalError(f"{path} has neither transforms.json nor transforms_train.json; name the camera file itself")


def _frames(file: Path) -> list[_Frame]:
    content = _json(file)
    entries = content.get("frames")
    if not isinstance(entries, list):
        raise SignalError(f"{file} holds no list of frames, so it is not a camera file; give a transforms.json")
    _check_lens(file, content)
    shared = {key: value for key, value in content.items() if key != "frames"}
    validation = set(content.get("val_filenames") or ())
    test = set(content.get("test_filenames") or ())
    if validation and not test:
        validation, test = set(), validation
    kept = [entry for entry in entries if not (isinstance(entry, dict) and entry.get("file_path") in validation)]
    held_out = file.stem == "transforms_test"
    return [_frame(file, index, entry, shared, test, held_out) for index, entry in enumerate(kept)]


def _frame(file: Path, index: int, entry: Any, shared: dict[str, Any], test: set[str], held_out: bool) -> _Frame:
    if not isinstance(entry, dict) or not isinstance(entry.get("file_path"), str):
        raise SignalError(f"{file}: frame {index} names no picture (file_path)")
    try:
        pose = np.asarray(entry["transform_matrix"], dtype=np.float64)
    except (KeyError, TypeError, ValueError):
        raise SignalError(f"{file}: frame {index} has no transform_matrix of numbers") from None
    if pose.shape != (4, 4):
        raise SignalError(f"{file}: the transform_matrix of frame {index} is {pose.shape}, not 4×4")
    name = entry["file_path"]
    return _Frame({**shared, **entry}, pose, _picture(file, name), held_out or name in test)


def _picture(file: Path, name: str) -> Path:
    candidates = [file.parent / (name + ending) for ending in _ENDINGS]
    found = next((candidate for candidate in candidates if candidate.is_file()), None)
    if found is None:
        raise SignalError(f"{file} names the picture {name}, which does not exist; put it there or leave its frame out")
    return found


def _json(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, ValueError, RecursionError) as problem:
        raise SignalError(f"{file} cannot be read as JSON: {' '.join(str(problem).split())}") from problem
    if not isinstance(content, dict):
        raise SignalError(f"{file} is not a camera file: it holds a list or a value instead of an object")
    return content


def _check_lens(file: Path, content: dict[str, Any]) -> None:
    model = content.get("camera_model")
    if model not in _LENSES or content.get("is_fisheye") or content.get("k4"):
        raise SignalError(f"{file}: the lens {model or 'fisheye'} is not supported; undistort the pictures to PINHOLE")


def _signal(path: Path, files: list[Path], frames: list[_Frame]) -> ViewsSignal:
    images, sample_format = read_pictures([frame.picture for frame in frames])
    size = (images.shape[1], images.shape[2])
    numbers = np.array([_intrinsics(frame, size) for frame in frames])
    cameras = Cameras(
        np.stack([frame.pose for frame in frames]),
        numbers[:, 0:2],
        numbers[:, 2:4],
        numbers[:, 4:9],
        size,
    )
    near, far = BLENDER_RANGE if _is_blender(cameras, frames) else (None, None)
    held_out = tuple(index for index, frame in enumerate(frames) if frame.held_out)
    scene = scene_of(cameras, near, far, held_out)
    notes = _assumed(scene, frames[0].numbers.get("aabb_scale"))
    read = sum(file.stat().st_size for file in (*files, *{frame.picture for frame in frames}))
    signal = ViewsSignal(images, scene, sample_format, str(path), read, notes if near is None else ())
    return signal.on_its_background()


def _intrinsics(frame: _Frame, size: tuple[int, int]) -> tuple[float, ...]:
    """Return fl_x, fl_y, cx, cy, k1, k2, p1, p2, k3 for pictures of ``size``."""
    height, width = size
    wide, high = _number(frame, "w", width), _number(frame, "h", height)
    if min(wide, high) <= 0 or abs(wide / high - width / height) > 0.02 * width / height:
        raise SignalError(f"{frame.picture} has {width}×{height} pixels, its camera {wide:g}×{high:g}; correct w and h")
    fl_x = _focal(frame, "fl_x", "camera_angle_x", wide)
    fl_y = _focal(frame, "fl_y", "camera_angle_y", high)
    if fl_x is None and fl_y is None:
        raise SignalError(f"no focal length for {frame.picture.name}; give fl_x or camera_angle_x")
    fl_x, fl_y = fl_x if fl_x is not None else fl_y, fl_y if fl_y is not None else fl_x
    assert fl_x is not None
    assert fl_y is not None
    across, down = width / wide, height / high
    centre = _number(frame, "cx", wide / 2) * across, _number(frame, "cy", high / 2) * down
    return (fl_x * across, fl_y * down, *centre, *(_number(frame, name, 0.0) for name in _COEFFICIENTS))


def _focal(frame: _Frame, name: str, angle: str, pixels: float) -> float | None:
    if frame.numbers.get(name) is not None:
        return _number(frame, name, 0.0)
    if frame.numbers.get(angle) is None:
        return None
    radians = _number(frame, angle, 0.0)
    if not 0 < radians < math.pi:
        raise SignalError(f"{angle} must lie between 0 and π radians, not {radians:g}")
    return pixels / 2 / math.tan(radians / 2)


def _number(frame: _Frame, name: str, default: float) -> float:
    value = frame.numbers.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise SignalError(f"{name} of {frame.picture.name} must be a finite number, not {value!r}")
    return float(value)


def _is_blender(cameras: Cameras, frames: list[_Frame]) -> bool:
    """Return whether these are cameras of NeRF's synthetic scenes: given by an angle, all at the known distance."""
    distance = np.linalg.norm(cameras.places, axis=1)
    low, high = _BLENDER_DISTANCE
    return "fl_x" not in frames[0].numbers and bool(((distance > low) & (distance < high)).all())


def _assumed(scene: Scene, aabb_scale: Any) -> tuple[str, ...]:
    """Return the notes on what was assumed about a scene.

    instant-ngp's ``aabb_scale`` above 1 means that there is something beyond the object; this field holds a box only.
    """
    notes = [assumed_depths(scene)]
    if isinstance(aabb_scale, int | float) and aabb_scale > 1:
        notes.append(f"aabb_scale {aabb_scale:g}: what lies beyond the box is not part of the field")
    return tuple(notes)


def read_pictures(paths: list[Path]) -> tuple[np.ndarray, SampleFormat]:
    """Read pictures of one size into one array (N, H, W, 3 or 4).

    Samples stay as the files hold them: 8-bit samples stay 8-bit. If some pictures have opacities, the others become
    opaque.
    """
    first = _samples(paths[0])
    _check_room(paths, first)
    pictures = [first]
    for path in paths[1:]:
        samples = _samples(path)
        if samples.shape[:2] != first.shape[:2]:
            raise SignalError(
                f"{path} has {_size(samples)} pixels, {paths[0].name} {_size(first)}; give pictures of the same size"
            )
        if samples.dtype != first.dtype:
            raise SignalError(
                f"{path} holds {samples.dtype}, {paths[0].name} {first.dtype}; give pictures of the same depth"
            )
        pictures.append(samples)
    with_alpha = any(samples.shape[-1] == 4 for samples in pictures)
    return np.stack([_opaque(samples) if with_alpha else samples for samples in pictures]), SampleFormat.of(first)


def _samples(path: Path) -> np.ndarray:
    """Read colours (H, W, 3), or (H, W, 4) with opacities; grey is repeated over the three colours."""
    container = picture_container(first_bytes(path, 16))
    if container is None:
        raise SignalError(f"{path} is not a picture (by its content); give PNG, JPEG, WebP or TIFF")
    samples = decode_picture(path, container)
    samples = samples if samples.ndim == 3 else samples[..., None]
    channels = samples.shape[-1]
    if channels in (3, 4):
        return samples
    return np.concatenate([samples[..., :1].repeat(3, axis=-1), samples[..., 1:]], axis=-1)


def _opaque(samples: np.ndarray) -> np.ndarray:
    if samples.shape[-1] == 4:
        return samples
    full = SampleFormat.of(samples).encode(np.ones((*samples.shape[:2], 1)))
    return np.concatenate([samples, full], axis=-1)


def _check_room(paths: list[Path], first: np.ndarray) -> None:
    needed = 2 * len(paths) * first.nbytes
    free = free_memory()
    if needed > 0.8 * free:
        raise TooLargeError(
            f"{len(paths)} pictures of {_size(first)} need {needed / 1e9:.1f} GB and {free / 1e9:.1f} GB are free; "
            "shrink them or take fewer views"
        )


def _size(samples: np.ndarray) -> str:
    return f"{samples.shape[1]}×{samples.shape[0]}"
