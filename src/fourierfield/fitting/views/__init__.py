"""Fits of posed pictures, through volume rendering.

``run`` does the work; ``plan`` is what it is trained by, ``record`` what a field remembers, ``memory`` what it needs.
"""

from .plan import PAPER_RADIANS, ruled_bandwidth
from .run import run_view_fit

__all__ = ["PAPER_RADIANS", "ruled_bandwidth", "run_view_fit"]
