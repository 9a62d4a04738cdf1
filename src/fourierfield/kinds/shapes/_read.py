"""Mesh files: OBJ, PLY, STL, OFF and GLB, with corners merged and triangles oriented."""

from __future__ import annotations

import io
import logging
import re
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import SignalError, TooLargeError
from ...grids._files import first_bytes
from ...grids._memory import free_memory
from ._mesh import MeshSignal, evenly_joined
from ._obj import plain_obj
from ._off import read_off
from ._parts import agreeing, consistently_oriented, facing_outwards
from ._ply import read_ply
from ._stl import whole_stl

_HEAD = 1 << 14  # bytes of a file that are searched for its header: more than headers have in practice
_BYTES_PER_FILE_BYTE = 30  # memory per byte of a text file, an estimate: strings, numbers and merged corners at once
_BYTES_PER_ELEMENT = 160  # memory per vertex or face that a header counts, an estimate
_LEAST = {"off": 6, "ply": 6}  # bytes that a file needs for each vertex or face: "0 0 0\n", three 16-bit numbers


def check_claims(path: Path, container: str) -> None:
    """Check the size of a file and the counts in its header before anything is allocated."""
    size = path.stat().st_size
    head = first_bytes(path, _HEAD)
    count = {"off": _count_off, "ply": _count_ply}.get(container, lambda head: 0)(head)
    if container == "glb" and len(head) >= 12 and int.from_bytes(head[8:12], "little") > size:
        raise SignalError(f"{path} is damaged or cut off (GLB header); export it again")
    needed = max(size * _BYTES_PER_FILE_BYTE, count * _BYTES_PER_ELEMENT)
    available = free_memory()
    if needed > available // 2:
        raise TooLargeError(
            f"{path} ({count or size:,} {'vertices and faces' if count else 'bytes'}) needs {needed / 1e9:.1f} GB to "
            f"read and {available / 1e9:.1f} GB are free; decimate the mesh first"
        )
    if count * _LEAST.get(container, 0) > size:
        raise SignalError(
            f"{path} is damaged or cut off: its header counts {count:,} vertices and faces and the file has "
            f"{size:,} bytes; export it again"
        )


def _count_off(head: bytes) -> int:
    """Return the number of vertices and faces: the first two numbers after the keyword."""
    text = re.sub(rb"#[^\n]*", b"", head.removeprefix(b"\xef\xbb\xbf"))
    match = re.match(rb"\s*\w*OFF\s+(\d+)\s+(\d+)", text)
    return sum(map(int, match.groups())) if match else 0


def _count_ply(head: bytes) -> int:
    """Return the number of elements of all kinds."""
    header = head.split(b"end_header")[0]
    return sum(int(count) for count in re.findall(rb"^element\s+\w+\s+(\d+)", header, flags=re.MULTILINE))


Mesh = tuple[np.ndarray, np.ndarray]  # vertices (V, 3) and faces (F, 3)
Read = tuple[np.ndarray, np.ndarray, int]  # the same, and the number of parts of the file


def merge_vertices(vertices: np.ndarray, faces: np.ndarray) -> Mesh:
    """Merge vertices at one place, which seams and formats keep apart, and drop those that no face uses."""
    places, index = np.unique(vertices, axis=0, return_inverse=True)
    used, faces = np.unique(index.reshape(-1)[faces], return_inverse=True)
    return places[used], faces.reshape(-1, 3).astype(np.int64)


def drop_degenerate(faces: np.ndarray) -> np.ndarray:
    """Return the triangles with three different corners, and the first of those that have the same corners.

    If that leaves edges of an odd number of triangles, and without both of those that lie back to back there are none,
    both go: they are the wall between two closed solids that share it.
    """
    different = (faces != np.roll(faces, 1, axis=1)).all(axis=1)
    faces = faces[different]
    _, first, which = np.unique(np.sort(faces, axis=1), axis=0, return_index=True, return_inverse=True)
    kept = faces[np.sort(first)]
    if len(kept) < len(faces) and not evenly_joined(kept):
        a, b, c = faces.T
        ways = np.bincount(which.reshape(-1), weights=np.where((a < b) ^ (b < c) ^ (c < a), 1, -1))
        opened = faces[np.sort(first[ways != 0])]
        return opened if len(opened) and evenly_joined(opened) else kept
    return kept


def read_mesh(path: Path, container: str) -> MeshSignal:
    """Read a mesh file as one clean mesh facing outwards; ``notes`` say what was changed, and if it has holes."""
    check_claims(path, container)
    vertices, faces, parts = _load(path, container)
    notes = (f"{parts} parts of a scene put together",) if parts > 1 else ()
    mesh = as_mesh(vertices, faces, str(path))
    return replace(mesh, file_bytes=path.stat().st_size, notes=(*notes, *mesh.notes))


