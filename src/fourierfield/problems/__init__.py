"""Problems: what was measured of an unknown field, and what was kept back to score it.

A problem has a domain, training samples scaled to [0, 1] by the training range, held-out samples, and the classical
rivals that answer the same question. Problems never train themselves.
May import everything down to solvers.
"""

from .baselines import cubic_interpolation_psnr
from .either import Problem, Samples
from .grams import SampleGrams, lattice_of
from .grid import GridProblem, GridSamples, grid_problem
from .margin import mirror_margin, training_with_margin
from .points import PointProblem, PointSamples, point_problem
from .shapes import ShapeSampling, Target, shape_problem, shape_values

__all__ = [
    "GridProblem",
    "GridSamples",
    "PointProblem",
    "PointSamples",
    "Problem",
    "SampleGrams",
    "Samples",
    "ShapeSampling",
    "Target",
    "cubic_interpolation_psnr",
    "grid_problem",
    "lattice_of",
    "mirror_margin",
    "point_problem",
    "shape_problem",
    "shape_values",
    "training_with_margin",
]
