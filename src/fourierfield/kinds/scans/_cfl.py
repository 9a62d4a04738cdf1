"""Read BART's pairs of files: dimensions in ``.hdr``, complex numbers in ``.cfl``."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...errors import SignalError
from ...grids._files import check_size

_SPACE, _COILS = 3, 3  # BART: the first three dimensions are in space, and dimension 3 (from 0) is that of coils
_HEAD = b"# Dimensions"


@dataclass(frozen=True)
class CflArray:
    """The array of a pair of BART files.

    ``values`` have BART's first four dimensions: three in space and one of coils. ``notes`` say what was left out.
    """

    values: np.ndarray
    notes: tuple[str, ...] = ()

    def coils_first(self) -> np.ndarray:
        """Return (coils, n₁, …), with only those axes in space that have more than one sample."""
        space = [n for n in self.values.shape[:_SPACE] if n > 1]
        return np.moveaxis(self.values.reshape(*self.values.shape[: _COILS + 1]), _COILS, 0).reshape(-1, *space)


def is_cfl(path: Path) -> bool:
    """Return whether a path is either file of a BART pair.

    Raises ``SignalError`` if the other file is not beside it.
    """
    if path.suffix not in (".cfl", ".hdr"):
        return False
    header, partner = path.with_suffix(".hdr"), path.with_suffix(".cfl" if path.suffix == ".hdr" else ".hdr")
    if path.suffix == ".hdr" and not _starts_as_header(header):
        return False
    if not partner.is_file():
        raise SignalError(
            f"{path} is one of BART's two files, but {partner.name} is not beside it; put both in one folder"
        )
    return _starts_as_header(header)


def _starts_as_header(path: Path) -> bool:
    with open(path, "rb") as file:
        return file.read(len(_HEAD)) == _HEAD


def read_cfl_array(path: Path) -> CflArray:
    """Read the array of a pair, given the path of either file.

    Dimensions beyond coils are taken at their first index. Numbers are complex64 in Fortran order.
    """
    is_cfl(path)
    header, data = path.with_suffix(".hdr"), path.with_suffix(".cfl")
    shape = _dimensions(header)
    check_size(data, shape, 2)
    expected, held = 8 * math.prod(shape), data.stat().st_size
    if held != expected:
        raise SignalError(
            f"{data} has {held:,} bytes, but the {'×'.join(map(str, shape))} complex numbers of its header take "
            f"{expected:,}; the file may be cut off"
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
        raise SignalError(f"{header} does not list its dimensions in its second line; write it with BART") from problem
    while len(shape) > _COILS + 1 and shape[-1] == 1:
        shape.pop()
    shape += [1] * (_COILS + 1 - len(shape))
    if min(shape) < 1:
        raise SignalError(f"{header} lists dimensions {shape}, and one is empty; give a file with data")
    return tuple(shape)
