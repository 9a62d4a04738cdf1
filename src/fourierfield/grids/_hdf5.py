"""Open HDF5 files, and refuse those whose content lies in other files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..errors import SignalError

_MOST = 10_000  # objects: a file of a scan holds dozens


@contextmanager
def opened_hdf5(path: Path) -> Iterator[Any]:
    """Open a file for reading; raise ``SignalError`` if a part of it leads to another file, which may be any file."""
    import h5py

    with h5py.File(path, "r") as file:
        _refuse_other_files(file, path)
        yield file


def _refuse_other_files(file: Any, path: Path) -> None:
    import h5py

    groups, seen = [file], 0
    visited = set()
    while groups:
        group = groups.pop()
        for name in group:
            seen += 1
            if seen > _MOST:
                raise SignalError(f"{path} holds more than {_MOST:,} objects; export its scan to a file of its own")
            link = group.get(name, getlink=True)
            if isinstance(link, h5py.ExternalLink):
                raise _outside(path, f"{group.name}/{name}")
            held = None if isinstance(link, h5py.SoftLink) else group.get(name)
            if isinstance(held, h5py.Dataset) and _lies_outside(held):
                raise _outside(path, held.name)
            if isinstance(held, h5py.Group) and h5py.h5o.get_info(held.id).addr not in visited:
                visited.add(h5py.h5o.get_info(held.id).addr)
                groups.append(held)


def _lies_outside(dataset: Any) -> bool:
    if dataset.external:
        return True
    return bool(dataset.is_virtual) and any(source.file_name != "." for source in dataset.virtual_sources())


def _outside(path: Path, name: str) -> SignalError:
    return SignalError(
        f"{path}: {name.replace('//', '/')} lies in another file, which is not read; copy its data into this one "
        "(h5repack does)"
    )
