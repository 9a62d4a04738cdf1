"""OBJ files: concave faces, indices of every kind, comments, marks and line ends."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from fourierfield.errors import SignalError
from fourierfield.kinds._read import read
from fourierfield.kinds.shapes._inside import signed_distance

# An L of two bars of 4 × 1, two high: volume 14, area 46 by hand; its caps have six corners.
OUTLINE = np.array([(0, 0), (4, 0), (4, 1), (1, 1), (1, 4), (0, 4)], dtype=float)
CORNERS = np.concatenate([np.c_[OUTLINE, np.zeros(6)], np.c_[OUTLINE, np.full(6, 2.0)]])
FACES = [[5, 4, 3, 2, 1, 0], [6, 7, 8, 9, 10, 11], *([i, (i + 1) % 6, (i + 1) % 6 + 6, i + 6] for i in range(6))]
POINTS = "".join(f"v {x:g} {y:g} {z:g}\n" for x, y, z in CORNERS)
PLAIN = POINTS + "".join("f " + " ".join(str(corner + 1) for corner in face) + "\n" for face in FACES)
BACKWARDS = POINTS + "".join("f " + " ".join(str(corner - 12) for corner in face) + "\n" for face in FACES)
SLASHES = PLAIN.replace("f ", "vn 0 0 1\nf ").replace("\n", " # said\n")


def area(mesh) -> float:  # type: ignore[no-untyped-def]
    a, b, c = np.moveaxis(mesh.corners, 1, 0)
    return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2)


VARIANTS = {
    "plain": PLAIN,
    "a kilobyte of comments": "# drawn by hand\n" * 100 + PLAIN,
    "a byte order mark": "\ufeff" + PLAIN,
    "a mark and comments": "\ufeff# first\n" + "# drawn by hand\n" * 100 + PLAIN,
    "tabs and blanks": PLAIN.replace("v ", "  v\t").replace("f ", "\tf\t"),
    "other line ends": PLAIN.replace("\n", "\r\n"),
    "old line ends": PLAIN.replace("\n", "\r"),
    "indices from the end": BACKWARDS,
    "comments and normals": SLASHES,
    "lines continued": PLAIN.replace("f 6 5", "f 6\\\n5"),
    "colours": PLAIN.replace("v 0 0 0\n", "v 0 0 0 1 0 0\n"),
    "groups": PLAIN.replace("f 6", "g lid\nusemtl a\nf 6").replace("f 7", "usemtl b\nf 7"),
    "a line of two corners": PLAIN + "f 1 2\n",
}


@pytest.mark.parametrize("case", VARIANTS)
def test_a_concave_solid_is_read_whole(save: Callable, case: str) -> None:
    mesh = read(save(VARIANTS[case].encode()))
    assert mesh.kind == "mesh"
    assert mesh.watertight
    assert mesh.volume == pytest.approx(14)
    assert area(mesh) == pytest.approx(46)


def test_distances_from_it_are_those_of_its_bars(save: Callable) -> None:
    def of_bar(points: np.ndarray, high: tuple[float, float, float]) -> np.ndarray:
        beyond = np.abs(points - np.array(high) / 2) - np.array(high) / 2
        return np.linalg.norm(np.maximum(beyond, 0), axis=1) + np.minimum(beyond.max(axis=1), 0)

    points = np.random.default_rng(0).uniform(-0.5, (4.5, 4.5, 2.5), (2000, 3))
    right = np.minimum(of_bar(points, (4, 1, 2)), of_bar(points, (1, 4, 2)))  # exact outside
    found = signed_distance(read(save(PLAIN)), points)
    assert np.abs(found - right)[right > 0].max() < 1e-9
    assert ((found < 0) == (right < 0)).all()


def test_indices_count_back_from_their_own_line(save: Callable) -> None:
    cube = "".join(f"v {x} {y} {z}\n" for x in (0, 1) for y in (0, 1) for z in (0, 1))
    faces = [(1, 2, 4, 3), (5, 7, 8, 6), (1, 5, 6, 2), (3, 4, 8, 7), (1, 3, 7, 5), (2, 6, 8, 4)]
    back = "".join("f " + " ".join(str(corner - 9) for corner in face) + "\n" for face in faces)
    other = cube.replace("v 1", "v 6").replace("v 0", "v 5")
    mesh = read(save(cube + back + other + back))
    assert mesh.shape == (16, 24)
    assert mesh.volume == pytest.approx(2)


@pytest.mark.parametrize("face", ["f 0 1 2", "f 1 2 13", "f -13 1 2", "f 1 2 99999999999999999999"])
def test_faces_that_name_no_vertex_are_refused(save: Callable, face: str) -> None:
    with pytest.raises(SignalError, match=r"names vertices it does not hold \(line 21: 'f "):
        read(save(PLAIN + face + "\n"))


@pytest.mark.parametrize("line", ["v 1 2", "v one two three", "f 1/x 2 y"])
def test_lines_that_are_no_numbers_are_refused(save: Callable, line: str) -> None:
    with pytest.raises(SignalError, match="damaged or cut off"):
        read(save(PLAIN + line + "\n"))


def test_a_file_that_ends_within_a_face_is_refused(save: Callable) -> None:
    with pytest.raises(SignalError, match=r"cut off: it ends within a face \(line 20\)"):
        read(save(PLAIN[: PLAIN.rindex(" ", 0, PLAIN.rindex(" ")) - 1]))
