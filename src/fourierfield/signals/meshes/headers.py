"""What the first bytes of a mesh file claim, looked at before anything is allocated."""

from __future__ import annotations

import re
from pathlib import Path

import psutil

from ...errors import SignalError, TooLargeError
from ..recognise import first_bytes

__all__ = ["check_claims"]

_HEAD = 1 << 14
_BYTES_PER_FILE_BYTE = 24  # of a text file, as strings, numbers and merged corners at once
_BYTES_PER_ELEMENT = 160  # of a vertex or a face that a header counts
_LEAST = {"off": 6, "ply": 6}  # bytes that a file needs for each vertex or face: "0 0 0\n", three 16-bit numbers


def check_claims(path: Path, container: str) -> None:
    """Raise ``TooLargeError`` for a mesh that would not fit in memory, and ``SignalError`` for a file that is too short
    for the vertices and faces that its header counts."""
    size = path.stat().st_size
    head = first_bytes(path, _HEAD)
    count = {"off": _count_off, "ply": _count_ply}.get(container, lambda head: 0)(head)
    if container == "glb" and len(head) >= 12 and int.from_bytes(head[8:12], "little") > size:
        raise SignalError(f"{path} is damaged or cut off (GLB header); export it anew")
    needed = max(size * _BYTES_PER_FILE_BYTE, count * _BYTES_PER_ELEMENT)
    available = psutil.virtual_memory().available
    if needed > available // 2:
        raise TooLargeError(
            f"{path} ({count or size:,} {'vertices and faces' if count else 'bytes'}) needs {needed / 1e9:.1f} GB to "
            f"read and {available / 1e9:.1f} GB are free; decimate the mesh first"
        )
    if count * _LEAST.get(container, 0) > size:
        raise SignalError(
            f"{path} is damaged or cut off: its header counts {count:,} vertices and faces and the file has "
            f"{size:,} bytes; export it anew"
        )


def _count_off(head: bytes) -> int:
    """Vertices and faces, the first two numbers after the keyword."""
    text = re.sub(rb"#[^\n]*", b"", head)
    match = re.match(rb"\s*\w*OFF\s+(\d+)\s+(\d+)", text)
    return sum(map(int, match.groups())) if match else 0


def _count_ply(head: bytes) -> int:
    """Elements of all kinds."""
    header = head.split(b"end_header")[0]
    return sum(int(count) for count in re.findall(rb"^element\s+\w+\s+(\d+)", header, flags=re.MULTILINE))
