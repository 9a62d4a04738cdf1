"""Mesh files: what is read, what is mended and said, what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import trimesh

from fourierfield.errors import FourierFieldError, SignalError, TooLargeError
from fourierfield.kinds._read import read
from fourierfield.kinds.shapes._inside import inside
from fourierfield.kinds.shapes._mesh import MeshSignal

BOX = trimesh.creation.box((1, 2, 3))
CORNERS = "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nv 0 0 1\nv 1 0 1\nv 1 1 1\nv 0 1 1\n"
CUBE = CORNERS + "f 4 3 2 1\nf 5 6 7 8\nf 1 2 6 5\nf 2 3 7 6\nf 3 4 8 7\nf 4 1 5 8\n"


def exported(mesh: trimesh.Trimesh | trimesh.Scene, container: str) -> bytes:
    content = mesh.export(file_type=container)
    return content.encode() if isinstance(content, str) else content


@pytest.mark.parametrize("container", ["obj", "ply", "stl", "stl_ascii", "off", "glb"])
def test_every_container(save: Callable, container: str) -> None:
    mesh = read(save(exported(BOX, container)))
    assert isinstance(mesh, MeshSignal)
    assert mesh.kind == "mesh"
    assert mesh.shape == (8, 12)
    assert mesh.watertight
    assert mesh.volume == pytest.approx(6)
    assert mesh.extents == pytest.approx((1, 2, 3))
    assert mesh.file_bytes
    assert not [note for note in mesh.notes if "WARNING" in note]


def test_polygons_become_triangles_and_seams_are_merged(save: Callable) -> None:
    assert read(save(CUBE)).shape == (8, 12)
    seams = read(save(exported(BOX, "stl")))
    assert seams.shape == (8, 12)
    assert any("36 corners merged to 8" in note for note in seams.notes)


def test_a_scene_is_put_together(save: Callable) -> None:
    other = trimesh.creation.icosphere(1).apply_translation([5, 0, 0])
    mesh = read(save(exported(trimesh.Scene([BOX, other]), "glb")))
    assert mesh.shape == (8 + 42, 12 + 80)
    assert any("2 parts" in note for note in mesh.notes)


def test_nodes_that_mirror_and_scale_stay_solid(save: Callable) -> None:
    scene = trimesh.Scene()
    scene.add_geometry(BOX, node_name="as it is", geom_name="box")
    mirror, double = np.diag([-1.0, 1, 1, 1]), np.diag([2.0, 2, 2, 1])
    mirror[0, 3], double[0, 3] = 5, 20
    scene.graph.update("mirrored", geometry="box", matrix=mirror)
    scene.graph.update("doubled", geometry="box", matrix=double)
    mesh = read(save(exported(scene, "glb")))
    assert mesh.volume == pytest.approx(6 + 6 + 8 * 6)
    assert inside(mesh, np.array([[0.0, 0, 0], [5, 0, 0], [20, 0, 0], [3, 0, 0]])).tolist() == [True, True, True, False]
    assert not [note for note in mesh.notes if "WARNING" in note]


def test_degenerate_triangles_are_dropped(save: Callable) -> None:
    mesh = read(save(CUBE + "f 1 1 2\nf 1 2 6\n"))
    assert mesh.shape == (8, 12)
    assert mesh.watertight
    assert any("2 degenerate or doubled" in note for note in mesh.notes)


def test_surfaces_inside_out_are_turned_over(save: Callable) -> None:
    flipped = trimesh.Trimesh(BOX.vertices, BOX.faces[:, ::-1], process=False)
    mesh = read(save(exported(flipped, "off")))
    assert mesh.volume == pytest.approx(6)
    assert any("inside out" in note for note in mesh.notes)


def test_triangles_that_disagree_are_turned(save: Callable) -> None:
    faces = BOX.faces.copy()
    faces[[1, 4, 7]] = faces[[1, 4, 7], ::-1]
    mesh = read(save(exported(trimesh.Trimesh(BOX.vertices, faces, process=False), "off")))
    assert mesh.volume == pytest.approx(6)
    assert any("turned to agree" in note for note in mesh.notes)


def test_a_cavity_stays_one(save: Callable) -> None:
    hole = trimesh.creation.box((0.5, 0.5, 0.5))
    hole.invert()
    mesh = read(save(exported(trimesh.util.concatenate([BOX, hole]), "off")))
    assert mesh.volume == pytest.approx(6 - 0.125)


def test_holes_are_counted_and_said(save: Callable) -> None:
    mesh = read(save(exported(trimesh.Trimesh(BOX.vertices, BOX.faces[1:], process=False), "off")))
    assert not mesh.watertight
    assert mesh.boundary_edges == 3
    assert any("WARNING" in note and "3 edges" in note for note in mesh.notes)


NAN = "v 0 0 nan\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 2 3\nf 2 3 4\n"
BROKEN = {
    "points": (CORNERS, "no faces"),
    "point cloud": (exported(trimesh.PointCloud(np.eye(3)), "ply"), "no faces"),
    "nan": (NAN, "not finite"),
    "infinite": (NAN.replace("nan", "inf"), "not finite"),
    "index out of range": ("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 9\n", "damaged|does not hold"),
    "off index out of range": ("OFF\n3 1 0\n0 0 0\n1 0 0\n0 1 1\n3 0 1 7\n", "damaged|does not hold"),
    "flat": ("v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nf 1 2 3\nf 1 3 4\n", "is flat"),
    "a point": ("v 1 1 1\nv 1 1 1\nv 1 1 1\nf 1 2 3\n", "no extent"),
    "back to back": ("v 0 0 0\nv 1 0 0\nv 0 1 1\nf 1 2 3\nf 3 2 1\n", "encloses no volume"),
    "cut obj": (exported(BOX, "obj")[:120], "no faces|damaged"),
    "cut off": (exported(BOX, "off")[:150], "damaged or cut off"),
    "cut ply": (exported(BOX, "ply")[:-40], "damaged or cut off"),
    "cut glb": (exported(BOX, "glb")[:-40], "damaged or cut off"),
    "cut ascii stl": (exported(BOX, "stl_ascii")[:400], "no faces|damaged"),
    "text pretending": ("v of the people\nf or you\n", "damaged or cut off"),
    "header only": ("ply\n", "damaged or cut off"),
    "nothing in it": ("OFF\n0 0 0\n", "no faces|damaged"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_files_are_refused_in_one_line(save: Callable, case: str) -> None:
    content, reason = BROKEN[case]
    path = save(content)
    with pytest.raises(SignalError, match=reason) as caught:
        read(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "header",
    [
        "OFF\n4000000000 8000000000 0\n0 0 0\n",
        "ply\nformat binary_little_endian 1.0\nelement vertex 90000000000\nend_header\n",
    ],
)
def test_a_bomb_is_refused_before_it_is_read(save: Callable, header: str) -> None:
    with pytest.raises(TooLargeError, match="GB"):
        read(save(header))


def test_a_header_that_counts_more_than_the_file_holds(save: Callable) -> None:
    with pytest.raises(SignalError, match="counts 9,000 vertices and faces"):
        read(save("OFF\n4000 5000 0\n0 0 0\n1 0 0\n"))


def test_meshes_and_other_kinds_are_told_apart(save: Callable, tmp_path: Path, photo_file: Path) -> None:
    path = save(CUBE)
    assert read(path, "mesh").shape == (8, 12)
    assert read(path).kind == "mesh"
    with pytest.raises(SignalError, match=r"is a picture \(PNG\), not a mesh; .* or give OBJ, PLY, STL, OFF, GLB"):
        read(photo_file, "mesh")
    with pytest.raises(FourierFieldError, match=r"is a mesh \(OBJ\), not a picture"):
        read(path, "image")


def test_the_real_ones(shared_data: Path) -> None:
    spot, bunny = (read(shared_data / "meshes" / name) for name in ("spot.obj", "bunny.off"))
    assert (spot.shape, spot.watertight) == ((2930, 5856), True)
    assert (bunny.shape, bunny.watertight) == ((3485, 6966), True)
