"""Text that may be compressed: gzip, xz, bzip2 or a zip file of one member, told by content."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from ...errors import SignalError

__all__ = ["head_of", "open_text", "unpacked_bytes"]

_OPENERS: dict[bytes, Callable[[Any], Any]] = {b"\x1f\x8b": gzip.open, b"\xfd7zXZ\0": lzma.open, b"BZh": bz2.open}
_ZIP = b"PK\x03\x04"
_DAMAGE = (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, RuntimeError, NotImplementedError)
_PROBE = 1 << 22  # several of bzip2's blocks, of which it unpacks a whole one at a time


@contextmanager
def open_text(path: Path) -> Iterator[IO[bytes]]:
    """The unpacked bytes of a file; what is missing, unreadable or damaged raises ``SignalError``, then or later."""
    with _one_line_errors(path), open(path, "rb") as file, _unpacked(file, path) as stream:
        yield stream


@contextmanager
def _one_line_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise SignalError(f"{path} does not exist; check the name and the folder") from None
    except IsADirectoryError:
        raise SignalError(f"{path} is a folder; name a file in it") from None
    except PermissionError as problem:
        raise SignalError(f"{path} cannot be read: {problem.strerror}; check its permissions") from problem
    except (OSError, *_DAMAGE) as problem:
        reason = " ".join(str(problem).split()).rstrip(".")
        raise SignalError(f"{path} cannot be unpacked: {reason}; it is damaged, cut off or encrypted") from problem


@contextmanager
def _unpacked(file: IO[bytes], path: Path) -> Iterator[IO[bytes]]:
    magic = file.read(6)
    file.seek(0)
    if magic.startswith(_ZIP):
        with zipfile.ZipFile(file) as archive, archive.open(_only_member(archive, path)) as stream:
            yield stream
        return
    opener = next((opener for start, opener in _OPENERS.items() if magic.startswith(start)), None)
    if opener is None:
        yield file
        return
    with opener(file) as stream:
        yield stream


def _only_member(archive: zipfile.ZipFile, path: Path) -> zipfile.ZipInfo:
    members = [
        info for info in archive.infolist() if not info.is_dir() and not info.filename.startswith(("__MACOSX/", "."))
    ]
    if len(members) != 1:
        raise SignalError(
            f"{path} is a zip archive of {len(members)} files; give a table by itself (save a spreadsheet as CSV)"
        )
    return members[0]


def head_of(path: Path, most: int) -> tuple[bytes, bool]:
    """The first ``most`` unpacked bytes, or fewer where the file is cut off, and whether that is all there is."""
    pieces: list[bytes] = []
    with _one_line_errors(path), open(path, "rb") as file, _unpacked(file, path) as stream:
        while (left := most + 1 - sum(map(len, pieces))) > 0:
            try:
                piece = stream.read(min(left, 4096))
            except (OSError, *_DAMAGE):
                if not pieces:
                    raise
                break
            if not piece:
                break
            pieces.append(piece)
    content = b"".join(pieces)
    return content[:most], len(content) <= most


def unpacked_bytes(path: Path) -> int:
    """Bytes of the unpacked text: exact for plain and zip files and small ones, else by the ratio of the beginning."""
    size = os.path.getsize(path)
    with _one_line_errors(path), open(path, "rb", buffering=0) as file, _unpacked(file, path) as stream:
        if stream is file:
            return size
        if isinstance(stream, zipfile.ZipExtFile):
            return _member_size(path)
        probe = len(stream.read(_PROBE))
        return probe if probe < _PROBE else int(probe * size / max(1, file.tell()))


def _member_size(path: Path) -> int:
    with zipfile.ZipFile(path) as archive:
        return _only_member(archive, path).file_size
