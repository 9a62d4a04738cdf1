"""How much memory a kernel fit of a scan needs, before anything large is allocated."""

from __future__ import annotations

import math

import torch

from ...errors import TooLargeError
from ...problems.scans import Scan
from ...regression.scans import numbers_at_once
from ...training.memory import available_memory

__all__ = ["check_scan_memory"]

_VECTORS = {2: 60, 3: 85}  # of the field's length that are held at once: bands of details, FFTs, the solver's own
_ARRAYS = 8  # of the size of what is drawn at a time
_SHARE = 0.8  # of the free memory that a fit may plan with


def check_scan_memory(signal: Scan, uncertainty: bool) -> str:
    """What is needed, with or without draws to tell the ``uncertainty``, of what is free, in words; ``TooLargeError``
    with the numbers where it would not fit."""
    needed = 8 * signal.channels * math.prod(signal.image_shape) * _VECTORS[len(signal.image_shape)]
    needed += 8 * _ARRAYS * numbers_at_once(signal) if uncertainty else 0
    free = available_memory(torch.device("cpu"))
    if needed > _SHARE * free:
        shape = "×".join(map(str, signal.image_shape))
        raise TooLargeError(
            f"a kernel field of {shape} samples needs {needed / 1e9:.1f} GB and {free / 1e9:.1f} GB are free; "
            "give --slice, or bin the measurements"
        )
    return f"{needed / 1e9:.2g} GB of memory ({free / 1e9:.2g} GB free)"
