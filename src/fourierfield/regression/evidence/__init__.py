"""How likely samples are under kernels and ridges, by what is cheapest for their places."""

from .base import Evidence, Found, Scatter
from .cells import in_cells
from .lattice import LatticeEvidence
from .near import NearEvidence, axis_scale
from .whole import WholeEvidence

__all__ = [
    "Evidence",
    "Found",
    "LatticeEvidence",
    "NearEvidence",
    "Scatter",
    "WholeEvidence",
    "axis_scale",
    "in_cells",
]
