"""BART's pairs of files: dimensions in ``.hdr``, complex numbers in ``.cfl``."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...errors import SignalError
from ..limits import check_size

__all__ = ["CflArray", "is_cfl", "read_cfl_array"]

_SPACE, _COILS = 3, 3  # dimensions in space, and the number of that of coils
_HEAD = b"# Dimensions"


@dataclass(frozen=True)
class CflArray:
    """``values`` with BART's dimensions: three of space, coils, and others. ``notes`` say what of it was left out."""

    values: np.ndarray
    notes: tuple[str, ...] = ()

    def coils_first(self) -> np.ndarray:
        """(coils, n₁, …) with the axes in space that have more than one sample."""
        space = [n for n in self.values.shape[:_SPACE] if n > 1]
        return np.moveaxis(self.values.reshape(*self.values.shape[: _COILS + 1]), _COILS, 0).reshape(-1, *space)


def is_cfl(path: Path) -> bool:
    """Whether a path is either of BART's pair. Raises ``SignalError`` where the other is not beside it."""
    if path.suffix not in (".cfl", ".hdr"):
        return False
    header, partner = path.with_suffix(".hdr"), path.with_suffix(".cfl" if path.suffix == ".hdr" else ".hdr")
    if path.suffix == ".hdr" and not _starts_as_header(header):
        return False
    if not partner.is_file():
        raise SignalError(f"{path} is one of BART's two files, and {partner.name} is not beside it; give both")
    return _starts_as_header(header)


def _starts_as_header(path: Path) -> bool:
    with open(path, "rb") as file:
        return file.read(len(_HEAD)) == _HEAD


def read_cfl_array(path: Path) -> CflArray:
    """The array of either file of a pair, dimensions beyond coils at their first index.

    Numbers are complex64 in the order of Fortran. Raises ``SignalError`` where the files do not go together.
    """
    is_cfl(path)
    header, data = path.with_suffix(".hdr"), path.with_suffix(".cfl")
    shape = _dimensions(header)
    check_size(data, shape, 2)
    expected, held = 8 * math.prod(shape), data.stat().st_size
    if held != expected:
        raise SignalError(
            f"{data} has {held:,} bytes, and its header's {'×'.join(map(str, shape))} complex numbers {expected:,}; "
            "the file may be cut off"
        )
    values = np.fromfile(data, dtype="<c8").reshape(shape, order="F")
    beyond = shape[_COILS + 1 :]
    kept = values.reshape(*shape[: _COILS + 1], -1, order="F")[..., 0]
    notes = ("the first of its further dimensions is taken",) if any(n > 1 for n in beyond) else ()
    return CflArray(kept, notes)


def _dimensions(header: Path) -> tuple[int, ...]:
    try:
        shape = [int(word) for word in header.read_text().splitlines()[1].split()]
    except (IndexError, ValueError, OSError) as problem:
        raise SignalError(f"{header} does not name its dimensions in its second line; write it with BART") from problem
    while len(shape) > _COILS + 1 and shape[-1] == 1:
        shape.pop()
    shape += [1] * (_COILS + 1 - len(shape))
    if min(shape) < 1:
        raise SignalError(f"{header} names dimensions {shape}, of which one is empty; give a file with data")
    return tuple(shape)
