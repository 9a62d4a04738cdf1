"""Whether a sound file is whole: libsndfile reads as much as is left of one that was cut off, and says nothing."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from ..errors import SignalError

__all__ = ["check_whole", "is_wave"]

_WAVE = (b"RIFF", b"RIFX", b"RF64")
_UNSTATED = 0x7FFF0000  # a size from here on, in a shorter file, was written to a pipe before the length was known
_PAGE_HEADER = 27  # bytes of an Ogg page before its table of segments
_LARGEST_PAGE = _PAGE_HEADER + 255 + 255 * 255
_LAST_PAGE = 4  # flag


def is_wave(head: bytes) -> bool:
    """Whether a file that begins with ``head`` is a WAV file of any flavour."""
    return head[:4] in _WAVE and head[8:12] == b"WAVE"


def check_whole(path: Path) -> None:
    """Raise ``SignalError`` if a WAV or Ogg file ends before its own structure does. FLAC notices by itself."""
    size = os.path.getsize(path)
    with open(path, "rb") as file:
        head = file.read(12)
        if is_wave(head):
            missing = _missing_of_wave(file, head, size)
            if missing:
                raise SignalError(f"{path} is cut off: {missing:,} bytes of samples are missing; give the whole file")
        elif head[:4] == b"OggS" and not _ogg_ends(file, size):
            raise SignalError(f"{path} is cut off: its last Ogg page is missing; give the whole file")


def _missing_of_wave(file: IO[bytes], head: bytes, size: int) -> int:
    """Bytes that the data chunk promises beyond the end of the file."""
    order = ">" if head[:4] == b"RIFX" else "<"
    long_size = None
    for name, length, start in _chunks(file, order):
        if name == b"ds64":  # RF64 keeps sizes beyond 32 bits here
            long_size = struct.unpack("<8xQ", file.read(16).ljust(16, b"\0"))[0]
        if name == b"data":
            promised = long_size if length == 0xFFFFFFFF and long_size is not None else length
            missing = start + promised - size
            return 0 if promised == length >= _UNSTATED else max(0, missing)
    return 0


def _chunks(file: IO[bytes], order: str) -> Iterator[tuple[bytes, int, int]]:
    """Name, length and place of each chunk, up to the end of the file."""
    start = 12
    while True:
        file.seek(start)
        header = file.read(8)
        if len(header) < 8:
            return
        name, length = struct.unpack(f"{order}4sI", header)
        yield name, length, start + 8
        start += 8 + length + length % 2


def _ogg_ends(file: IO[bytes], size: int) -> bool:
    """Whether the file ends in a whole page that is marked as the last one."""
    file.seek(max(0, size - _LARGEST_PAGE))
    tail = file.read()
    page = tail[max(0, tail.rfind(b"OggS")) :]
    if len(page) < _PAGE_HEADER:
        return False
    segments = page[_PAGE_HEADER : _PAGE_HEADER + page[26]]
    return bool(page[5] & _LAST_PAGE) and len(page) >= _PAGE_HEADER + page[26] + sum(segments)
