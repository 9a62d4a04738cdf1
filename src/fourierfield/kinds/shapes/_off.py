"""OFF files with all of their polygons, comments anywhere, and normals, colours and textures beside the vertices."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from ...errors import SignalError
from ._polygons import triangulate

_KEYWORD = re.compile(r"(ST)?C?N?(4)?(n)?OFF\b")


def read_off(content: bytes, path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Read vertices (V, 3) and triangles (F, 3); what stands after the numbers of a vertex or face is skipped.

    trimesh's reader loses polygons, and takes a file for whole that has fewer lines than its header counts.
    """
    text = re.sub(r"#[^\n]*", "", content.decode("utf-8-sig", errors="replace").replace("\r", "\n")).strip()
    keyword = _KEYWORD.match(text)
    text = text[keyword.end() :] if keyword else text
    if text.lstrip()[:6] == "BINARY":
        raise SignalError(f"{path} is a binary OFF file, which is not read; write it as text, or as PLY")
    if keyword and (keyword[2] or keyword[3]):
        raise SignalError(f"{path} ({keyword[0]}) holds points of other than three dimensions; write it as OFF")
    lines = [line.split() for line in text.split("\n") if line.strip()]
    lines = [lines[0][:3], lines[0][3:], *lines[1:]]  # the numbers may go on in the line of the counts
    counts = [int(word) for word in lines[0]]
    if min(counts) < 0:
        raise SignalError(f"{path} is damaged: its header counts {counts[0]} vertices and {counts[1]} faces")
    vertices, polygons = _rows([line for line in lines[1:] if line], counts[0], counts[1], path)
    return vertices, triangulate(vertices, polygons)


def _rows(lines: list[list[str]], vertex_count: int, face_count: int, path: Path) -> tuple[np.ndarray, list[list[int]]]:
    """Return the vertices and polygons, one a line, or as numbers that do not keep to lines."""
    if len(lines) < vertex_count + face_count:
        lines = _reflowed([word for line in lines for word in line], vertex_count, face_count)
    faces = lines[vertex_count : vertex_count + face_count]
    whole = [line for line in faces if len(line) > int(line[0])]
    if len(whole) < face_count or any(len(line) < 3 for line in lines[:vertex_count]):
        raise SignalError(
            f"{path} is damaged or cut off: its header counts {vertex_count:,} vertices and {face_count:,} faces, "
            f"and it holds {min(vertex_count, len(lines)):,} and {len(whole):,}; export it again"
        )
    vertices = np.array([line[:3] for line in lines[:vertex_count]], dtype=np.float64)
    polygons = [[int(word) for word in line[1 : int(line[0]) + 1]] for line in faces]
    if any(not 0 <= corner < vertex_count for polygon in polygons for corner in polygon):
        raise SignalError(f"{path} has faces that name vertices it does not hold; write the file again")
    return vertices.reshape(-1, 3), polygons


def _reflowed(words: list[str], vertex_count: int, face_count: int) -> list[list[str]]:
    """Return numbers as one line for each vertex and face, as many as there are."""
    lines = [words[3 * row : 3 * row + 3] for row in range(min(vertex_count, len(words) // 3))]
    at = 3 * vertex_count
    for _ in range(face_count):
        if at >= len(words) or int(words[at]) < 0:
            break
        lines.append(words[at : at + int(words[at]) + 1])
        at += int(words[at]) + 1
    return lines