def as_mesh(vertices: np.ndarray, faces: np.ndarray, name: str = "mesh") -> MeshSignal:
    """Build a mesh from corners (V, 3) and triangles (F, 3): merged, cleaned and facing outwards, with notes.

    >>> square = np.array([[0.0, 0, 0], [1, 0, 0], [1, 1, 0]])
    >>> as_mesh(square, np.array([[0, 1, 2]]), "square")
    Traceback (most recent call last):
    ...
    fourierfield.errors.SignalError: square is flat (extents 1 × 1 × 0) and encloses nothing; give a solid
    """
    vertices, faces = np.asarray(vertices, dtype=np.float64), np.asarray(faces, dtype=np.int64)
    MeshSignal(vertices, faces, name)  # refuses what cannot be repaired
    merged_vertices, merged = merge_vertices(vertices, faces)
    kept = drop_degenerate(merged)
    if len(kept) == 0:
        raise SignalError(f"{name}: all its faces are degenerate (two corners at one place); give a surface")
    notes = [f"{len(merged) - len(kept):,} degenerate or doubled triangles dropped"] if len(kept) < len(merged) else []
    if len(merged_vertices) < len(vertices):
        notes.insert(0, f"{len(vertices):,} corners merged to {len(merged_vertices):,} vertices")
    kept, turned = _outside_out(merged_vertices, kept)
    mesh = MeshSignal(merged_vertices, kept, name)
    _refuse_empty(mesh)
    return replace(mesh, notes=(*notes, *turned, *_warnings(mesh)))


def _outside_out(vertices: np.ndarray, faces: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """Return triangles that run anticlockwise seen from outside, and notes on what had to be turned."""
    notes = []
    if not consistently_oriented(faces):
        faces = agreeing(vertices, faces)
        notes.append("WARNING: its triangles did not run the same way round; they were turned to agree")
    faces, turned = facing_outwards(vertices, faces)
    notes.extend(turned)
    return np.ascontiguousarray(faces), notes


def _refuse_empty(mesh: MeshSignal) -> None:
    """Refuse a surface that encloses nothing, such as one that folds back on itself, however wide it is."""
    if mesh.negligible_volume:
        raise SignalError(f"{mesh.name} encloses no volume; give a solid (each face may be there twice, back to back)")


def _warnings(mesh: MeshSignal) -> list[str]:
    if mesh.boundary_edges:
        return [
            f"WARNING: the surface has holes ({mesh.boundary_edges:,} edges of one triangle only); inside is where the "
            "winding number exceeds ½, as if they were closed smoothly"
        ]
    return []


def _load(path: Path, container: str) -> tuple[np.ndarray, np.ndarray, int]:
    """Read the corners, the triangles and the number of parts of a file, unchanged."""
    logging.getLogger("trimesh").setLevel(logging.CRITICAL)  # our errors and notes state the same in one line
    content = path.read_bytes()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            vertices, faces, parts = _READERS.get(container, _with_trimesh)(content, path)
    except (MemoryError, SignalError):
        raise
    except Exception as problem:  # readers raise whatever their parsing stumbles over
        raise SignalError(
            f"{path} cannot be read as {container.upper()}: it is damaged or cut off; export it again"
        ) from problem
    if len(faces):
        return vertices, faces, parts
    raise SignalError(
        f"{path} has no faces ({len(vertices):,} points): inside and outside need a surface; reconstruct one first"
    )


def _with_trimesh(content: bytes, path: Path, container: str = "glb") -> Read:
    """Read the parts of a file that have faces, put together; the points of all if none has."""
    import trimesh

    options: dict[str, Any] = {"skip_materials": True} if container == "obj" else {}
    found: Any = trimesh.load(io.BytesIO(content), file_type=container, process=False, **options)
    parts = list(found.geometry.values()) if isinstance(found, trimesh.Scene) else [found]
    meshes = [part for part in parts if len(getattr(part, "faces", ()))]
    if not meshes:
        points = sum(len(getattr(part, "vertices", ())) for part in parts)
        return np.zeros((points, 3)), np.zeros((0, 3), dtype=np.int64), 0
    whole = found.to_mesh() if isinstance(found, trimesh.Scene) else meshes[0]
    return np.array(whole.vertices), np.array(whole.faces), len(meshes)


def _read_obj(content: bytes, path: Path) -> Read:
    return _with_trimesh(plain_obj(content, path), path, "obj")


def _read_stl(content: bytes, path: Path) -> Read:
    content, count = whole_stl(content, path)
    vertices, faces, parts = _with_trimesh(content, path, "stl")
    if len(faces) != count:
        raise SignalError(f"{path} is damaged: {len(faces):,} of its {count:,} triangles can be read; export it again")
    return vertices, faces, parts


def _one_part(read: Callable[[bytes, Path], Mesh]) -> Callable[[bytes, Path], Read]:
    return lambda content, path: (*read(content, path), 1)


_READERS: dict[str, Callable[[bytes, Path], Read]] = {
    "obj": _read_obj,
    "off": _one_part(read_off),
    "ply": _one_part(read_ply),
    "stl": _read_stl,
}
