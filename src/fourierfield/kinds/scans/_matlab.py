"""Read MATLAB files: the array that is a scan, with its angles or its trajectory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...errors import SignalError
from ...grids._files import decoding
from ._angles import in_radians
from ._matlab_trajectory import SAMPLES, find_along
from ._matlab_variables import Variables, open_mat

# usual names of a scan, by kind, the likeliest first
_NAMES = {
    "ct": ("sino", "sinogram", "projections", "proj", "data", "m"),
    "mri": ("kspace", "ksp", "k", "kdata", "rawdata", "raw", "data"),
    "samples": (*SAMPLES, "k"),
}
_MOST = {"ct": 3, "mri": 4, "samples": 8}  # most axes of a scan, by kind
_ANGLES = ("theta", "angles", "angle", "ang")  # usual names of the angles


@dataclass(frozen=True)
class MatlabArray:
    """The scan in a MATLAB file.

    ``values`` have MATLAB's axes, and ``angles`` are in radians if a variable of such a name matches the first axis.
    With a trajectory, ``values`` are (coils, M) at ``places`` (M, d) in cycles per field of view, axes (z, y, x).
    """

    values: np.ndarray
    angles: np.ndarray | None = None
    places: np.ndarray | None = None
    notes: tuple[str, ...] = ()


def read_mat(path: Path, kind: str) -> MatlabArray:
    """Read the scan of ``kind`` "ct" or "mri" in a MATLAB file of version 5 or 7.3.

    The kind "samples" is for an MRI scan whose trajectory is given separately. The scan is the only numeric array of
    two axes or more, or the one with a usual name for such an array; for MRI, it is the samples and the trajectory
    beside them, if there is one. A sinogram whose angles match its last axis, as ``radon`` returns it, is transposed.
    """
    with decoding(path, "MATLAB"):
        variables = open_mat(path)
        along = find_along(variables) if kind == "mri" else None
        if along is not None:
            return MatlabArray(along.values, places=along.places, notes=along.notes)
        name = _scan_among(variables, kind)
        values = variables.read(name)
        angles = _angles(variables) if kind == "ct" else None
    several = len(variables.shapes) > 1
    notes = (f"{variables.described(name)} of {len(variables.shapes)} variables",) if several else ()
    return _with_angles(values, angles, notes)


def _angles(variables: Variables) -> np.ndarray | None:
    for name, shape in variables.shapes.items():
        if name.lower() in _ANGLES and _is_list(shape):
            return variables.read(name).reshape(-1)
    return None


def _with_angles(values: np.ndarray, degrees: np.ndarray | None, notes: tuple[str, ...]) -> MatlabArray:
    if degrees is None or degrees.dtype.kind not in "uif":
        return MatlabArray(values, notes=notes)
    angles, told = in_radians(degrees.astype(np.float64), "the list of angles")
    notes = (*notes, *told)
    if len(angles) == values.shape[0]:
        return MatlabArray(values, angles, notes=notes)
    if len(angles) == values.shape[-1]:
        return MatlabArray(np.moveaxis(values, -1, 0), angles, notes=(*notes, "its last axis is that of angles"))
    return MatlabArray(values, notes=(*notes, f"its {len(angles)} angles go with no axis, and are left out"))


def _scan_among(variables: Variables, kind: str) -> str:
    path, shapes = variables.path, variables.shapes
    most = _MOST[kind]
    fits = [name for name, shape in shapes.items() if 2 <= len(shape) <= most and min(shape) > 1]
    named = [name for wanted in _NAMES[kind] for name in fits if name.lower() == wanted]
    if named:
        return named[0]
    if len(fits) == 1:
        return fits[0]
    listed = ", ".join(variables.described(name) for name in fits or shapes)
    if not fits:
        raise SignalError(
            f"{path} holds no numeric array of 2 to {most} axes ({listed or 'nothing'}); save the scan in it"
        )
    raise SignalError(f"{path} holds several arrays ({listed}); name the scan {' or '.join(_NAMES[kind][:2])}")


def _is_list(shape: tuple[int, ...]) -> bool:
    return int(np.prod(shape)) == max(shape, default=0) > 1
