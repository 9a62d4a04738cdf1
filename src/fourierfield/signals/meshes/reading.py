"""Mesh files: OBJ, PLY, STL, OFF and GLB, by trimesh."""

from __future__ import annotations

import io
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import SignalError
from .headers import check_claims
from .repair import consistently_oriented, drop_degenerate, merge_vertices, orient
from .signal import MeshSignal

__all__ = ["as_mesh", "read_mesh"]


def read_mesh(path: Path, container: str) -> MeshSignal:
    """Read a file whose container ("obj", "ply", "stl", "off", "glb") is known, ready to ask what is inside.

    The parts of a scene are put together, polygons cut into triangles, corners at one place merged, degenerate
    triangles dropped, and a surface that is inside out turned over; ``notes`` say which, and what of the surface is
    missing. Raises ``SignalError`` and ``TooLargeError``.
    """
    check_claims(path, container)
    vertices, faces, parts = _load(path, container)
    notes = (f"{parts} parts of a scene put together",) if parts > 1 else ()
    mesh = as_mesh(vertices, faces, str(path))
    return replace(mesh, file_bytes=path.stat().st_size, notes=(*notes, *mesh.notes))


def as_mesh(vertices: np.ndarray, faces: np.ndarray, name: str = "mesh") -> MeshSignal:
    """A mesh from corners (V, 3) and triangles (F, 3): merged, cleaned and turned outside out, with notes.

    >>> square = np.array([[0.0, 0, 0], [1, 0, 0], [1, 1, 0]])
    >>> as_mesh(square, np.array([[0, 1, 2]]), "square")
    Traceback (most recent call last):
    ...
    fourierfield.errors.SignalError: square is flat (extents 1 × 1 × 0), it encloses nothing; give a solid
    """
    vertices, faces = np.asarray(vertices, dtype=np.float64), np.asarray(faces, dtype=np.int64)
    MeshSignal(vertices, faces, name)  # what cannot be mended is refused first
    merged_vertices, merged = merge_vertices(vertices, faces)
    kept = drop_degenerate(merged)
    if len(kept) == 0:
        raise SignalError(f"{name}: all its faces are degenerate (two corners at one place); give a surface")
    notes = [f"{len(merged) - len(kept):,} degenerate or doubled triangles dropped"] if len(kept) < len(merged) else []
    if len(merged_vertices) < len(vertices):
        notes.insert(0, f"{len(vertices):,} corners merged to {len(merged_vertices):,} vertices")
    kept, turned = _outside_out(merged_vertices, kept, name)
    mesh = MeshSignal(merged_vertices, kept, name)
    _refuse_empty(mesh)
    return replace(mesh, notes=(*notes, *turned, *_warnings(mesh)))


def _outside_out(vertices: np.ndarray, faces: np.ndarray, name: str) -> tuple[np.ndarray, list[str]]:
    """Triangles that run anticlockwise seen from outside, and what had to be turned for that."""
    notes = []
    if not consistently_oriented(faces):
        faces = orient(vertices, faces)
        notes.append("WARNING: its triangles did not run the same way round; they were turned to agree")
    if MeshSignal(vertices, faces, name).volume < 0:
        faces = faces[:, ::-1]
        notes.append("WARNING: its surface was inside out; it was turned over")
    return np.ascontiguousarray(faces), notes


def _refuse_empty(mesh: MeshSignal) -> None:
    """A surface that folds back on itself encloses nothing, however wide it is."""
    if mesh.negligible_volume:
        raise SignalError(f"{mesh.name} encloses no volume; give a solid (its faces may all lie twice, back to back)")


def _warnings(mesh: MeshSignal) -> list[str]:
    if mesh.boundary_edges:
        return [
            f"WARNING: the surface has holes ({mesh.boundary_edges:,} edges of one triangle only); inside is where the "
            "winding number exceeds ½, as if they were closed smoothly"
        ]
    return []


def _load(path: Path, container: str) -> tuple[np.ndarray, np.ndarray, int]:
    """Corners, triangles and the number of parts of a file as it stands."""
    logging.getLogger("trimesh").setLevel(logging.CRITICAL)  # what it says, our errors and notes say in one line
    try:
        parts, whole = _parts(path, container)
    except MemoryError:
        raise
    except Exception as problem:  # its readers raise whatever their parsing stumbles over
        raise SignalError(
            f"{path} cannot be read as {container.upper()}: it is damaged or cut off; export it anew"
        ) from problem
    if whole is not None:
        return np.array(whole.vertices), np.array(whole.faces), len(parts)
    points = sum(len(getattr(part, "vertices", ())) for part in parts)
    raise SignalError(
        f"{path} has no faces ({points:,} points): inside and outside need a surface; reconstruct one first"
    )


def _parts(path: Path, container: str) -> tuple[list[Any], Any]:
    """The parts of a file that have faces, or all parts where none has; and the parts with faces as one, or None."""
    import trimesh

    options: dict[str, Any] = {"skip_materials": True} if container == "obj" else {}
    found: Any = trimesh.load(io.BytesIO(path.read_bytes()), file_type=container, process=False, **options)
    parts = list(found.geometry.values()) if isinstance(found, trimesh.Scene) else [found]
    meshes = [part for part in parts if len(getattr(part, "faces", ()))]
    if not meshes:
        return parts, None
    return meshes, found.to_mesh() if isinstance(found, trimesh.Scene) else meshes[0]
