"""Camera files of Blender scenes, nerfstudio and instant-ngp: ``transforms*.json`` beside the pictures."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import SignalError
from ...grids._files import decoding
from ...grids._memory import require_memory
from ._cameras import Cameras
from ._intrinsics import HONOURED, check_lens, intrinsics, merged
from ._npz import assumed_depths, naming, scene_of, whole_poses
from ._pictures import find, read_masks, read_pictures, shown
from ._scene import BLENDER_RANGE, Scene
from ._signal import ViewsSignal, masked_share
from ._split import Split

_HONOURED = (
    HONOURED
    | {"frames", "file_path", "transform_matrix", "mask_path", "aabb_scale"}
    | {f"{part}_filenames" for part in ("train", "val", "test")}
)
# What the poses have been through already (nerfstudio), and remarks of the programs that write such files.
_REMARKS = frozenset(("applied_transform", "applied_scale", "rotation", "sharpness", "colmap_im_id"))
_MOST_NAMED = 12  # keys that one note names
_BYTES_PER_BYTE = 30  # memory per byte of JSON, an estimate: numbers as Python objects in lists
# World units from the origin: the cameras of NeRF's synthetic scenes stand at 4.03; the rest is a margin.
_BLENDER_DISTANCE = (3.5, 4.5)


@dataclass(frozen=True)
class _Frame:
    """One entry of ``frames``: its own numbers over those of the file, its pose, picture and mask; held out or not."""

    numbers: Mapping[str, Any]
    pose: np.ndarray
    picture: Path
    mask: Path | None
    held_out: bool


def read_transforms(path: Path) -> ViewsSignal:
    """Read the posed pictures of a ``transforms*.json``, or of a folder that holds such files.

    A folder holds ``transforms.json``, or ``transforms_train.json`` and optionally ``transforms_test.json``. The
    intrinsics are ``camera_angle_x``, or ``fl_x``, ``fl_y``, ``cx``, ``cy``, ``w``, ``h`` in pixels, and OpenCV's
    ``k1``, ``k2``, ``k3``, ``p1``, ``p2``; they are given once for all frames or for each frame. ``file_path`` may omit
    the ending. ``transform_matrix`` is camera-to-world in OpenGL's axes and is used unchanged, because
    ``applied_transform`` has already been applied to it. Pixels that are black in ``mask_path`` do not count. The views
    of ``transforms_test.json`` or ``test_filenames`` are held out; views for validation, and those whose picture is
    missing, are left out. Intrinsics for another picture size are scaled. Other keys are named in a note.
    """
    with naming(path), decoding(path, "a camera file"):
        files = _files(path)
        read = [_frames(file) for file in files]
        frames = [frame for found, _ in read for frame in found]
        if not frames:
            raise SignalError(f"{path} names no frames that are used; list pictures with their transform_matrix")
        return _signal(path, files, frames, tuple(note for _, notes in read for note in notes))


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


def _frames(file: Path) -> tuple[list[_Frame], list[str]]:
    """Return the frames of a camera file that are used, and notes on the others and on keys that are not honoured."""
    content = _json(file)
    entries = content.get("frames")
    if not isinstance(entries, list):
        raise SignalError(f"{file} holds no list of frames, so it is not a camera file; give a transforms.json")
    shared = {key: value for key, value in content.items() if key != "frames"}
    split, found, missing = Split(file, content), list[_Frame](), list[str]()
    for index, entry in enumerate(entries):
        name = entry.get("file_path") if isinstance(entry, dict) else None
        if not isinstance(name, str):
            raise SignalError(f"{file}: frame {index} names no picture (file_path)")
        picture = find(file, name)
        role = split.role(name, picture)
        if role in ("train", "test") and picture is None:
            missing.append(name)
        elif role in ("train", "test"):
            found.append(_frame(file, index, merged(shared, entry), picture, held_out=role == "test"))
    if missing and not found:
        raise SignalError(
            f"{file} names the picture {shown(missing[0])}, which does not exist; put it there or leave its frame out"
        )
    return found, [*_left_out(file, missing, len(entries)), *split.notes(), *_ignored(file, [shared, *entries])]


def _frame(file: Path, index: int, numbers: Mapping[str, Any], picture: Path | None, *, held_out: bool) -> _Frame:
    assert picture is not None
    check_lens(numbers, f"{file}: frame {index}")
    try:
        pose = np.asarray(numbers["transform_matrix"], dtype=np.float64)
    except (KeyError, TypeError, ValueError, OverflowError):
        raise SignalError(f"{file}: frame {index} has no transform_matrix of numbers") from None
    if pose.shape not in ((4, 4), (3, 4)):
        raise SignalError(f"{file}: the transform_matrix of frame {index} is {pose.shape}, not 4×4 or 3×4")
    held_out = held_out or file.stem == "transforms_test"
    return _Frame(numbers, whole_poses(pose[None])[0], picture, _mask(file, index, numbers), held_out)


def _mask(file: Path, index: int, numbers: Mapping[str, Any]) -> Path | None:
    name = numbers.get("mask_path")
    if name is None:
        return None
    found = find(file, name) if isinstance(name, str) else None
    if found is None:
        raise SignalError(
            f"{file}: frame {index} names the mask {shown(name)}, which does not exist; put it there or take "
            "mask_path out"
        )
    return found


def _left_out(file: Path, missing: list[str], count: int) -> list[str]:
    if not missing:
        return []
    return [
        f"WARNING: {file.name}: {len(missing):,} of {count:,} pictures missing, left out ({shown(missing[0])} first)"
    ]


def _ignored(file: Path, entries: list[dict[str, Any]]) -> list[str]:
    """Return a note that names the keys that are not honoured."""
    known = _HONOURED | _REMARKS
    keys = sorted({key for entry in entries for key, value in entry.items() if key not in known and value is not None})
    if not keys:
        return []
    named = ", ".join(shown(key) for key in keys[:_MOST_NAMED])
    more = f" and {len(keys) - _MOST_NAMED:,} more" if len(keys) > _MOST_NAMED else ""
    return [f"{file.name}: not honoured: {named}{more}"]


def _unnamed_masks(frames: list[_Frame]) -> list[str]:
    """Return a note on masks that no key names, and that instant-ngp takes from beside the pictures."""
    beside = (frame.picture.with_name(f"dynamic_mask_{frame.picture.stem}.png") for frame in frames)
    if not any(mask.is_file() for mask in beside):
        return []
    return ["WARNING: pictures dynamic_mask_….png are not honoured; name them with mask_path, black where to ignore"]


def _json(file: Path) -> dict[str, Any]:
    require_memory(file.stat().st_size * _BYTES_PER_BYTE, f"reading {file}", "split it into several files")
    try:
        content = json.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, ValueError, RecursionError) as problem:
        raise SignalError(f"{file} cannot be read as JSON: {' '.join(str(problem).split())}") from problem
    if not isinstance(content, dict):
        raise SignalError(f"{file} is not a camera file: it holds a list or a value instead of an object")
    return content


def _signal(path: Path, files: list[Path], frames: list[_Frame], notes: tuple[str, ...]) -> ViewsSignal:
    images, sample_format = read_pictures([frame.picture for frame in frames])
    size = (images.shape[1], images.shape[2])
    masks = read_masks([frame.mask for frame in frames], size)
    numbers = np.array([intrinsics(frame.numbers, size, frame.picture.name) for frame in frames])
    poses = np.stack([frame.pose for frame in frames])
    cameras = Cameras(poses, numbers[:, 0:2], numbers[:, 2:4], numbers[:, 4:9], size)
    near, far = BLENDER_RANGE if _is_blender(cameras, frames) else (None, None)
    held_out = tuple(index for index, frame in enumerate(frames) if frame.held_out)
    scene = scene_of(cameras, near, far, held_out)
    assumed = _assumed(scene, frames[0].numbers.get("aabb_scale")) if near is None else ()
    used = {place for frame in frames for place in (frame.picture, frame.mask) if place is not None}
    read = sum(file.stat().st_size for file in (*files, *used))
    notes = (*assumed, *masked_share(masks), *_unnamed_masks(frames), *notes)
    return ViewsSignal(images, scene, sample_format, str(path), read, notes, masks).on_its_background()


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
