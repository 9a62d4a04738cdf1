"""Read the numeric arrays in MATLAB files of version 5 or 7.3."""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import SignalError
from ...grids._files import check_size
from ...grids._hdf5 import opened_hdf5

# MATLAB's classes of numbers
_CLASSES = ("double", "single", *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)))
Shapes = dict[str, tuple[int, ...]]


@dataclass(frozen=True)
class Variables:
    """The ``shapes`` of a file's numeric arrays by name, with MATLAB's axes.

    ``newer`` says that the file is of version 7.3, which is HDF5.
    """

    path: Path
    newer: bool
    shapes: Shapes

    def read(self, name: str) -> np.ndarray:
        """Read one array; raise ``TooLargeError`` if it does not fit in memory."""
        shape = self.shapes[name]
        check_size(self.path, shape, 2)
        if self.newer:
            return _read_7(self.path, name)
        return _read_5(self.path, name, 16 * math.prod(shape) + _HEADER)

    def described(self, name: str) -> str:
        """Return the name and the shape of an array as text.

        >>> Variables(Path("a.mat"), False, {"k": (256, 25)}).described("k")
        'k 256×25'
        """
        return f"{name} {'×'.join(map(str, self.shapes[name]))}"


def open_mat(path: Path) -> Variables:
    """List what a file holds, before any of it is read."""
    with open(path, "rb") as file:
        newer = file.read(10) == b"MATLAB 7.3"
    return Variables(path, newer, _shapes_7(path) if newer else _shapes_5(path))


def _shapes_5(path: Path) -> Shapes:
    from scipy.io import whosmat

    return {name: shape for name, shape, held in whosmat(str(path)) if held in _CLASSES}


def _read_5(path: Path, name: str, most: int) -> np.ndarray:
    from scipy.io import loadmat

    _check_types(path, most)
    return np.asarray(loadmat(str(path), variable_names=[name])[name])


def _check_types(path: Path, most: int) -> None:
    """Raise ``SignalError`` if a part of an array has no known type, at which SciPy's reader would crash.

    Of each array ``most`` bytes are looked at. See "MAT-File Level 5 File Format", where types are 1 to 18.
    """
    content = path.read_bytes()
    order = "<" if content[126:128] == b"IM" else ">"
    at = 128
    while at + 8 <= len(content):
        kind, size = struct.unpack_from(f"{order}II", content, at)
        array = content[at + 8 : at + 8 + size]
        if kind == _COMPRESSED:
            array = zlib.decompressobj().decompress(array, most)[8:]
        if not all(kind in _TYPES for kind in _types_of_parts(array, order)):
            raise SignalError(f"{path} is damaged: an array has a part of no known type; save it again")
        at += 8 + size


_COMPRESSED, _TYPES = 15, range(1, 19)
_HEADER = 1 << 12  # bytes: more than the parts before an array's numbers take
_NESTED = (1, 2, 3, 16, 17)  # classes of arrays whose parts are arrays or code: cells, structures, objects, functions


def _types_of_parts(array: bytes, order: str) -> Iterator[int]:
    at = 0
    while at + 8 <= len(array):
        kind, size = struct.unpack_from(f"{order}II", array, at)
        short = kind >> 16  # a part of at most four bytes has its size before its type
        yield kind & 0xFFFF if short else kind
        if at == 0 and array[8 if order == "<" else 11] in _NESTED:
            return
        at += 8 if short else 8 + size + -size % 8


def _shapes_7(path: Path) -> Shapes:
    with opened_hdf5(path) as file:
        return {name: held.shape[::-1] for name, held in file.items() if _is_numeric(held)}


def _is_numeric(held: Any) -> bool:
    import h5py

    if not isinstance(held, h5py.Dataset) or "MATLAB_empty" in held.attrs:
        return False
    held_class = held.attrs.get("MATLAB_class", b"double")
    text = held_class.decode() if isinstance(held_class, bytes) else str(held_class)
    return text in _CLASSES


def _read_7(path: Path, name: str) -> np.ndarray:
    """Read an array with its axes in MATLAB's order, which HDF5 reverses.

    Pairs of real and imaginary part become complex numbers.
    """
    with opened_hdf5(path) as file:
        values = np.asarray(file[name][()])
    if values.dtype.names:
        values = values["real"] + 1j * values["imag"]
    return values.T
