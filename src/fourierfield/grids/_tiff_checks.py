"""What a TIFF promises against what it holds: a cut-off file is refused, never read in part."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

from ..errors import SignalError


def refuse_files_elsewhere(file: Any, path: Path) -> None:
    """Raise ``SignalError`` if OME's metadata place pages in a file of another folder, which tifffile would read."""
    for name in re.findall(r'\bFileName="([^"]*)"', file.ome_metadata or ""):
        if "/" in name or "\\" in name:
            raise SignalError(
                f"{path} refers to {name}, which is outside its folder; put all its files into one folder"
            )


def refuse_incomplete(file: Any, path: Path, series: list[Any]) -> None:
    """Raise ``SignalError`` unless a file holds all samples of all pages that its header and its metadata state."""
    _refuse_cut_off(file, path)
    held = sum(math.prod(one.shape) for one in series)
    promised = _promised(file.pages.first, file)
    absent = sum(page is None for one in series for page in one.pages)
    if absent or held < promised:
        size = max(1, math.prod(file.pages.first.shape))
        pages = max(promised, held) // size
        raise SignalError(
            f"{path} is not whole: its header promises {pages:,} pages, and it holds "
            f"{(held // size) - absent:,}; give the whole file"
        )


def _refuse_cut_off(file: Any, path: Path) -> None:
    size = file.filehandle.size
    pages = len(file.pages)
    for number, page in enumerate(file.pages):
        ends = [at + count for at, count in zip(page.dataoffsets, page.databytecounts, strict=False)]
        if ends and max(ends) > size:
            raise SignalError(
                f"{path} is cut off: page {number + 1} of {pages} should end at byte {max(ends):,}, and the "
                f"file has {size:,}; give the whole file"
            )
    tags_end, _ = _directory(file, file.pages[0].offset)
    _, following = _directory(file, file.pages[-1].offset)
    if tags_end > size or following >= size:
        raise SignalError(
            f"{path} is cut off: it refers to byte {max(tags_end, following):,}, and the file has {size:,}; give the "
            "whole file"
        )


_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
"""The size of each type of value (TIFF 6.0, section 2; BigTIFF)."""


def _directory(file: Any, offset: int) -> tuple[int, int]:
    """Return the last byte to which the tags of a directory refer, and where the next directory should begin."""
    layout, handle = file.tiff, file.filehandle
    order = "little" if layout.byteorder == "<" else "big"

    def number(content: bytes) -> int:
        return int.from_bytes(content, order)  # type: ignore[arg-type]

    handle.seek(offset)
    entries = handle.read(layout.tagsize * number(handle.read(layout.tagnosize)))
    following = number(handle.read(layout.offsetsize))
    last = 0
    for at in range(0, len(entries), layout.tagsize):
        kind, count = number(entries[at + 2 : at + 4]), number(entries[at + 4 : at + 4 + layout.offsetsize])
        length = _BYTES.get(kind, 0) * count
        if length > layout.offsetsize:
            value = entries[at + 4 + layout.offsetsize : at + layout.tagsize]
            last = max(last, number(value) + length)
    return last, following


def _promised(page: Any, file: Any) -> int:
    """Return the number of samples that the metadata of ImageJ, OME or tifffile state; 0 without any."""
    if file.ome_metadata:
        return sum(map(_ome_samples, re.findall(r"<(?:\w+:)?Pixels\b[^>]*>", file.ome_metadata)))
    if file.imagej_metadata:
        images = int(file.imagej_metadata.get("images", 1))
        return images * int(page.imagelength) * int(page.imagewidth)
    described = str(page.description)
    if not described.startswith('{"shape":'):
        return 0
    return math.prod(int(n) for n in json.loads(described)["shape"])


def _ome_samples(pixels: str) -> int:
    extents = (re.search(rf'\bSize{axis}="(\d+)"', pixels) for axis in "XYZCT")
    return math.prod(int(found[1]) for found in extents if found)
