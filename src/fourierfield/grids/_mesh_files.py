"""Write mesh files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ..errors import SettingsError
from ._endings import MESH_ENDINGS
from ._files import atomic_write, check_writable


def write_mesh(path: Path | str, vertices: np.ndarray, faces: np.ndarray, colours: np.ndarray | None = None) -> None:
    """Write vertices (V, 3), triangles (F, 3) and colours (V, 3) in [0, 1] atomically, in ``path``'s format."""
    import trimesh

    ending = Path(path).suffix.lower()
    if ending not in MESH_ENDINGS:
        raise SettingsError(
            f"{path}: the ending {ending or '(none)'} names no mesh format; use {', '.join(MESH_ENDINGS)}"
        )
    check_writable(path)
    options: dict[str, Any] = {"digits": 9} if ending in (".obj", ".off") else {}
    shades = None if colours is None else np.clip(np.rint(255 * colours), 0, 255).astype(np.uint8)
    mesh = trimesh.Trimesh(vertices, faces, vertex_colors=shades, process=False)
    content: Any = mesh.export(file_type=ending[1:], **options)
    atomic_write(path, content.encode() if isinstance(content, str) else content)
