"""OBJ files made plain for trimesh.

It fans concave polygons, counts negative indices from the end of the file, and wraps those out of range.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from ...errors import SignalError
from ._polygons import concave, ears


def plain_obj(content: bytes, path: Path) -> bytes:
    """Return an OBJ file that trimesh reads rightly.

    Byte order marks, continued lines, comments and blanks before keywords go; indices that count back from a line
    become absolute; concave faces become triangles, and those of fewer than three corners go. Raises ``SignalError``
    if a face names a vertex that is not there.
    """
    text = content.decode("utf-8-sig", errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    source = text.replace("\\\n", " ").split("\n")
    lines = [line.split("#", 1)[0].strip() for line in source]
    faces, vertices = _faces_and_vertices(lines, path)
    bent = set(concave(vertices, list(faces.values())))
    for place, (row, polygon) in enumerate(faces.items()):
        if place in bent:
            lines[row] = "\n".join(_face(triangle) for triangle in ears(vertices, np.asarray(polygon)))
        elif len(polygon) < 3 and row == len(lines) - 1:
            raise SignalError(f"{path} is damaged or cut off: it ends within a face (line {row + 1}); export it again")
        elif len(polygon) < 3:
            lines[row] = ""
        elif "-" in lines[row]:
            lines[row] = _face(polygon)
    return "\n".join(line.replace("\t", " ") for line in lines).encode()


def _face(polygon: Iterable[int]) -> str:
    """Return the line of a face: its vertices count from one."""
    return "f " + " ".join(str(int(corner) + 1) for corner in polygon)


def _faces_and_vertices(lines: list[str], path: Path) -> tuple[dict[int, list[int]], np.ndarray]:
    """Return the vertex numbers, from zero, of each face by its line, and all vertices (V, 3)."""
    vertices: list[list[str]] = []
    faces: dict[int, list[int]] = {}
    for row, line in enumerate(lines):
        key, *words = line.split() if line[:1] in ("v", "f") else [""]
        if key == "v":
            if len(words) < 3:
                raise SignalError(f"{path} is damaged or cut off (a vertex of {len(words)} numbers in line {row + 1})")
            vertices.append(words[:3])
        elif key == "f":
            numbers = [int(word.split("/", 1)[0]) for word in words]
            faces[row] = [number + len(vertices) if number < 0 else number - 1 for number in numbers]
    for row, polygon in faces.items():
        if polygon and not 0 <= min(polygon) <= max(polygon) < len(vertices):
            raise SignalError(
                f"{path} has a face that names vertices it does not hold (line {row + 1}: {lines[row][:40]!r}; "
                f"{len(vertices):,} vertices): it is damaged or cut off; export it again"
            )
    return faces, np.array(vertices, dtype=np.float64).reshape(-1, 3)
