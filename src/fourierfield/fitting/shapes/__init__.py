"""Fits of meshes: occupancy by network, signed distance by either method.

``run`` does the work; ``plan`` is what it is trained by, ``tuning`` chooses the bandwidth, ``scores`` hold the result
against the mesh, ``field`` takes surfaces from fields.
"""

from .field import box_grid, surface_of
from .run import run_shape_fit

__all__ = ["box_grid", "run_shape_fit", "surface_of"]
