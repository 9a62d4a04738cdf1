"""The kind of meshes."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ...grids._endings import MESH_ENDINGS
from .._kind import Format, Json, Kind, Say, starts
from .._render_options import RenderOptions

if TYPE_CHECKING:
    from ...networks._field import Field
    from ...tasks._settings import FitSettings, ReadOptions
    from ...tasks._task import Task
    from ._mesh import MeshSignal

_BOM = b"\xef\xbb\xbf"  # the byte order mark that some editors put before text
_REMARKS = rb"(?:[ \t\f\v]*(?:#[^\r\n]*)?[\r\n])*[ \t\f\v]*"  # each byte in one way only, so that no text takes long
_OFF = re.compile(_REMARKS + rb"(ST)?C?N?4?n?OFF(\s|#|$)")
_OBJ = re.compile(_REMARKS + rb"(?:v|vn|vt|vp|f|o|g|s|mtllib|usemtl)[ \t]")
_ONLY_REMARKS = re.compile(_REMARKS + rb"(?:#[^\r\n]*)?\Z")
_MOST_REMARKS = 1 << 20  # bytes of comments before the first item of a text that are looked past
_STL_HEADER, _STL_TRIANGLE = 84, 50  # bytes


def _begins(pattern: re.Pattern[bytes]) -> Callable[[bytes, Path], bool]:
    """Return a test of whether a text begins with a pattern, after a byte order mark and comments of any length."""

    def test(head: bytes, path: Path) -> bool:
        if b"\0" not in head and _ONLY_REMARKS.match(head.removeprefix(_BOM)):
            with open(path, "rb") as file:
                head = file.read(_MOST_REMARKS)
        return pattern.match(head.removeprefix(_BOM)) is not None

    return test


def _is_stl(head: bytes, path: Path) -> bool:
    """Return whether a file is STL: as text, or by its size, or cut off but called so."""
    if head[:512].lstrip()[:5].lower() == b"solid" and b"facet" in head.lower():
        return True
    triangles = int.from_bytes(head[80:84], "little")
    cut_off = path.suffix.lower() == ".stl" and b"\0" in head[:_STL_HEADER]
    whole = len(head) >= _STL_HEADER and path.stat().st_size == _STL_HEADER + _STL_TRIANGLE * triangles
    return (cut_off and len(head) >= _STL_HEADER) or whole


class MeshKind(Kind):
    """Meshes: occupancy or signed distance of a shape."""

    name, noun, plural = "mesh", "a mesh", "meshes"
    formats = (
        Format("obj", "OBJ", _begins(_OBJ), (".obj",), rank=5),
        Format("ply", "PLY", starts(b"ply\n", b"ply\r"), (".ply",)),
        Format("stl", "STL", _is_stl, (".stl",), rank=4),
        Format("off", "OFF", _begins(_OFF), (".off",), rank=3),
        Format("glb", "GLB", starts(b"glTF"), (".glb",)),
    )
    options = frozenset(("target",))
    endings = (*MESH_ENDINGS, ".png", ".npy")
    render_options = frozenset(("pose", "size", "scale", "at", "gradient"))
    why_not = {  # noqa: RUF012 - constant
        "window": "a shape is rendered whole, so that its surface is closed",
        "uncertainty": "the deviation of a shape is written with --at points.csv",
    }

    def read(self, path: Path, container: str | None, options: ReadOptions) -> MeshSignal:
        from ._read import read_mesh

        return read_mesh(path, str(container))

    def task(self, signal: MeshSignal, settings: FitSettings) -> Task:
        from ._task import ShapeKernelTask, ShapeNetworkTask

        task = ShapeKernelTask if self.method(settings) == "kernel" else ShapeNetworkTask
        return task.of(signal, settings)

    def describe(self, signal: MeshSignal) -> Json:
        """Return the numbers of vertices and faces, whether the mesh is closed, and its extents."""
        vertices, faces = signal.shape
        extents = list(signal.extents)
        return {"vertices": vertices, "faces": faces, "watertight": signal.watertight, "extents": extents}

    def signal_line(self, described: Json) -> str:
        """Return name, size, state and extents."""
        extents = " × ".join(f"{length:.4g}" for length in described["extents"])
        state = "watertight" if described["watertight"] else "not watertight"
        size = self.size_words([described["vertices"], described["faces"]])
        return f"signal    {described['name']}: mesh, {size}, {state}, {extents}"

    def score_lines(self, result: Json) -> list[str]:
        """Return the scores on samples, and how near the field's shape is to the mesh."""
        training, *others = super().score_lines(result)
        metrics = result["metrics"]
        line = f"shape     IoU {metrics['iou_uniform']:.4f} in the box, {metrics['iou_boundary']:.4f} at the surface"
        if metrics["chamfer"] is None:
            return [training, f"{line}; the field has no surface", *others]
        nearness = f"Chamfer distance {metrics['chamfer']:.4g}, normal consistency {metrics['normal_consistency']:.4f}"
        return [training, f"{line}; {nearness}", *others]

    def size_words(self, shape: list[int]) -> str:
        return f"{shape[0]:,} vertices, {shape[1]:,} triangles"

    def render(self, field: Field, out: str, options: RenderOptions, say: Say) -> None:
        """Write the surface as a mesh or picture, or the values on a grid over the box."""
        from ._render import write_shape

        write_shape(field, out, options, say)


KINDS = (MeshKind(),)
