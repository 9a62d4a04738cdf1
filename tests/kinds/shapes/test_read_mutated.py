"""Mutated mesh files of every container: read, or refused in one line, whatever their bytes are."""

from __future__ import annotations

from pathlib import Path

import pytest
import trimesh
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fourierfield.errors import FourierFieldError
from fourierfield.kinds.shapes._mesh import MeshSignal
from fourierfield.kinds.shapes._read import read_mesh

PRISM = (
    "v 0 0 0\nv 4 0 0\nv 4 1 0\nv 1 1 0\nv 1 4 0\nv 0 4 0\nv 1 1 5\n"
    "f 6 5 4 3 2 1\nf 1 2 7\nf 2 3 7\nf 3 4 7\nf 4 5 7\nf 5 6 7\nf 6 1 7\n"
)
BOX = trimesh.creation.box((1, 2, 3))
_corners = "".join(line[2:] + "\n" for line in PRISM.split("\n") if line[:2] == "v ")
_faces = [[int(word) - 1 for word in line.split()[1:]] for line in PRISM.split("\n") if line[:2] == "f "]
_sides = "".join(f"{len(face)} " + " ".join(map(str, face)) + "\n" for face in _faces)
FILES = {
    "obj": PRISM.encode(),
    "off": ("OFF\n7 7 0\n" + _corners + _sides).encode(),
    "ply": (
        "ply\nformat ascii 1.0\nelement vertex 7\nproperty float x\nproperty float y\nproperty float z\n"
        "element face 7\nproperty list uchar int vertex_indices\nend_header\n" + _corners + _sides
    ).encode(),
    "ply of bytes": BOX.export(file_type="ply"),
    "stl": BOX.export(file_type="stl"),
    "stl of text": BOX.export(file_type="stl_ascii").encode(),
    "glb": BOX.export(file_type="glb"),
}
WORDS = [b"nan", b"-1", b"1e400", b"99999999999999999999", b"\xff\xfe", b"\0", b" ", b"\n", b"0", b"//", b"list", b""]


@st.composite
def mutations(draw: st.DrawFn, content: bytes) -> bytes:
    """Up to four places of some bytes, most of them in the header, overwritten or taken out."""
    made = bytearray(content)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.one_of(st.integers(0, len(content)), st.integers(0, 200)))
        new = draw(st.one_of(st.sampled_from(WORDS), st.binary(max_size=4)))
        made[at : at + draw(st.integers(0, 6))] = new
    return bytes(made[: draw(st.one_of(st.just(len(made)), st.integers(0, len(made))))])


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_mutated_files_are_read_or_refused(tmp_path: Path, name: str, data: st.DataObject) -> None:
    path = tmp_path / "shape"
    path.write_bytes(data.draw(mutations(FILES[name])))
    outcome = read_or_refusal(path, name.split()[0])
    assert "\n" not in outcome if isinstance(outcome, str) else outcome.volume > 0


def read_or_refusal(path: Path, container: str) -> MeshSignal | str:
    try:
        return read_mesh(path, container)
    except FourierFieldError as problem:
        return str(problem)
