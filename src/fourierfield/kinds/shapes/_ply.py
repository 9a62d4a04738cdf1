"""PLY files with all of their polygons: text and binary, of either byte order, with lists of different lengths.

trimesh's reader fans concave polygons, refuses binary files that mix triangles and quadrilaterals, and takes a text for
whole that has fewer lines than its header counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ...errors import SignalError
from ._polygons import triangulate

_TYPES = {
    **{"char": "i1", "uchar": "u1", "short": "i2", "ushort": "u2", "int": "i4", "uint": "u4"},
    **{"float": "f4", "double": "f8", "int8": "i1", "uint8": "u1", "int16": "i2", "uint16": "u2", "int32": "i4"},
    **{"uint32": "u4", "int64": "i8", "uint64": "u8", "float32": "f4", "float64": "f8", "float16": "f2"},
}
_ENCODINGS = ("ascii", "binary_little_endian", "binary_big_endian")
_LISTS = ("vertex_indices", "vertex_index")  # the two names in use of a face's list of corners
Rows = dict[str, list[np.ndarray] | np.ndarray]


@dataclass
class _Element:
    """A part of the file: its name and number of rows, and each property's types: of its value, and of its length."""

    name: str
    count: int
    properties: dict[str, tuple[str, str | None]] = field(default_factory=dict)

    def add(self, name: str, value: str, length: str | None) -> None:
        """Add a property; the second of a name has another, so that it keeps its place."""
        self.properties[name if name not in self.properties else f"{name} {len(self.properties)}"] = value, length


def read_ply(content: bytes, path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Read vertices (V, 3) and triangles (F, 3), which are none for a cloud of points."""
    encoding, elements, start = _header(content)
    if encoding == "ascii":
        tables = _from_text(content[start:], elements, path)
    else:
        tables = _from_bytes(content[start:], elements, ">" if "big" in encoding else "<", path)
    corners = tables["vertex"]
    vertices = np.stack([np.asarray(corners[axis], dtype=np.float64) for axis in "xyz"], axis=-1).reshape(-1, 3)
    faces = tables.get("face", {})
    name = next((name for name in _LISTS if name in faces), None)
    if name is None or not len(faces[name]):
        return vertices, np.zeros((0, 3), dtype=np.int64)
    polygons = faces[name]
    if any(not 0 <= corner.min(initial=0) <= corner.max(initial=0) < len(vertices) for corner in _blocks(polygons)):
        raise SignalError(f"{path} has faces that name vertices it does not hold; write the file again")
    return vertices, triangulate(vertices, polygons)


def _blocks(polygons: list[np.ndarray] | np.ndarray) -> list[np.ndarray]:
    """Return arrays of the corners of all polygons."""
    return [polygons] if isinstance(polygons, np.ndarray) else polygons


def _header(content: bytes) -> tuple[str, list[_Element], int]:
    """Return the encoding, the elements, and where the data begin."""
    end = re.search(rb"\r\n|\n|\r", content)
    assert end is not None
    last = re.search(rb"(?:^|[\r\n])end_header[ \t]*" + re.escape(end[0]), content)
    assert last is not None, "its header has no end"
    encoding, elements = "", list[_Element]()
    for line in content[: last.end()].decode("latin-1").split(end[0].decode()):
        match line.split():
            case ["format", name, *_]:
                encoding = name
            case ["element", name, count]:
                elements.append(_Element(name, int(count)))
            case ["property", "list", length, value, name]:
                elements[-1].add(name, _TYPES[value], _TYPES[length])
            case ["property", value, name]:
                elements[-1].add(name, _TYPES[value], None)
    assert encoding in _ENCODINGS, "its encoding is not known"
    assert all(element.count >= 0 for element in elements), "its header counts less than none"
    return encoding, elements, last.end()


def _cut_off(path: Path, element: _Element, held: int) -> SignalError:
    return SignalError(
        f"{path} is damaged or cut off: its header counts {element.count:,} rows of {element.name} and it "
        f"holds {max(held, 0):,}; export it again"
    )


def _from_text(content: bytes, elements: list[_Element], path: Path) -> dict[str, Rows]:
    lines = [line for line in content.decode("latin-1").replace("\r", "\n").split("\n") if line.strip()]
    tables, at = {}, 0
    for element in elements:
        rows = [line.split() for line in lines[at : at + element.count]]
        at += element.count
        if len(rows) < element.count:
            raise _cut_off(path, element, len(rows))
        tables[element.name] = _columns(rows, element, path)
    return tables


def _columns(rows: list[list[str]], element: _Element, path: Path) -> Rows:
    """Return the columns of rows of words."""
    if all(length is None for _, length in element.properties.values()):
        whole = sum(len(row) >= len(element.properties) for row in rows)
        if whole < len(rows):
            raise _cut_off(path, element, whole)
        return {name: np.array([row[at] for row in rows], np.float64) for at, name in enumerate(element.properties)}
    found: dict[str, list[np.ndarray]] = {name: [] for name in element.properties}
    for number, row in enumerate(rows):
        at = 0
        for name, (value, length) in element.properties.items():
            count = 1 if length is None else int(row[at])
            at += length is not None
            if count < 0 or len(row) < at + count:
                raise _cut_off(path, element, number)
            found[name].append(np.array(row[at : at + count], dtype=np.float64).astype(value[0] + "8"))
            at += count
    return dict(found)


def _from_bytes(content: bytes, elements: list[_Element], order: str, path: Path) -> dict[str, Rows]:
    tables: dict[str, Rows] = {}
    at = 0
    for element in elements:
        columns, at = _packed(content, at, element, order) or _ragged(content, at, element, order, path)
        tables[element.name] = columns
    return tables


def _packed(content: bytes, at: int, element: _Element, order: str) -> tuple[Rows, int] | None:
    """Return the columns and the end of an element whose lists are as long as those of its first row; None if not."""
    fields: list[tuple[str, str] | tuple[str, str, tuple[int]]] = []
    for name, (value, length) in element.properties.items():
        if length is None:
            fields.append((name, order + value))
            continue
        place = at + np.dtype(fields).itemsize
        first = np.frombuffer(content[place : place + int(length[1])], order + length)
        if not len(first) or not 0 <= first[0] <= len(content):
            return None
        fields += [(f"length of {name}", order + length), (name, order + value, (int(first[0]),))]
    dtype = np.dtype(fields)
    end = at + element.count * dtype.itemsize
    if end > len(content):
        return None
    rows = np.frombuffer(content[at:end], dtype) if dtype.itemsize else np.zeros(element.count, dtype)
    lengths = [name for name in dtype.names or () if name.startswith("length of ")]
    if any((rows[name] != rows[name][:1]).any() for name in lengths):
        return None
    return {name: rows[name] for name in element.properties}, end


def _ragged(content: bytes, at: int, element: _Element, order: str, path: Path) -> tuple[Rows, int]:
    """Return the columns and the end of an element, row by row."""
    found: dict[str, list[np.ndarray]] = {name: [] for name in element.properties}
    kinds = [
        (name, np.dtype(order + value), None if length is None else np.dtype(order + length))
        for name, (value, length) in element.properties.items()
    ]
    for number in range(element.count):
        for name, value, length in kinds:
            count = 1
            if length is not None and at + length.itemsize <= len(content):
                count = int(np.frombuffer(content, length, 1, at)[0])
            at += 0 if length is None else length.itemsize
            if count < 0 or at + count * value.itemsize > len(content):
                raise _cut_off(path, element, number)
            found[name].append(np.frombuffer(content, value, count, at))
            at += count * value.itemsize
    return dict(found), at
