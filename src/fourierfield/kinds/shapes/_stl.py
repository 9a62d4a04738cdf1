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


def whole_stl(content: bytes, path: Path) -> bytes:
    """Return a file without what follows its last triangle. Raises ``SignalError`` if it is cut off."""
    size = HEADER + TRIANGLE * int.from_bytes(content[80:84], "little")
    if len(content) == size:
        return content
    if is_text(content):
        _check_text(content.lower(), path)
        return content
    if len(content) > size > HEADER:
        return content[:size]
    held = max(0, len(content) - HEADER) // TRIANGLE
    raise SignalError(
        f"{path} is damaged or cut off: its header counts {(size - HEADER) // TRIANGLE:,} triangles and it "
        f"holds {held:,}; export it again"
    )


def _check_text(text: bytes, path: Path) -> None:
    """Raise ``SignalError`` if facets or solids have no end, or facets other than three corners."""
    begun, corners = (len(re.findall(rb"^\s*" + word + rb"\s", text, re.MULTILINE)) for word in (b"facet", b"vertex"))
    ended = len(re.findall(rb"^\s*endfacet\b", text, re.MULTILINE))
    solids, closed = (len(re.findall(rb"^\s*" + word + rb"\b", text, re.MULTILINE)) for word in (b"solid", b"endsolid"))
    if begun != ended or corners != 3 * begun or solids != closed:
        raise SignalError(
            f"{path} is damaged or cut off: it begins {begun:,} triangles and ends {ended:,}, of {corners:,} corners, "
            f"and begins {solids:,} solids and ends {closed:,}; export it again"
        )
