"""Small closed surfaces, made by trimesh."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import trimesh

from fourierfield.kinds.shapes._mesh import MeshSignal


def signal_of(mesh: trimesh.Trimesh, name: str = "solid") -> MeshSignal:
    return MeshSignal(np.array(mesh.vertices), np.array(mesh.faces, dtype=np.int64), name)


@pytest.fixture
def make_signal() -> Callable[..., MeshSignal]:
    """A signal of a trimesh."""
    return signal_of


@pytest.fixture
def ball() -> MeshSignal:
    """A fine sphere of radius 1 about (2, 0, −1)."""
    return signal_of(trimesh.creation.icosphere(4).apply_translation([2, 0, -1]))


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., Path]:
    """A file with some content; its name says nothing, unless it is given."""

    def write(content: str | bytes, name: str = "shape.bin") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write
