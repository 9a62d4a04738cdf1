"""NumPy's ``.npy`` files: their bytes, and the arrays in them."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from ..errors import SignalError
from .limits import check_size

__all__ = ["encode_npy", "load_npy"]


def encode_npy(array: np.ndarray) -> bytes:
    """The bytes of a ``.npy`` file."""
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def load_npy(path: Path) -> np.ndarray:
    """The array in a ``.npy`` file; its header is checked before anything is allocated. Raises ``SignalError``."""
    try:
        lazy = np.load(path, mmap_mode="r", allow_pickle=False)
        check_size(path, lazy.shape, 1)
        return np.array(lazy)
    except SignalError:
        raise
    except (ValueError, OSError, EOFError) as problem:
        reason = "it holds Python objects" if "object" in str(problem).lower() else "it is damaged or cut off"
        raise SignalError(f"{path} cannot be read as .npy: {reason}; save plain numbers with numpy.save") from problem
