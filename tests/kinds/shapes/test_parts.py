"""Which way parts face: solids, cavities, islands in cavities, one inside out among several."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import trimesh

from fourierfield.kinds.shapes._inside import inside
from fourierfield.kinds.shapes._parts import consistently_oriented
from fourierfield.kinds.shapes._read import as_mesh


def box(side: float, x: float = 0.0, *, inwards: bool = False) -> trimesh.Trimesh:
    made = trimesh.creation.box((side, side, side)).apply_translation((x, 0, 0))
    if inwards:
        made.invert()
    return made


CASES: dict[str, tuple[list[trimesh.Trimesh], float, list[str]]] = {
    # parts, right volume, words of the notes
    "all outwards": ([box(3), box(1, 5)], 28, []),
    "the small one inside out": ([box(3), box(1, 5, inwards=True)], 28, ["1 of its 2 parts was inside out"]),
    "the large one inside out": ([box(3, inwards=True), box(1, 5)], 28, ["1 of its 2 parts was inside out"]),
    "both inside out": ([box(3, inwards=True), box(1, 5, inwards=True)], 28, ["its surface was inside out"]),
    "a cavity": ([box(3), box(1, inwards=True)], 26, ["kept as a cavity"]),
    "a hollow one inside out": ([box(3, inwards=True), box(1)], 26, ["2 of its 2 parts", "kept as a cavity"]),
    "its shell inside out": (
        [box(3, inwards=True), box(1, inwards=True), box(1, 5)],
        27,
        ["1 of its 3 parts was inside out", "kept as a cavity"],
    ),
    "an island in a cavity": ([box(5), box(3, inwards=True), box(1)], 99, ["kept as a cavity"]),
    "an island inside out": (
        [box(5), box(3, inwards=True), box(1, inwards=True)],
        99,
        ["1 of its 3 parts was inside out", "kept as a cavity"],
    ),
    "overlapping, one inside out": ([box(2), box(2, 1.1, inwards=True)], 16, ["1 of its 2 parts was inside out"]),
}


@pytest.mark.parametrize("case", CASES)
def test_parts_face_outwards_and_cavities_stay(case: str) -> None:
    parts, right, words = CASES[case]
    whole = trimesh.util.concatenate(parts)
    mesh = as_mesh(whole.vertices, whole.faces, case)
    assert mesh.volume == pytest.approx(right)
    assert len(mesh.notes) == len(words)
    for word, note in zip(words, mesh.notes, strict=True):
        assert word in note


def test_a_part_that_was_inside_out_is_solid() -> None:
    whole = trimesh.util.concatenate([box(3), box(1, 5, inwards=True)])
    points = np.array([[0.0, 0, 0], [5, 0, 0], [3, 0, 0]])
    assert inside(as_mesh(whole.vertices, whole.faces), points).tolist() == [True, True, False]


def test_a_turned_triangle_does_not_fill_a_cavity() -> None:
    whole = trimesh.util.concatenate([box(3), box(1, inwards=True)])
    faces = whole.faces.copy()
    faces[[0, 20]] = faces[[0, 20], ::-1]
    mesh = as_mesh(whole.vertices, faces)
    assert mesh.volume == pytest.approx(26)
    assert "turned to agree" in mesh.notes[0]


def test_solids_that_share_an_edge_agree() -> None:
    other = box(1).apply_translation((1, 1, 0))
    whole = trimesh.util.concatenate([box(1), other])
    mesh = as_mesh(whole.vertices, whole.faces)
    assert mesh.volume == pytest.approx(2)
    assert consistently_oriented(mesh.faces)
    assert not [note for note in mesh.notes if "WARNING" in note]


def test_a_wall_that_two_solids_share_goes(save: Callable) -> None:
    lower = trimesh.creation.box((1, 1, 1))
    upper = lower.copy()
    upper.vertices[:, 2] *= -1
    upper.invert()
    upper.apply_translation((0, 0, 1))
    whole = trimesh.util.concatenate([lower, upper])
    mesh = as_mesh(whole.vertices, whole.faces)
    assert (mesh.watertight, mesh.shape) == (True, (12, 20))
    assert mesh.volume == pytest.approx(2)
    assert inside(mesh, np.array([[0, 0, 0.499], [0, 0, 0.501]])).all()


def test_a_bowl_keeps_its_side() -> None:
    ball = trimesh.creation.icosphere(2)
    bowl = ball.triangles_center[:, 2] < -0.5  # far from closed: its own volume says nothing about it
    whole = trimesh.util.concatenate([ball, trimesh.Trimesh(ball.vertices, ball.faces[bowl][:, ::-1]).apply_scale(1.2)])
    mesh = as_mesh(whole.vertices, whole.faces)
    assert inside(mesh, np.zeros((1, 3))).all()
