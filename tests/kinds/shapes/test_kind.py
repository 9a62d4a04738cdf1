"""Which bytes are an STL, and what is said of a mesh."""

from __future__ import annotations

from pathlib import Path

import pytest

from fourierfield.kinds._registry import KINDS
from fourierfield.kinds.shapes._kind import _is_stl
from fourierfield.kinds.shapes._mesh import MeshSignal

TRIANGLES = 3
BINARY = b"made by hand".ljust(80, b"\0") + TRIANGLES.to_bytes(4, "little") + bytes(50 * TRIANGLES)


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        (BINARY, "a.bin", True),
        (BINARY[:-7], "a.bin", False),
        (BINARY[:-7], "a.stl", True),  # cut off, which its reader reports
        (b"solid a\nfacet normal 0 0 1\n", "a.txt", True),
        (b"solid advice\n", "a.txt", False),
        (b"SOLID A\nfacet".lower(), "a", True),
        (b"", "a.stl", False),
    ],
)
def test_stl_is_told_by_its_size_or_its_words(tmp_path: Path, content: bytes, name: str, expected: bool) -> None:
    (tmp_path / name).write_bytes(content)
    assert _is_stl(content[:1024], tmp_path / name) is expected


@pytest.mark.parametrize(("missing", "state"), [(0, "watertight"), (1, "not watertight")])
def test_a_mesh_is_described_in_its_own_units(ball: MeshSignal, missing: int, state: str) -> None:
    """An icosphere of 4 subdivisions has 20·4⁴ triangles; this one has radius 1."""
    mesh = MeshSignal(ball.vertices, ball.faces[missing:], "ball")
    kind = KINDS["mesh"]
    line = kind.signal_line({"name": "ball", **kind.describe(mesh)})
    assert line == f"signal    ball: mesh, 2,562 vertices, {5120 - missing:,} triangles, {state}, 2 × 2 × 2"
