"""The bytes of NumPy's ``.npy`` files."""

from __future__ import annotations

import io

import numpy as np

__all__ = ["encode_npy"]


def encode_npy(array: np.ndarray) -> bytes:
    """The bytes of a ``.npy`` file."""
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()
