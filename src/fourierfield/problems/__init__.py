"""Problems: what was measured of an unknown field, and what was kept back to score it.

A problem has a domain, training samples scaled to [0, 1] by the training range, held-out samples, and the classical
rivals that answer the same question. Problems never train themselves.
May import signals, encodings and networks.
"""

from .baselines import cubic_interpolation_psnr
from .grid import GridProblem, GridSamples, grid_problem
from .margin import mirror_margin, training_with_margin

__all__ = [
    "GridProblem",
    "GridSamples",
    "cubic_interpolation_psnr",
    "grid_problem",
    "mirror_margin",
    "training_with_margin",
]
