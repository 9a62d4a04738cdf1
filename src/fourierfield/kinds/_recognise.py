"""Recognition: the format of a file or folder, by its content and never by its name."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from pathlib import Path

from ..errors import SignalError
from ._kind import Folder, Format

TEXT = 3  # rank from which formats are text, which no folder consists of
_HEAD = 1024  # bytes: more than any format needs


def recognise_among(path: Path, formats: Iterable[Format]) -> Format | None:
    """Return the first of some formats that a file or folder has, or None for a file of none; its head is read once.

    Raises ``SignalError`` if there is nothing to read, for a folder of no known format, and for HDF5 without a scan.
    """
    if path.is_dir():
        return _of_folder(path, formats)
    from ..grids._files import first_bytes

    return _of_file(path, first_bytes(path, _HEAD), formats)


def _of_file(path: Path, head: bytes, formats: Iterable[Format]) -> Format | None:
    return next((found for found in formats if found.recognises is not None and found.recognises(head, path)), None)


def _of_folder(folder: Path, formats: Iterable[Format]) -> Format:
    try:
        files = sorted(p for p in folder.iterdir() if p.is_file() and not p.name.startswith("."))
    except OSError as problem:
        raise SignalError(f"{folder} cannot be read: {problem.strerror}; check its permissions") from problem
    of_files = [found for found in formats if found.rank < TEXT]
    content = Folder(tuple(files), tuple(_container_of(path, of_files) for path in files))
    for found in sorted(formats, key=attrgetter("folder_rank")):
        if found.of_folder is not None and found.of_folder(content):
            return found
    raise SignalError(
        f"{folder} is a folder without a DICOM series, frames (two pictures or more) or transforms.json; name a file"
    )


def _container_of(path: Path, formats: Iterable[Format]) -> str | None:
    """Return the container of a file in a folder; None for one that is empty or would be refused by itself."""
    with open(path, "rb") as file:
        head = file.read(_HEAD)
    try:
        found = _of_file(path, head, formats) if head else None
    except SignalError:
        return None
    return None if found is None else found.container
