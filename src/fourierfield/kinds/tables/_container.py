"""Read text that may be compressed, and check whether a table fits in memory before it is read.

gzip, xz, bzip2 and zip files of one member are recognised by their content.
"""

from __future__ import annotations

import bz2
import codecs
import gzip
import lzma
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from ...errors import SignalError, TooLargeError
from ...grids._memory import free_memory

_OPENERS: dict[bytes, Callable[[Any], Any]] = {b"\x1f\x8b": gzip.open, b"\xfd7zXZ\0": lzma.open, b"BZh": bz2.open}
_ZIP = b"PK\x03\x04"
_DAMAGE = (EOFError, UnicodeError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, RuntimeError, NotImplementedError)
_PROBE = 1 << 22  # bytes unpacked to estimate the ratio: several of bzip2's blocks, which it unpacks one at a time


@contextmanager
def open_text(path: Path) -> Iterator[IO[bytes]]:
    """Open the unpacked bytes of a file; text in UTF-16, as spreadsheets save it, becomes UTF-8."""
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
    with _unpacked_bytes(file, path) as stream:
        start = stream.read(4)
        stream.seek(0)
        wide = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and start != codecs.BOM_UTF32_LE
        yield codecs.EncodedFile(stream, "utf-8", "utf-16") if wide else stream


@contextmanager
def _unpacked_bytes(file: IO[bytes], path: Path) -> Iterator[IO[bytes]]:
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
    """Return the first ``most`` unpacked bytes, fewer if the file is cut off, and whether that is all there is."""
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
    """Return the bytes of the unpacked text; for large compressed files an estimate from the first few megabytes."""
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


_BYTES_PER_NUMBER = 48  # six copies in float64: as read, joined, without gaps, as coordinates, sorted, merged


def check_rows(rows: int, columns: int, label: str) -> None:
    """Raise ``TooLargeError`` if ``rows`` of ``columns`` numbers take more memory than is free."""
    needed, available = rows * columns * _BYTES_PER_NUMBER, free_memory()
    if needed > available:
        raise TooLargeError(
            f"{label} holds about {rows:,} rows of {columns} chosen columns, which take {needed / 1e9:.1f} GB, but "
            f"only {available / 1e9:.1f} GB are free; choose fewer columns or every tenth row"
        )
