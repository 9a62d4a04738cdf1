"""How much memory a kernel field takes, before anything large is allocated."""

from __future__ import annotations

import math

import psutil

from ..errors import TooLargeError
from ..problems import GridSamples, Samples, lattice_of

__all__ = ["check_kernel_memory", "kernel_bytes"]

_PER_POINT = 3000  # bytes: near pairs, waves, the sparse inverse
_PER_SAMPLE = 700  # bytes of a sample of a grid with gaps, most of it the sparse inverse
_SHARE = 0.8  # of the free memory that a fit may plan with


def kernel_bytes(samples: Samples) -> int:
    """What solving for these samples takes at its peak, bytes; by measurement, to some 30 %."""
    count, channels = len(samples), samples.values.shape[1]
    if not isinstance(samples, GridSamples):
        dimensions = samples.points.shape[1]
        return count**2 * 24 if dimensions > 3 or count <= 3000 else count * (_PER_POINT + 100 * channels)
    d = len(samples.grid.shape)
    lattice = lattice_of(samples)
    padded = (lattice or samples.grid).size * (1 << d)
    fixed = padded * (24 + 32 * channels) + count * 80 * channels
    return fixed if lattice is not None else fixed + count * _PER_SAMPLE


def check_kernel_memory(samples: Samples) -> None:
    """Raise ``TooLargeError`` with the numbers where solving would not fit in memory."""
    needed, free = kernel_bytes(samples), psutil.virtual_memory().available
    if needed > _SHARE * free:
        words = "samples" if isinstance(samples, GridSamples) else "points"
        fewer = math.floor(len(samples) * _SHARE * free / needed / 1000) * 1000
        raise TooLargeError(
            f"a kernel fit of {len(samples):,} {words} takes about {needed / 1e9:.1f} GB and {free / 1e9:.1f} GB are "
            f"free; give {fewer:,} or fewer, or fit by --method network"
        )
