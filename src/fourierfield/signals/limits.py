"""How large a file may be before it is decoded."""

from __future__ import annotations

import math
from pathlib import Path

import psutil

from ..errors import SignalError, TooLargeError

__all__ = ["check_size"]

_BYTES_PER_VALUE = 16  # as decoded, as float32, and one working copy of each


def check_size(path: Path, shape: tuple[int, ...], channels: int) -> None:
    """Refuse an empty image, and one that would not fit in memory once decoded.

    Sizes come from the file's header, so that a small file that claims a huge image (a decompression bomb)
    is refused before a byte of it is decoded.
    """
    if 0 in shape:
        raise SignalError(f"{path} holds no samples (shape {tuple(shape)}); give a file with data")
    needed = math.prod(shape) * channels * _BYTES_PER_VALUE
    available = psutil.virtual_memory().available
    if needed > available // 2:
        size = "×".join(str(n) for n in shape)
        raise TooLargeError(
            f"{path} claims {size} samples of {channels} channels, {needed / 1e9:.1f} GB once decoded, "
            f"and {available / 1e9:.1f} GB are free; crop or shrink it first"
        )
