"""NumPy's ``.npy`` files: images (H, W) or (H, W, C), series (n,) or (n, C)."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np

from ..errors import SignalError
from .limits import check_size
from .signal import GridSignal, as_signal

__all__ = ["encode_npy", "read_npy"]


def read_npy(path: Path, kind: str | None = None) -> GridSignal:
    """The image or series in a ``.npy`` file; its header is checked before anything is allocated."""
    try:
        lazy = np.load(path, mmap_mode="r", allow_pickle=False)
        check_size(path, lazy.shape[:2], lazy.shape[2] if lazy.ndim > 2 else 1)
        array = np.array(lazy)
    except SignalError:
        raise
    except (ValueError, OSError, EOFError) as problem:
        reason = "it holds Python objects" if "object" in str(problem).lower() else "it is damaged or cut off"
        raise SignalError(f"{path} cannot be read as .npy: {reason}; save plain numbers with numpy.save") from problem
    return as_signal(array, kind=kind, name=str(path), file_bytes=os.path.getsize(path))


def encode_npy(array: np.ndarray) -> bytes:
    """The bytes of a ``.npy`` file."""
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()
