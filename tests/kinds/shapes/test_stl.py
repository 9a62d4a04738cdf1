"""STL files: text or bytes whatever the header says, and counts that do not hold."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import trimesh

from fourierfield.errors import SignalError
from fourierfield.kinds._read import read

BYTES: bytes = trimesh.creation.box((1, 2, 3)).export(file_type="stl")
TEXT: str = trimesh.creation.box((1, 2, 3)).export(file_type="stl_ascii")
WHOLE = {
    "bytes": BYTES,
    "bytes whose header says solid": b"solid cube".ljust(80) + BYTES[80:],
    "bytes whose header says solid and facet": b"solid facet normal".ljust(80) + BYTES[80:],
    "text": TEXT.encode(),
    "text in capitals": TEXT.upper().encode(),
    "text of other line ends": TEXT.replace("\n", "\r\n").encode(),
    "text after blanks": b"\n  " + TEXT.encode(),
}


@pytest.mark.parametrize("case", WHOLE)
def test_whole_files(save: Callable, case: str) -> None:
    mesh = read(save(WHOLE[case]))
    assert (mesh.shape, mesh.watertight) == ((8, 12), True)
    assert mesh.volume == pytest.approx(6)


def test_bytes_after_the_last_triangle_are_left_out(save: Callable) -> None:
    assert read(save(BYTES + b"made by hand", "box.stl")).shape == (8, 12)


CUT = {
    "bytes": (BYTES[:-60], "counts 12 triangles and it holds 10"),
    "a text in a triangle": (TEXT[: TEXT.index("vertex", 600)].encode(), "damaged or cut off"),
    "a text between triangles": (TEXT[: TEXT.rindex("facet normal")].encode(), "begins 11 triangles and ends 11"),
    "a text without its end": (TEXT[: TEXT.rindex("endsolid")].encode(), "begins 1 solids and ends 0"),
    "a number that is none": (TEXT.replace("0.5", "o.5", 1).encode(), "is damaged"),
    "the second of two solids": ((TEXT + "\n" + TEXT[:-20]).encode(), "begins 2 solids and ends 1"),
}


@pytest.mark.parametrize("case", CUT)
def test_files_that_are_cut_off_are_refused(save: Callable, case: str) -> None:
    content, words = CUT[case]
    with pytest.raises(SignalError, match=words):
        read(save(content, "box.stl"))
