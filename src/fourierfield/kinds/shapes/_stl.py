"""STL files held against what they say of themselves, since trimesh takes the part of a cut-off text for the whole."""

from __future__ import annotations

import re
from pathlib import Path

from ...errors import SignalError

HEADER, TRIANGLE = 84, 50  # bytes of a binary file's header, with the number of triangles at its end, and of each


def is_text(content: bytes) -> bool:
    """Return whether a file is STL as text: it begins with "solid", and names facets within its first 1,000 bytes.

    Many binary files begin with "solid" too, in a header that nobody reads.
    """
    return content[:512].lstrip()[:5].lower() == b"solid" and b"facet" in content[:1024].lower()


def whole_stl(content: bytes, path: Path) -> tuple[bytes, int]:
    """Return a file without what follows its last triangle, and the number of triangles that it should hold.

    Raises ``SignalError`` if it is cut off.
    """
    count = int.from_bytes(content[80:84], "little")
    size = HEADER + TRIANGLE * count
    if len(content) == size:
        return content, count
    if is_text(content):
        return content, _count_text(content.lower(), path)
    if len(content) > size > HEADER:
        return content[:size], count
    held = max(0, len(content) - HEADER) // TRIANGLE
    raise SignalError(
        f"{path} is damaged or cut off: its header counts {count:,} triangles and it holds {held:,}; export it again"
    )


def _count_text(text: bytes, path: Path) -> int:
    """Count the triangles; raise ``SignalError`` if facets or solids have no end, or facets not three corners."""
    begun, corners = (len(re.findall(rb"^\s*" + word + rb"\s", text, re.MULTILINE)) for word in (b"facet", b"vertex"))
    ended = len(re.findall(rb"^\s*endfacet\b", text, re.MULTILINE))
    solids, closed = (len(re.findall(rb"^\s*" + word + rb"\b", text, re.MULTILINE)) for word in (b"solid", b"endsolid"))
    if begun != ended or corners != 3 * begun or solids != closed:
        raise SignalError(
            f"{path} is damaged or cut off: it begins {begun:,} triangles and ends {ended:,}, of {corners:,} corners, "
            f"and begins {solids:,} solids and ends {closed:,}; export it again"
        )
    return begun
