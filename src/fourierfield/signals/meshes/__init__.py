"""Meshes: reading them, what lies inside, surfaces of functions, and how two shapes differ.

``reading`` makes a ``MeshSignal`` of a file, ``inside`` asks it for occupancy and signed distance, ``surface`` draws
points on it, ``extract`` goes back from values to a mesh, ``writing`` and ``picture`` show one.
May import the other modules of signals.
"""

from .extract import extract_surface
from .inside import inside, signed_distance
from .metrics import ShapeScores, chamfer_distance, intersection_over_union, normal_consistency
from .picture import Pose, draw_mesh
from .reading import read_mesh
from .signal import MeshSignal
from .surface import points_on_surface
from .writing import MESH_ENDINGS, write_mesh

__all__ = [
    "MESH_ENDINGS",
    "MeshSignal",
    "Pose",
    "ShapeScores",
    "chamfer_distance",
    "draw_mesh",
    "extract_surface",
    "inside",
    "intersection_over_union",
    "normal_consistency",
    "points_on_surface",
    "read_mesh",
    "signed_distance",
    "write_mesh",
]
