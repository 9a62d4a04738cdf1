"""Mesh files to write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ...errors import SettingsError
from ..files import atomic_write, check_writable

__all__ = ["MESH_ENDINGS", "write_mesh"]

MESH_ENDINGS = (".obj", ".ply", ".stl", ".off", ".glb")


def write_mesh(path: Path | str, vertices: np.ndarray, faces: np.ndarray) -> None:
    """Write vertices (V, 3) and triangles (F, 3) atomically; the ending names the format. Raises ``SettingsError``."""
    import trimesh

    ending = Path(path).suffix.lower()
    if ending not in MESH_ENDINGS:
        raise SettingsError(
            f"{path}: the ending {ending or '(none)'} names no mesh format; use {', '.join(MESH_ENDINGS)}"
        )
    check_writable(path)
    options: dict[str, Any] = {"digits": 9} if ending in (".obj", ".off") else {}
    content: Any = trimesh.Trimesh(vertices, faces, process=False).export(file_type=ending[1:], **options)
    atomic_write(path, content.encode() if isinstance(content, str) else content)
