"""Fits of scans (CT, MRI), through the linear map that measured them.

``run`` hands over to ``kernel`` or ``network``; ``plan`` is what a network is trained by, ``record`` what a field
remembers, with the classical rivals beside it, ``resuming`` which run it was.
"""

from .run import run_scan_fit

__all__ = ["run_scan_fit"]
