"""Writing files so that a crash leaves the old file or the new one, never half of one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ..errors import SettingsError

__all__ = ["atomic_file", "atomic_write", "check_writable"]


def check_writable(path: Path | str) -> Path:
    """Return ``path`` if a file can be made there; raise ``SettingsError`` before any work is done."""
    path = Path(path)
    folder = path.parent
    if path.is_dir():
        raise SettingsError(f"cannot write {path}: it is a folder; name a file in it")
    if path.exists() and not path.is_file():
        raise SettingsError(f"cannot write {path}: it is a device or a pipe; name an ordinary file")
    if not folder.is_dir():
        raise SettingsError(f"cannot write {path}: the folder {folder} does not exist; create it first")
    if not os.access(folder, os.W_OK):
        raise SettingsError(f"cannot write {path}: no permission to write in {folder}; choose another place")
    return path


def atomic_write(path: Path | str, content: bytes) -> None:
    """Write ``content`` to ``path``, all of it or nothing; raises as ``atomic_file`` does."""
    with atomic_file(path) as file:
        file.write(content)


@contextmanager
def atomic_file(path: Path | str) -> Iterator[IO[bytes]]:
    """A new file, open for writing and reading, that takes the place of ``path`` when the block ends well.

    It lies beside ``path`` until then, and is flushed to disk before it is renamed; an exception in the block removes
    it. Raises ``SettingsError`` where the place cannot be written (no folder, no permission, disk full).
    """
    path = Path(os.path.realpath(check_writable(path)))  # a link stays a link; what it points to is replaced
    temporary = None
    try:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
        with os.fdopen(descriptor, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, _file_mode())
        os.replace(temporary, path)
    except OSError as problem:
        raise SettingsError(
            f"cannot write {path}: {problem.strerror or problem}; free space or choose another place"
        ) from problem
    finally:
        if temporary and os.path.exists(temporary):
            os.unlink(temporary)


def _file_mode() -> int:
    """The mode that an ordinary ``open`` would have given (``mkstemp`` gives 0600)."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
