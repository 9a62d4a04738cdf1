"""Kernel fields from scans: f = K Aᵀ(A K Aᵀ + ρI)⁻¹ y, with K stationary or of local amplitude.

``reconstruction`` is the whole of it: ``stationary`` has kernels that are the same everywhere and ``posterior`` their
solves, with the preconditioners of ``inverse``; ``local`` has those whose amplitude is learnt from place to place.
``draws`` has the standard deviation, ``field`` the way from values on a grid to a field.
"""

from .draws import ALL_DRAWS, numbers_at_once, standard_deviation
from .effort import estimate_seconds
from .field import field_of_values, usual_bandwidth
from .local import LocalFit, LocalSolver
from .posterior import Posterior, PosteriorSolver, Prior
from .reconstruction import Reconstruction, reconstruct
from .stationary import stationary_prior

__all__ = [
    "ALL_DRAWS",
    "LocalFit",
    "LocalSolver",
    "Posterior",
    "PosteriorSolver",
    "Prior",
    "Reconstruction",
    "estimate_seconds",
    "field_of_values",
    "numbers_at_once",
    "reconstruct",
    "standard_deviation",
    "stationary_prior",
    "usual_bandwidth",
]
