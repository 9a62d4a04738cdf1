"""Memory between steps."""

from __future__ import annotations

import ctypes
import sys

__all__ = ["keep_freed_memory"]

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # parameters of mallopt(3)


def keep_freed_memory() -> bool:
    """Let glibc keep freed blocks instead of returning them to the kernel; whether that was possible.

    A training step frees and allocates the same large blocks again and again; returned each time, their pages have to
    be mapped and zeroed anew, which costs about a tenth of a step. The setting is the process's own, so programs call
    it, not the library. Does nothing without glibc.
    """
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and bool(mallopt(_MMAP_THRESHOLD, 1 << 30) and mallopt(_TRIM_THRESHOLD, (1 << 31) - 1))
