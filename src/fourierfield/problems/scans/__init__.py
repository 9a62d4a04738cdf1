"""Scans as problems: what was measured of a field through a linear map, what was kept back, and the classical rivals.

A field f on its grid is a vector of real numbers, one part (n₁·n₂·…) or, where it is complex, real and imaginary part
after each other; so are its measurements y = A f.
"""

from .bound import gram_bound
from .classical import RIVALS, rivals_of
from .coils import estimate_maps
from .judging import Unseen, climb
from .lines import Lines
from .noise import measurement_noise
from .problem import Scan, ScanProblem, forward_map, inner_problem, measurements, scan_problem

__all__ = [
    "RIVALS",
    "Lines",
    "Scan",
    "ScanProblem",
    "Unseen",
    "climb",
    "estimate_maps",
    "forward_map",
    "gram_bound",
    "inner_problem",
    "measurement_noise",
    "measurements",
    "rivals_of",
    "scan_problem",
]
