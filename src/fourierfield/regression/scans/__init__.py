"""Kernel fields from scans: f = K Aᵀ(A K Aᵀ + ρI)⁻¹ y, with K stationary or of local amplitude.

``reconstruction`` is the whole of it: ``stationary`` to begin with, ``posterior`` for each solve with the
preconditioners of ``inverse``, ``adapt`` for amplitudes from place to place. ``draws`` has the standard deviation,
``field`` the way from values on a grid to a field.
"""

from .adapt import local_variances
from .draws import standard_deviation
from .effort import estimate_seconds
from .field import field_of_values, usual_bandwidth
from .posterior import Posterior, Prior, posterior_mean
from .reconstruction import Reconstruction, reconstruct
from .stationary import stationary_prior

__all__ = [
    "Posterior",
    "Prior",
    "Reconstruction",
    "estimate_seconds",
    "field_of_values",
    "local_variances",
    "posterior_mean",
    "reconstruct",
    "standard_deviation",
    "stationary_prior",
    "usual_bandwidth",
]
