"""Posed pictures in one ``.npz``: images, poses and focal, and optionally split, near and far."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import SignalError
from ...grids._files import check_size
from ...grids._sample_format import SampleFormat
from ._cameras import Cameras
from ._scene import Scene, scene_box
from ._signal import ViewsSignal

_NEEDED = ("images", "poses", "focal")


def read_npz(path: Path) -> ViewsSignal:
    """Read the posed pictures of an ``.npz`` file.

    The file holds ``images`` (N, H, W, 3 or 4), 8-bit or float, ``poses`` (N, 4, 4), camera-to-world in OpenGL's axes,
    and ``focal`` in pixels, as in the authors' ``tiny_nerf_data.npz``. An optional ``split`` labels each view "train",
    "test" (held out) or "val" (left out); optional ``near`` and ``far`` bound the depths.
    """
    arrays = _arrays(path)
    missing = [name for name in _NEEDED if name not in arrays]
    if missing:
        raise SignalError(
            f"{path} holds {', '.join(sorted(arrays)) or 'nothing'} but no {' and no '.join(missing)}; "
            "posed pictures need images, poses and focal"
        )
    arrays = _without_validation(path, arrays)
    images = arrays["images"]
    if images.ndim != 4 or images.shape[-1] not in (3, 4) or images.dtype.kind not in "uf" or not images.size:
        raise SignalError(f"{path}: images must be colours of shape (views, height, width, 3 or 4), not {images.shape}")
    near, far = (_number(path, arrays, name) for name in ("near", "far"))
    with naming(path):
        poses, focal = _poses(arrays["poses"]), _number(path, arrays, "focal")
        assert focal is not None
        cameras = Cameras.pinhole(poses, focal, (images.shape[1], images.shape[2]))
        scene = scene_of(cameras, near, far, _held_out(path, arrays, len(images)))
        notes = () if near is not None and far is not None else (assumed_depths(scene),)
        sample_format = SampleFormat.of(images)
        signal = ViewsSignal(images, scene, sample_format, str(path), os.path.getsize(path), notes)
        return signal.on_its_background()


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Put the path before the message of a ``SignalError`` that does not begin with it."""
    try:
        yield
    except SignalError as problem:
        text = str(problem)
        raise SignalError(text if text.startswith(str(path)) else f"{path}: {text}") from problem


def scene_of(cameras: Cameras, near: float | None, far: float | None, held_out: tuple[int, ...] = ()) -> Scene:
    """Return the scene of ``cameras``, with assumed depths where ``near`` or ``far`` is None.

    The assumed depths reach from a twentieth of the box's side to beyond the box.
    """
    if near is not None and far is not None and near >= far:
        raise SignalError(f"near ({near:g}) must be below far ({far:g}); they are depths along the camera's axis")
    placement = scene_box(cameras, near, far)
    side = 1 / placement.factor[0]
    reach = np.linalg.norm(cameras.places - (np.asarray(placement.origin) + side / 2), axis=1).max()
    if near is None:
        near = 0.05 * side
    if far is None:
        far = float(reach) + side
    return Scene(cameras, placement, near, far, held_out=held_out)


def assumed_depths(scene: Scene) -> str:
    """Return the note about depths that the file does not give."""
    return f"no depths are given: the scene is taken to lie in a box of side {scene.side:.3g} where the cameras look"


def _arrays(path: Path) -> dict[str, np.ndarray]:
    try:
        with open(path, "rb") as opened, np.load(opened, allow_pickle=False) as file:
            names = [name for name in file.files if name in (*_NEEDED, "split", "near", "far")]
            if "images" in names:
                _check_images(path)
            return {name: file[name] for name in names}
    except SignalError:
        raise
    except (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile, MemoryError) as problem:
        reason = "it holds Python objects" if "object" in str(problem).lower() else "it is damaged or cut off"
        raise SignalError(f"{path} cannot be read as .npz: {reason}; save plain arrays with numpy.savez") from problem


def _check_images(path: Path) -> None:
    """Check the size of the images from the header of the array, before it is decoded."""
    with zipfile.ZipFile(path) as archive, archive.open("images.npy") as file:
        version = np.lib.format.read_magic(file)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, _ = read(file)
    check_size(path, shape[:-1], 1 if len(shape) < 4 else shape[-1])


def _without_validation(path: Path, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the arrays without the views for validation."""
    split, count = arrays.get("split"), len(arrays["images"]) if arrays["images"].ndim else 0
    if len(arrays["poses"] if arrays["poses"].ndim else ()) != count:
        raise SignalError(f"{path} holds {count} pictures and poses {arrays['poses'].shape}; give one pose each")
    if split is None or split.shape != (count,) or not (split == "val").any():
        return arrays
    return {**arrays, **{name: arrays[name][split != "val"] for name in ("images", "poses", "split")}}


def _number(path: Path, arrays: dict[str, np.ndarray], name: str) -> float | None:
    if name not in arrays:
        return None
    value: Any = arrays[name]
    if value.size != 1 or value.dtype.kind not in "uif" or not np.isfinite(value).all():
        raise SignalError(f"{path}: {name} must be one finite number, not {value.shape} of {value.dtype}")
    return float(value.reshape(()))


def _poses(poses: np.ndarray) -> np.ndarray:
    """Return poses (N, 4, 4), with the last row added to poses (N, 3, 4)."""
    if poses.dtype.kind not in "iuf":
        raise SignalError(f"poses must be numbers, not {poses.dtype}")
    if poses.ndim == 3 and poses.shape[1:] == (3, 4):
        last = np.broadcast_to(np.array([0.0, 0.0, 0.0, 1.0]), (len(poses), 1, 4))
        return np.concatenate([poses.astype(np.float64), last], axis=1)
    return poses.astype(np.float64)


def _held_out(path: Path, arrays: dict[str, np.ndarray], count: int) -> tuple[int, ...]:
    """Return the views of the file's own test split."""
    if "split" not in arrays:
        return ()
    split = arrays["split"]
    if split.shape != (count,) or split.dtype.kind != "U":
        raise SignalError(f"{path}: split must label each of the {count} views train, val or test")
    held_out = tuple(int(i) for i in np.flatnonzero(split == "test"))
    if len(held_out) == count:
        raise SignalError(f"{path}: every view is a test view, so none is left to train on; label some train")
    return held_out
