"""MATLAB's files: the one array that is a scan, and its angles."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import SignalError
from ..decoding import decoding
from ..limits import check_size

__all__ = ["MatlabArray", "read_mat"]

_NAMES = {
    "ct": ("sino", "sinogram", "projections", "proj", "data", "m"),
    "mri": ("kspace", "ksp", "k", "kdata", "data"),
}
_ANGLES = ("theta", "angles", "angle", "ang")
_CLASSES = ("double", "single", *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)))
_Shapes = dict[str, tuple[int, ...]]


@dataclass(frozen=True)
class MatlabArray:
    """``values`` with MATLAB's axes; ``angles`` in radians where a variable of that name goes with the first axis."""

    values: np.ndarray
    angles: np.ndarray | None = None
    notes: tuple[str, ...] = ()


def read_mat(path: Path, kind: str) -> MatlabArray:
    """The scan of ``kind`` "ct" or "mri" in a MATLAB file, version 5 or 7.3.

    It is the one numeric array of two axes or more, or the one that is called as such arrays are. A sinogram whose
    angles go with its last axis, as ``radon`` returns it, is turned over. Raises ``SignalError`` naming the arrays
    where there is none or no telling which.
    """
    with decoding(path, "MATLAB"):
        with open(path, "rb") as file:
            newer = file.read(10) == b"MATLAB 7.3"
        shapes = _shapes_7(path) if newer else _shapes_5(path)
        name = _scan_among(shapes, kind, path)
        angles = [key for key in shapes if key.lower() in _ANGLES and _is_list(shapes[key])] if kind == "ct" else []
        check_size(path, shapes[name], 2)
        held = (_read_7 if newer else _read_5)(path, [name, *angles[:1]])
    values = held[name]
    notes = (f"{name} {'×'.join(map(str, values.shape))} of {len(shapes)} variables",) if len(shapes) > 1 else ()
    return _with_angles(values, held[angles[0]].reshape(-1) if angles else None, notes)


def _with_angles(values: np.ndarray, degrees: np.ndarray | None, notes: tuple[str, ...]) -> MatlabArray:
    if degrees is None or degrees.dtype.kind not in "uif":
        return MatlabArray(values, None, notes)
    angles = np.radians(degrees.astype(np.float64))
    if len(angles) == values.shape[0]:
        return MatlabArray(values, angles, notes)
    if len(angles) == values.shape[-1]:
        return MatlabArray(np.moveaxis(values, -1, 0), angles, (*notes, "its last axis is that of angles"))
    return MatlabArray(values, None, (*notes, f"its {len(angles)} angles go with no axis, and are left out"))


def _scan_among(shapes: _Shapes, kind: str, path: Path) -> str:
    most = 3 if kind == "ct" else 4
    fits = [name for name, shape in shapes.items() if 2 <= len(shape) <= most and min(shape) > 1]
    named = [name for wanted in _NAMES[kind] for name in fits if name.lower() == wanted]
    if named:
        return named[0]
    if len(fits) == 1:
        return fits[0]
    listed = ", ".join(f"{name} {'×'.join(map(str, shapes[name]))}" for name in fits or shapes)
    if not fits:
        raise SignalError(
            f"{path} holds no numeric array of 2 to {most} axes ({listed or 'nothing'}); save the scan in it"
        )
    raise SignalError(f"{path} holds several arrays ({listed}); call the scan {' or '.join(_NAMES[kind][:2])}")


def _is_list(shape: tuple[int, ...]) -> bool:
    return int(np.prod(shape)) == max(shape, default=0) > 1


def _shapes_5(path: Path) -> _Shapes:
    from scipy.io import whosmat

    return {name: shape for name, shape, held in whosmat(str(path)) if held in _CLASSES}


def _read_5(path: Path, names: list[str]) -> dict[str, np.ndarray]:
    from scipy.io import loadmat

    held = loadmat(str(path), variable_names=names)
    return {name: np.asarray(held[name]) for name in names}


def _shapes_7(path: Path) -> _Shapes:
    import h5py

    with h5py.File(path, "r") as file:
        return {name: held.shape[::-1] for name, held in file.items() if _is_numeric(held)}


def _is_numeric(held: Any) -> bool:
    import h5py

    if not isinstance(held, h5py.Dataset) or "MATLAB_empty" in held.attrs:
        return False
    held_class = held.attrs.get("MATLAB_class", b"double")
    text = held_class.decode() if isinstance(held_class, bytes) else str(held_class)
    return text in _CLASSES


def _read_7(path: Path, names: list[str]) -> dict[str, np.ndarray]:
    """Axes in MATLAB's order, which HDF5 has reversed; pairs of real and imaginary part as complex numbers."""
    import h5py

    found = {}
    with h5py.File(path, "r") as file:
        for name in names:
            values = np.asarray(file[name][()])
            if values.dtype.names:
                values = values["real"] + 1j * values["imag"]
            found[name] = values.T
    return found
