"""A mesh as a signal: a surface that separates inside from outside."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ...errors import SignalError
from ...grids._domain import Domain
from ...grids._points import Placement
from ...grids._sample_format import SampleFormat
from ...grids._signal import SignalDescription

BOX_MARGIN = 1e-3  # coordinate units around the vertices, as in the paper's code
_FLAT = 1e-9  # share of the longest extent below which the shortest counts as rounding: the mesh is flat
_LEAST, _MOST = 1e-50, 1e50  # the mesh's own units: sizes whose areas, squared, neither vanish nor overflow
_VOLUMELESS = 1e-12  # share of the cube of the longest extent below which a volume counts as rounding


@dataclass(frozen=True)
class MeshSignal:
    """A triangle mesh.

    ``vertices`` (V, 3) float64 are in the mesh's own units; ``faces`` (F, 3) int64 are vertex numbers from 0,
    anticlockwise seen from outside. ``notes`` state what was merged, dropped, turned over or is missing, ready to
    print. Raises ``SignalError`` if vertices are not finite, face indices are out of range, there are no faces, or the
    mesh is flat.

    >>> corners = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
    >>> tetrahedron = MeshSignal(corners, np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2]]))
    >>> round(tetrahedron.volume, 4), tetrahedron.watertight
    (0.1667, True)
    """

    vertices: np.ndarray
    faces: np.ndarray
    name: str = "mesh"
    file_bytes: int | None = None
    notes: tuple[str, ...] = ()
    kind = "mesh"

    def __post_init__(self) -> None:
        _check_arrays(self.vertices, self.faces, self.name)
        extents = np.ptp(self.vertices[np.unique(self.faces)], axis=0)
        if not extents.max() > 0:
            raise SignalError(f"{self.name} has no extent: all its vertices are at one point; give a surface")
        if extents.max() < _LEAST or np.abs(self.vertices).max() > _MOST:
            raise SignalError(f"{self.name} is too large or small to compute with ({_words(extents)} units); scale it")
        if extents.min() <= _FLAT * extents.max():
            raise SignalError(f"{self.name} is flat (extents {_words(extents)}) and encloses nothing; give a solid")

    @property
    def shape(self) -> tuple[int, ...]:
        """The numbers of vertices and faces."""
        return len(self.vertices), len(self.faces)

    @property
    def channels(self) -> int:
        """The number of values at a point, one: inside or outside, or the distance."""
        return 1

    @property
    def description(self) -> SignalDescription:
        """The description of this signal that a field keeps."""
        return SignalDescription(self.kind, self.shape, 1, SampleFormat("float64"))

    @property
    def corners(self) -> np.ndarray:
        """The corners of the triangles, (F, 3, 3)."""
        return self.vertices[self.faces]

    @cached_property
    def extents(self) -> tuple[float, ...]:
        """The sizes along x, y and z, in the mesh's own units."""
        return tuple(np.ptp(self.vertices, axis=0).tolist())

    @cached_property
    def placement(self) -> Placement:
        """The map from the mesh's units to coordinates, as in the paper's code: the mean vertex becomes (½, ½, ½)."""
        centre = self.vertices.mean(axis=0)
        radius = float(np.abs(self.vertices - centre).max())
        return Placement(("x", "y", "z"), tuple((centre - radius).tolist()), (0.5 / radius,) * 3)

    @property
    def domain(self) -> Domain:
        """The cube [0, 1]³ of coordinates, sized in the mesh's own units."""
        return Domain(tuple(1 / factor for factor in self.placement.factor), ("",) * 3)

    @cached_property
    def placed(self) -> np.ndarray:
        """The vertices in coordinates, (V, 3)."""
        return self.placement.to_coordinates(self.vertices)

    @property
    def box(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """The lower and the upper corner, in coordinates, of a box 1/1000 larger than the mesh on every side."""
        low, high = self.placed.min(axis=0) - BOX_MARGIN, self.placed.max(axis=0) + BOX_MARGIN
        return tuple(low.tolist()), tuple(high.tolist())

    @cached_property
    def volume(self) -> float:
        """The signed volume Σ a·(b × c)/6 about the mean vertex, negative if the surface is inside out."""
        a, b, c = np.moveaxis(self.corners - self.vertices.mean(axis=0), 1, 0)
        return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6)

    @property
    def negligible_volume(self) -> bool:
        """Whether the volume is zero to rounding."""
        return abs(self.volume) <= _VOLUMELESS * max(self.extents) ** 3

    @cached_property
    def boundary_edges(self) -> int:
        """The number of edges of only one triangle, which surround holes."""
        return int((_edge_counts(self.faces) == 1).sum())

    @property
    def watertight(self) -> bool:
        """Whether every edge joins an even number of triangles, so that the surface has no border."""
        return evenly_joined(self.faces)


def evenly_joined(faces: np.ndarray) -> bool:
    """Return whether every edge joins an even number of triangles."""
    return bool((_edge_counts(faces) % 2 == 0).all())


def _edge_counts(faces: np.ndarray) -> np.ndarray:
    """Count the triangles that share each edge."""
    edges = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
    return np.unique(edges, axis=0, return_counts=True)[1]


def _check_arrays(vertices: np.ndarray, faces: np.ndarray, name: str) -> None:
    if vertices.ndim != 2 or vertices.shape[1] != 3 or faces.ndim != 2 or faces.shape[1] != 3:
        raise SignalError(f"{name}: a mesh has vertices (V, 3) and faces (F, 3), not {vertices.shape}, {faces.shape}")
    if len(faces) == 0:
        raise SignalError(f"{name} has no faces ({len(vertices):,} points): inside and outside need a surface")
    if not np.isfinite(vertices).all():
        bad = int((~np.isfinite(vertices)).any(axis=1).sum())
        raise SignalError(f"{name} has {bad:,} vertices that are not finite numbers; repair or remove them")
    if faces.min() < 0 or faces.max() >= len(vertices):
        raise SignalError(f"{name} has faces that name vertices it does not hold; write the file again")


def _words(extents: np.ndarray) -> str:
    return " × ".join(f"{length:.4g}" for length in extents)
