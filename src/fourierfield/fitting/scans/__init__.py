"""Fits of scans (CT, MRI), through the linear map that measured them.

``run`` hands over to ``kernel`` or ``network``; ``plan`` is what a network is trained by, ``record`` what a field
remembers, with the classical rivals beside it, ``resuming`` which run it was; ``tune`` chooses and draws without a fit.
"""

from .run import run_scan_fit
from .tune import image_to_analyse, tune_scan

__all__ = ["image_to_analyse", "run_scan_fit", "tune_scan"]
