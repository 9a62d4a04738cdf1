"""Signals from arrays and from NumPy's ``.npy`` files, by their shape."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..errors import SignalError
from ._domain import Domain
from ._files import load_npy
from ._sample_format import SampleFormat
from ._signal import GridSignal
from ._volumes import as_video, as_volume

_SHAPES = {
    "image": "an image is (height, width) or (height, width, 1 to 4 channels)",
    "series": "a series is (samples,) or (samples, channels)",
}


def as_signal(
    array: np.ndarray, *, kind: str | None = None, name: str = "array", file_bytes: int | None = None
) -> GridSignal:
    """A series from an array (n,), an image from (H, W) or (H, W, C) with C ≤ 4, a volume from more axes.

    ``kind`` says what it is where the shape does not: "series" for (n, C), "video" for frames (t, H, W) or
    (t, H, W, C), "volume" for one of few slices. Unsigned integers stand for [0, 1] of their range, others for
    themselves. Raises ``SignalError`` for other shapes and types.

    >>> as_signal(np.zeros((4, 6), dtype=np.uint8)).values.shape
    (4, 6, 1)
    >>> as_signal(np.zeros(5)).domain
    Domain(extent=(5.0,), units=('sample',))
    """
    array = np.asarray(array)
    kind = kind or _kind_of(array.shape)
    if kind in ("volume", "video"):
        signal = (as_volume if kind == "volume" else as_video)(array, name=name)
        return replace(signal, file_bytes=file_bytes)
    if array.dtype.kind not in "buif":
        raise SignalError(f"{name} holds {array.dtype} values; a signal has integers or floats")
    if 0 in array.shape:
        raise SignalError(f"{name} holds no samples (shape {array.shape}); give a file with data")
    dimensions = 1 if kind == "series" else 2
    fits = array.ndim in (dimensions, dimensions + 1)
    if not fits or (kind == "image" and array.ndim == 3 and array.shape[2] > 4):
        raise SignalError(f"{name} has shape {array.shape}; {_SHAPES[kind]}")
    sample_format = SampleFormat.of(array, squeeze=array.ndim == dimensions)
    values = sample_format.decode(array if array.ndim == dimensions + 1 else array[..., None])
    domain = Domain.of_samples(values.shape[:dimensions], units=("sample",) if kind == "series" else None)
    return GridSignal(values, domain, kind, sample_format, name, file_bytes)


def _kind_of(shape: tuple[int, ...]) -> str:
    if len(shape) < 3:
        return "series" if len(shape) == 1 else "image"
    return "image" if len(shape) == 3 and shape[2] <= 4 else "volume"


def read_npy(path: Path, kind: str | None = None) -> GridSignal:
    """The image, series, volume or film in a ``.npy`` file."""
    return as_signal(load_npy(path), kind=kind, name=str(path), file_bytes=os.path.getsize(path))


def kind_of_npy(path: Path) -> str:
    """Return the kind of signal that a ``.npy`` file holds by its shape and type; "mri" for complex numbers.

    A file that cannot be read counts as an image, whose reader reports what is wrong.
    """
    try:
        held = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, OSError, EOFError):
        return "image"
    return "mri" if held.dtype.kind == "c" else _kind_of(held.shape)
