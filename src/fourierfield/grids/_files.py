"""Write files atomically, and read them with refusals of one line, whatever a decoder raises.

A crash leaves the old file or the new one, never half of one.
"""

from __future__ import annotations

import errno
import io
import math
import os
import tempfile
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np

from ..errors import FourierFieldError, SettingsError, SignalError, TooLargeError
from ._memory import free_memory


def check_writable(path: Path | str) -> Path:
    """Return ``path`` if a file can be made there; raise ``SettingsError`` before any work is done."""
    path = Path(path)
    folder = path.parent
    try:
        os.lstat(f"{path}.checkpoint")  # the longest name of those that are written for it
    except OSError as problem:
        if problem.errno in (errno.ENAMETOOLONG, errno.EINVAL):
            raise SettingsError(f"cannot write {path}: {problem.strerror}; choose a shorter name") from None
    except ValueError:
        raise SettingsError(f"cannot write {str(path)!r}: no file can have this name; choose another") from None
    if path.is_dir():
        raise SettingsError(f"cannot write {path}: it is a folder; name a file in it")
    if path.exists() and not path.is_file():
        raise SettingsError(f"cannot write {path}: it is a device or a pipe; name an ordinary file")
    if not folder.is_dir():
        raise SettingsError(f"cannot write {path}: the folder {folder} does not exist; create it first")
    if not os.access(folder, os.W_OK):
        raise SettingsError(f"cannot write {path}: no permission to write in {folder}; choose another place")
    return path


_OWN = (".safetensors", ".checkpoint", ".html")  # what is written beside a signal and never read as part of it
_PARTNERS = (".hdr", ".cfl", ".img", ".bin", ".mtl")  # files that are read with one of the same name before the ending


def refuse_overwriting(outputs: Mapping[str, Path | str | None], inputs: Iterable[Path | str | None]) -> None:
    """Raise ``SettingsError`` if a file to be written is one that is read: ``outputs`` maps what each is called.

    An input stands for itself, by any name or link; a folder for all files in it; a file for its partners too.
    """
    read = [Path(path) for path in inputs if path is not None and os.path.exists(path)]
    for name, place in outputs.items():
        if place is not None and any(_is_part_of(Path(place), path) for path in read):
            what = f"{name} {place}".strip()
            raise SettingsError(f"{what} would overwrite what is read; choose another name")


def _is_part_of(place: Path, source: Path) -> bool:
    if not place.exists():
        return False
    if place.samefile(source):
        return True
    place, source = place.resolve(), source.resolve()
    if source.is_dir() or source.suffix.lower() == ".json":
        folder = source if source.is_dir() else source.parent
        return folder in place.parents and place.suffix.lower() not in _OWN
    beside = place.parent == source.parent and place.stem.lower() == source.stem.lower()
    return beside and place.suffix.lower() in _PARTNERS


def atomic_write(path: Path | str, content: bytes) -> None:
    """Write ``content`` to ``path``, all of it or nothing. Raises ``SettingsError`` as ``atomic_file`` does."""
    with atomic_file(path) as file:
        file.write(content)


@contextmanager
def atomic_file(path: Path | str) -> Iterator[IO[bytes]]:
    """Open a new file for writing and reading that takes the place of ``path`` if the block ends without an exception.

    Until then it lies beside ``path``; it is flushed to disk before it is renamed, and removed if the block raises.
    Raises ``SettingsError`` if the file cannot be written (no folder, no permission, disk full).
    """
    path = Path(os.path.realpath(check_writable(path)))  # a link stays a link; what it points to is replaced
    temporary = None
    try:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".fourierfield.", suffix=".part")
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
    """Return the mode that an ordinary ``open`` would have set (``mkstemp`` sets 0600)."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def encode_npy(array: np.ndarray) -> bytes:
    """Encode an array as the bytes of a ``.npy`` file."""
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def load_npy(path: Path) -> np.ndarray:
    """Read the array in a ``.npy`` file; its header is checked before anything is allocated."""
    try:
        lazy = np.load(path, mmap_mode="r", allow_pickle=False)
        check_size(path, lazy.shape, 1)
        return np.array(lazy)
    except SignalError:
        raise
    except Exception as problem:  # its header is parsed as Python, with all that this can raise
        reason = "it holds Python objects" if "object" in str(problem).lower() else "it is damaged or cut off"
        raise SignalError(f"{path} cannot be read as .npy: {reason}; save plain numbers with numpy.save") from problem


def refuse_special(path: Path) -> None:
    """Raise ``SignalError`` for a device or a pipe, which cannot be read twice, and may never end."""
    if os.path.exists(path) and not (os.path.isfile(path) or os.path.isdir(path)):
        raise SignalError(f"{path} is a device or a pipe; save its contents to a file, and give that")


def first_bytes(path: Path, count: int) -> bytes:
    """Return the beginning of a file. Raises ``SignalError`` if it is missing, unreadable or empty."""
    refuse_special(path)
    try:
        with open(path, "rb") as file:
            head = file.read(count)
    except FileNotFoundError:
        raise SignalError(f"{path} does not exist; check the name and the folder") from None
    except IsADirectoryError:
        raise SignalError(f"{path} is a folder; name a file in it") from None
    except OSError as problem:
        raise SignalError(f"{path} cannot be read: {problem.strerror}; check its permissions") from problem
    if not head:
        raise SignalError(f"{path} is empty (0 bytes); give a file with data")
    return head


_BYTES_PER_VALUE = 16  # bytes: a value as decoded, as float32, and one working copy of each


def check_size(path: Path, shape: tuple[int, ...], channels: int) -> None:
    """Refuse an empty image, and by its header one too large for memory (a decompression bomb), undecoded."""
    if 0 in shape:
        raise SignalError(f"{path} holds no samples (shape {tuple(shape)}); give a file with data")
    needed = math.prod(shape) * channels * _BYTES_PER_VALUE
    available = free_memory()
    if needed > available // 2:
        size = "×".join(str(n) for n in shape)
        raise TooLargeError(
            f"{path} claims {size} samples of {channels} channels, {needed / 1e9:.1f} GB once decoded, "
            f"and {available / 1e9:.1f} GB are free; crop or shrink it first"
        )


@contextmanager
def decoding(path: Path, what: str) -> Iterator[None]:
    """Turn whatever a decoder raises into one line that names ``what`` ("NIfTI", "png"); silence its warnings."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except FourierFieldError:
        raise
    except MemoryError:
        raise SignalError(f"{path} does not fit in memory; crop or shrink it first") from None
    except Exception as problem:
        reason = " ".join(str(problem).split()) or type(problem).__name__
        raise SignalError(
            f"{path} cannot be decoded as {what}: {reason}; the file may be damaged or cut off"
        ) from problem
