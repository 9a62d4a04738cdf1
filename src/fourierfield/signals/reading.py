"""From a path to a signal: the kind of a file is told by its content, never by its name."""

from __future__ import annotations

from pathlib import Path

from ..errors import SignalError
from .array_file import read_npy
from .image import read_image
from .signal import GridSignal

__all__ = ["KINDS", "read_signal"]

KINDS = ("image",)
_READABLE = "PNG, JPEG, TIFF, WebP, BMP, GIF and .npy"
_MAGIC = {
    b"\x89PNG\r\n\x1a\n": "png",
    b"\xff\xd8\xff": "jpeg",
    b"II*\x00": "tiff",
    b"MM\x00*": "tiff",
    b"II+\x00": "tiff",
    b"MM\x00+": "tiff",
    b"GIF8": "gif",
    b"BM": "bmp",
    b"\x93NUMPY": "npy",
}


def read_signal(path: Path | str, kind: str | None = None) -> GridSignal:
    """Read the signal that a file holds.

    ``kind`` overrides the recognition ("image"). Raises ``SignalError`` where the file is missing, empty,
    damaged, of an unknown kind, or holds values that cannot be fitted.
    """
    path = Path(path)
    if kind is not None and kind not in KINDS:
        raise SignalError(f"--as {kind} is not a kind of signal that can be read; use {' or '.join(KINDS)}")
    container = _recognise(path)
    return read_npy(path) if container == "npy" else read_image(path, container)


def _recognise(path: Path) -> str:
    head = _first_bytes(path, 16)
    for magic, container in _MAGIC.items():
        if head.startswith(magic):
            return container
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    raise SignalError(f"{path} is not a file of a known kind (by its content); fourierfield reads {_READABLE}")


def _first_bytes(path: Path, count: int) -> bytes:
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
