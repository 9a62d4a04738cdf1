"""The registry of kinds of signal, and recognition of files by content; a new kind is one name here."""

from __future__ import annotations

import os
from collections.abc import Iterable
from importlib import import_module
from operator import attrgetter
from pathlib import Path

from ..errors import SignalError
from ._kind import Folder, Format, Kind, starts

WINGS = ("images", "audio", "volumes", "shapes", "views", "scans", "tables")
"""The folders of this package that declare kinds, in the ``KINDS`` of their ``_kind.py``."""

TEXT = 3  # rank from which formats are text, which no folder consists of
_HEAD = 1024  # bytes: more than any format needs

KINDS: dict[str, Kind] = {
    kind.name: kind for wing in WINGS for kind in import_module(f".{wing}._kind", __package__).KINDS
}


def _kind_of_array(path: Path) -> str:
    from ..grids._arrays import kind_of_npy

    return kind_of_npy(path)


ARRAYS = (
    Format("npy", ".npy", starts(b"\x93NUMPY"), (".npy",), holds=_kind_of_array),
    Format("mat", ".mat", starts(b"MATLAB 5.0 MAT-file", b"MATLAB 7.3"), (".mat",), holds=lambda path: ""),
)
"""Formats of numbers, which may hold several kinds of signal."""


def formats() -> list[Format]:
    """Return all formats, in the order in which they are asked for."""
    listed = (found for kind in KINDS.values() for found in kind.formats)
    return sorted((*listed, *ARRAYS), key=attrgetter("rank"))


def _lister(found: Format) -> Kind:
    return next(kind for kind in KINDS.values() if found in kind.formats)


def recognise(path: Path) -> Format | None:
    """Return the format of a file or folder by its content, or None for a file of no known format."""
    if os.path.isdir(path):  # which does not raise for names that no file can have
        return _of_folder(path, formats())
    from ..grids._files import first_bytes

    return _of_file(path, first_bytes(path, _HEAD), formats())


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


def kind_held(path: Path, found: Format) -> str:
    """Return the name of the kind that a file of a format holds; the empty string if ``--as`` must tell."""
    return found.holds(path) if found.holds is not None else _lister(found).name


def described_file(path: Path) -> str | None:
    """Return what a file is in words, "a picture (PNG)" or "an MRI scan (ISMRMRD)", or None if that is not known."""
    try:
        found = recognise(path)
    except (SignalError, OSError):
        return None
    return None if found is None else in_words(path, found)


def in_words(path: Path, found: Format) -> str:
    """Return what a file of a format is, in words."""
    if found in ARRAYS:
        return {"npy": "a NumPy array", "mat": "a MATLAB file"}[found.container]
    return f"{KINDS[kind_held(path, found)].noun} ({found.title})"


def titles_for(kind: Kind) -> str:
    """Return the formats that a kind can be read from, those of other kinds included, joined by commas."""
    titles = {found.container: found.title for found in formats()}
    return ", ".join(titles[container] for container in kind.containers)


def readable() -> str:
    """Return the kinds that can be read with their formats, for help texts."""
    return "; ".join(f"{kind.plural} ({kind.titles})" for kind in KINDS.values() if kind.formats) + "; .npy"


def either(words: Iterable[str]) -> str:
    """Join alternatives as a sentence lists them.

    >>> either(["a", "b", "c"])
    'a, b or c'
    """
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last
