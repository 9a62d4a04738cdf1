"""What a file's triangles need before they tell inside from outside: merged corners, and one way round."""

from __future__ import annotations

import numpy as np

__all__ = ["consistently_oriented", "drop_degenerate", "merge_vertices", "orient"]

Mesh = tuple[np.ndarray, np.ndarray]  # vertices (V, 3) and faces (F, 3)


def merge_vertices(vertices: np.ndarray, faces: np.ndarray) -> Mesh:
    """One vertex for each place: corners that seams of textures or normals, or the file format, keep apart are made
    one. Those that no face uses are left out."""
    places, index = np.unique(vertices, axis=0, return_inverse=True)
    used, faces = np.unique(index.reshape(-1)[faces], return_inverse=True)
    return places[used], faces.reshape(-1, 3).astype(np.int64)


def drop_degenerate(faces: np.ndarray) -> np.ndarray:
    """Triangles with three different corners, each once: of those with the same corners the first."""
    different = (faces != np.roll(faces, 1, axis=1)).all(axis=1)
    faces = faces[different]
    first = np.unique(np.sort(faces, axis=1), axis=0, return_index=True)[1]
    return faces[np.sort(first)]


def consistently_oriented(faces: np.ndarray) -> bool:
    """Whether no two triangles run along an edge in the same direction."""
    directed = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    return len(np.unique(directed, axis=0)) == len(directed)


def orient(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Triangles turned so that neighbours run the same way round, and every connected part is outside out."""
    import igl

    turned, part = igl.bfs_orient(np.ascontiguousarray(faces))
    turned, part = np.asarray(turned, dtype=np.int64), np.asarray(part).reshape(-1)
    a, b, c = np.moveaxis(vertices[turned] - vertices.mean(axis=0), 1, 0)
    volumes = np.bincount(part, weights=np.einsum("ij,ij->i", a, np.cross(b, c)))
    inside_out = volumes[part] < 0
    return np.where(inside_out[:, None], turned[:, ::-1], turned)
