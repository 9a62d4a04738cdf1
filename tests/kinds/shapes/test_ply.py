"""PLY files: text and binary, polygons of different lengths, further elements, and counts that do not hold."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from fourierfield.errors import SignalError
from fourierfield.kinds._read import read

OUTLINE = np.array([(0, 0), (4, 0), (4, 1), (1, 1), (1, 4), (0, 4)], dtype=float)
CORNERS = np.concatenate([np.c_[OUTLINE, np.zeros(6)], np.c_[OUTLINE, np.full(6, 2.0)]])
FACES = [[5, 4, 3, 2, 1, 0], [6, 7, 8, 9, 10, 11], *([i, (i + 1) % 6, (i + 1) % 6 + 6, i + 6] for i in range(6))]
SIZES = {"float": "f4", "double": "f8", "uchar": "u1", "ushort": "u2", "int": "i4", "uint32": "u4"}
FORMATS = ["ascii", "binary_little_endian", "binary_big_endian"]


def ply(form: str, *, more: bool = False, end: str = "\n", real: str = "float", count: str = "uchar") -> bytes:
    """The L of the other tests; with ``more`` properties of other names, a second list and an element of edges."""
    number = "uint32" if more else "int"
    vertex = [(real, "x"), (real, "y"), (real, "z"), *([("uchar", "red")] if more else [])]
    header = ["ply", f"format {form} 1.0", "comment made by hand", "obj_info nothing", "element vertex 12"]
    header += [f"property {kind} {name}" for kind, name in vertex] + ["element face 8"]
    header += ["property float quality"] * more
    header += [f"property list {count} {number} vertex_ind{'ex' if more else 'ices'}"]
    header += ["property list uchar float texcoord", "element edge 1", "property int vertex1"] * more
    rows: list[list[tuple[str, float]]] = [
        [(real, x) for x in corner] + [("uchar", 7.0)] * more for corner in CORNERS.tolist()
    ]
    for face in FACES:
        corners = [(count, float(len(face))), *((number, float(corner)) for corner in face)]
        rows.append([("float", 0.5)] * more + corners + [("uchar", 2.0), ("float", 0.1), ("float", 0.2)] * more)
    rows += [[("int", 3.0)]] * more
    order = ">" if "big" in form else "<"
    if form == "ascii":
        body = "".join(" ".join(f"{value:g}" for _, value in row) + end for row in rows).encode()
    else:
        body = b"".join(np.array(value).astype(order + SIZES[kind]).tobytes() for row in rows for kind, value in row)
    return (end.join([*header, "end_header"]) + end).encode() + body


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("more", [False, True])
@pytest.mark.parametrize(("end", "real", "count"), [("\n", "float", "uchar"), ("\r\n", "double", "ushort")])
def test_polygons_of_different_lengths(save: Callable, form: str, more: bool, end: str, real: str, count: str) -> None:
    mesh = read(save(ply(form, more=more, end=end, real=real, count=count)))
    a, b, c = np.moveaxis(mesh.corners, 1, 0)
    assert mesh.watertight
    assert mesh.volume == pytest.approx(14)
    assert np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2 == pytest.approx(46)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("more", [False, True])
def test_a_file_that_is_cut_off_says_what_it_holds(save: Callable, form: str, more: bool) -> None:
    content = ply(form, more=more)
    cut = content.rindex(b"\n", 0, -3) if form == "ascii" else -3
    rows = r"rows of (edge and it holds 0|face and it holds 7)"
    with pytest.raises(SignalError, match=f"damaged or cut off: its header counts [0-9]+ {rows}"):
        read(save(content[:cut]))
    with pytest.raises(SignalError, match=r"12 rows of vertex and it holds [12];"):
        read(save(content[: content.index(b"end_header\n") + 11 + (8 if form == "ascii" else 16)]))


@pytest.mark.parametrize("form", FORMATS)
def test_wrong_headers_and_indices_are_refused(save: Callable, form: str) -> None:
    content = ply(form)
    for change in [(b"end_header", b"end_heeder"), (b"uchar int", b"uchar word"), (b"float y", b"float w")]:
        with pytest.raises(SignalError, match="damaged or cut off"):
            read(save(content.replace(*change)))
    order = ">" if "big" in form else "<"
    old, new = (b" 11\n", b" 77\n") if form == "ascii" else (np.array(n, order + "i4").tobytes() for n in (11, 77))
    with pytest.raises(SignalError, match="does not hold"):
        read(save(content.replace(old, new)))


def test_two_properties_of_one_name_keep_their_places(save: Callable) -> None:
    for form in FORMATS:
        assert read(save(ply(form, more=True).replace(b"uchar red", b"uchar x"))).volume == pytest.approx(14)


def test_counts_behind_long_comments(save: Callable) -> None:
    content = ply("ascii").replace(b"made by hand", b"by hand " * 4000)
    assert read(save(content)).volume == pytest.approx(14)
    with pytest.raises(SignalError, match="counts 900,000,000,000 rows of vertex and it holds 20"):
        read(save(content.replace(b"vertex 12", b"vertex 900000000000")))
