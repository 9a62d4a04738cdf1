"""Posed pictures in one ``.npz``: images, poses and lenses, and optionally split, masks, near and far."""

from __future__ import annotations

import math
import os
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from ...errors import SignalError
from ...grids._files import check_size, decoding
from ...grids._memory import require_memory
from ...grids._sample_format import SampleFormat
from ._cameras import Cameras
from ._intrinsics import COEFFICIENTS, FOCAL, intrinsics
from ._pictures import shown
from ._scene import Scene, scene_box
from ._signal import ViewsSignal, masked_share

_LENS = ("focal", *FOCAL, "cx", "cy", "w", "h", *COEFFICIENTS)  # one number each, or one for each view
_BY_VIEW = ("images", "poses", "split", "masks", *_LENS, "distortion")
_READ = (*_BY_VIEW, "near", "far")
_COPIES = 4  # times that arrays are in memory at once, at most: as read, as float64, and one working copy of each
_MOST_NAMED = 12  # arrays that one note names
Arrays = Mapping[str, np.ndarray]


def read_npz(path: Path) -> ViewsSignal:
    """Read the posed pictures of an ``.npz`` file.

    The file holds ``images`` (N, H, W, 3 or 4), 8-bit or float, ``poses`` (N, 4, 4) or (N, 3, 4), camera-to-world in
    OpenGL's axes, and ``focal`` in pixels, as in the authors' ``tiny_nerf_data.npz``, or the numbers of a camera file
    (``fl_x``, ``camera_angle_x``, ``cx``, ``k1``, …, or ``distortion`` with k1, k2, p1, p2, k3), once or for each view.
    An optional ``split`` labels each view "train", "test" (held out) or "val" (left out); optional ``masks`` (N, H, W)
    are zero where a pixel does not count; optional ``near`` and ``far`` bound the depths.
    """
    with naming(path), decoding(path, ".npz"):
        arrays, notes = _arrays(path)
        arrays = _without_validation(path, arrays)
        images, size = arrays["images"], (arrays["images"].shape[1], arrays["images"].shape[2])
        near, far = (_number(path, arrays, name) for name in ("near", "far"))
        cameras = _cameras(path, arrays, size)
        scene = scene_of(cameras, near, far, _held_out(path, arrays, len(images)))
        assumed = () if near is not None and far is not None else (assumed_depths(scene),)
        masks = None if "masks" not in arrays else arrays["masks"].reshape(-1, *size) != 0
        notes = (*assumed, *masked_share(masks), *notes)
        found = ViewsSignal(images, scene, SampleFormat.of(images), str(path), os.path.getsize(path), notes, masks)
        return found.on_its_background()


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Put the path before the message of a ``SignalError`` that does not begin with it."""
    try:
        yield
    except SignalError as problem:
        text = str(problem)
        raise type(problem)(text if text.startswith(str(path)) else f"{path}: {text}") from problem


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


def _arrays(path: Path) -> tuple[Arrays, tuple[str, ...]]:
    """Return the arrays, whose sizes are checked before they are read, and a note on those that are not read."""
    headers = _headers(path)
    missing = [name for name in ("images", "poses") if name not in headers]
    missing += [] if any(name in headers for name in ("focal", *FOCAL)) else ["focal"]
    if missing:
        held = ", ".join(shown(name) for name in sorted(headers)[:_MOST_NAMED]) or "nothing"
        wanted = " and no ".join(missing)
        raise SignalError(f"{path} holds {held} but no {wanted}; posed pictures need images, poses and focal")
    _check_shapes(path, headers)
    with open(path, "rb") as opened, np.load(opened, allow_pickle=False) as file:
        found = {name: file[name] for name in headers if name in _READ}
    for name, array in found.items():
        if array.dtype.kind not in ("U" if name == "split" else "biuf"):
            what = "words" if name == "split" else "numbers"
            raise SignalError(f"{path}: {name} must be {what}, not {array.dtype}; save plain arrays with numpy.savez")
    ignored = sorted(set(headers) - set(_READ))
    named = ", ".join(shown(name) for name in ignored[:_MOST_NAMED])
    return found, ((f"{path.name}: not honoured: {named}",) if ignored else ())


def _headers(path: Path) -> dict[str, tuple[tuple[int, ...], np.dtype]]:
    """Return the shape and type of each array, of which nothing else is read."""
    found = {}
    with zipfile.ZipFile(path) as archive:
        for member in archive.namelist():
            if not member.endswith(".npy"):
                continue
            with archive.open(member) as file:
                version = np.lib.format.read_magic(file)
                read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
                shape, _, dtype = read(file)
                found[member[: -len(".npy")]] = shape, dtype
    return found


def _check_shapes(path: Path, headers: Mapping[str, tuple[tuple[int, ...], np.dtype]]) -> None:
    """Raise ``SignalError`` for arrays that do not belong together or do not fit in memory, by their headers."""
    shape, dtype = headers["images"]
    if len(shape) != 4 or shape[-1] not in (3, 4) or dtype.kind not in "uf" or not math.prod(shape):
        raise SignalError(f"{path}: images must be colours of shape (views, height, width, 3 or 4), not {shape}")
    count = shape[0]
    if headers["poses"][0][:1] != (count,):
        raise SignalError(f"{path} holds {count} pictures and poses {headers['poses'][0]}; give one pose each")
    if headers["poses"][0][1:] not in ((4, 4), (3, 4)):
        raise SignalError(f"{path}: poses must be (views, 4, 4) or (views, 3, 4), not {headers['poses'][0]}")
    if "masks" in headers and headers["masks"][0] not in (shape[:3], (*shape[:3], 1)):
        raise SignalError(f"{path}: masks must be {shape[:3]}, one value for each pixel, not {headers['masks'][0]}")
    for name in (*_LENS, "distortion", "near", "far", "split"):
        most = 5 * count if name == "distortion" else 1 if name in ("near", "far") else count
        if name in headers and math.prod(headers[name][0]) > most:
            what = f"one finite number{'' if most == 1 else ', or one for each view'}"
            raise SignalError(f"{path}: {name} must be {what}, not {headers[name][0]} of {headers[name][1]}")
    check_size(path, shape[:-1], shape[-1])
    needed = sum(math.prod(shape) * dtype.itemsize for name, (shape, dtype) in headers.items() if name in _READ)
    require_memory(_COPIES * needed, f"reading {path}", "take fewer views")


def _without_validation(path: Path, arrays: Arrays) -> Arrays:
    """Return the arrays without the views for validation."""
    split, count = arrays.get("split"), len(arrays["images"])
    if split is None or split.shape != (count,) or not (split == "val").any():
        return arrays
    by_view = (name for name in _BY_VIEW if name in arrays and arrays[name].shape[:1] == (count,))
    return {**arrays, **{name: arrays[name][split != "val"] for name in by_view}}


def _cameras(path: Path, arrays: Arrays, size: tuple[int, int]) -> Cameras:
    """Return the cameras, of which each has the numbers that are given for all views or for its own."""
    count = len(arrays["images"])
    table = {name: _for_each(path, arrays, name, count) for name in _LENS if name in arrays}
    for focal in ("fl_x", "fl_y"):
        if "focal" in table and not any(name in table for name in FOCAL):
            table[focal] = table["focal"]
    if "distortion" in arrays:
        lens = arrays["distortion"]
        if lens.shape not in ((count, 5), (5,), (4,), (count, 4)):
            raise SignalError(f"{path}: distortion must be k1, k2, p1, p2, k3 for each view, not {lens.shape}")
        each = np.broadcast_to(lens, (count, lens.shape[-1]))
        table |= dict(zip(COEFFICIENTS, each.T, strict=False))
    rows = [{name: float(values[view]) for name, values in table.items()} for view in range(count)]
    numbers = np.array([intrinsics(row, size, f"view {view}") for view, row in enumerate(rows)])
    return Cameras(whole_poses(arrays["poses"]), numbers[:, :2], numbers[:, 2:4], numbers[:, 4:9], size)


def _for_each(path: Path, arrays: Arrays, name: str, count: int) -> np.ndarray:
    values = arrays[name]
    if values.size not in (1, count) or not np.isfinite(values).all():
        raise SignalError(f"{path}: {name} must be one finite number, or one for each view, not {values.shape}")
    return np.broadcast_to(values.reshape(-1).astype(np.float64), (count,))


def _number(path: Path, arrays: Arrays, name: str) -> float | None:
    if name not in arrays:
        return None
    value = arrays[name]
    if value.size != 1 or not np.isfinite(value).all():
        raise SignalError(f"{path}: {name} must be one finite number, not {value.shape} of {value.dtype}")
    return float(value.reshape(()))


def whole_poses(poses: np.ndarray) -> np.ndarray:
    """Return poses (N, 4, 4), with the last row added to poses (N, 3, 4)."""
    if poses.shape[1:] == (3, 4):
        last = np.broadcast_to(np.array([0.0, 0.0, 0.0, 1.0]), (len(poses), 1, 4))
        return np.concatenate([poses.astype(np.float64), last], axis=1)
    return poses.astype(np.float64)


def _held_out(path: Path, arrays: Arrays, count: int) -> tuple[int, ...]:
    """Return the views of the file's own test split."""
    if "split" not in arrays:
        return ()
    split = arrays["split"]
    if split.shape != (count,):
        raise SignalError(f"{path}: split must label each of the {count} views train, val or test")
    held_out = tuple(int(i) for i in np.flatnonzero(split == "test"))
    if len(held_out) == count:
        raise SignalError(f"{path}: every view is a test view, so none is left to train on; label some train")
    return held_out
