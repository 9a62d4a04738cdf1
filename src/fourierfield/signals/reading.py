"""From a path to a signal: the kind of a file is told by its content, never by its name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..errors import SignalError
from .array_file import read_npy
from .audio import read_audio
from .image import read_image
from .points import PointSignal
from .signal import GridSignal
from .sound_container import is_wave
from .tables import looks_like_table, read_table

__all__ = ["KINDS", "Columns", "read_any", "read_signal"]

KINDS = ("image", "audio", "series")
_READABLE = "PNG, JPEG, TIFF, WebP, BMP, GIF, WAV, FLAC, Ogg, .npy, and tables (CSV, TSV, Parquet)"
_AUDIO = ("wav", "flac", "ogg")
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
    b"fLaC": "flac",
    b"OggS": "ogg",
}


@dataclass(frozen=True)
class Columns:
    """Which columns of a table are coordinates and which are values, by name or number from 1; None leaves the choice
    to the table."""

    inputs: tuple[str, ...] | None = None
    outputs: tuple[str, ...] | None = None


def read_any(path: Path | str, kind: str | None = None, columns: Columns | None = None) -> GridSignal | PointSignal:
    """As ``read_signal``, tables of points too (``kind`` "table"), of which ``columns`` are read.

    Raises ``SignalError`` where columns are named for a file that is no table.
    """
    path = Path(path)
    if kind not in (None, "table", *KINDS):
        raise SignalError(f"--as {kind} is not a kind of signal that can be read; use {', '.join(KINDS)} or table")
    table = kind == "table"
    if kind is None:
        head = _first_bytes(path, 16)
        table = _recognise(head) is None and looks_like_table(path, head)
    if table:
        _first_bytes(path, 16)
        columns = columns or Columns()
        return read_table(path, columns.inputs, columns.outputs)
    if columns is not None and (columns.inputs or columns.outputs):
        raise SignalError(f"{path} is no table; leave --inputs and --outputs out")
    return read_signal(path, kind)


def read_signal(path: Path | str, kind: str | None = None) -> GridSignal:
    """Read the signal on a grid that a file holds.

    ``kind`` overrides the recognition: "image", "audio" (any file that libsndfile reads), or "series" (a ``.npy`` of
    n samples of C channels). Raises ``SignalError`` where the file is missing, empty, damaged, of an unknown kind, or
    holds values that cannot be fitted.
    """
    path = Path(path)
    if kind is not None and kind not in KINDS:
        raise SignalError(f"--as {kind} is not a kind of signal that can be read; use {' or '.join(KINDS)}")
    head = _first_bytes(path, 16)
    container = _recognise(head)
    if kind == "audio" and container == "npy":
        raise SignalError(f"{path} holds no sampling rate, so it is no audio; leave --as out, or write a WAV file")
    if container in _AUDIO or kind == "audio":
        _refuse_other(path, container, kind, "audio")
        return read_audio(path)
    if container == "npy":
        return read_npy(path, kind)
    if container is None and looks_like_table(path, head):
        raise SignalError(f"{path} is a table of points; fit takes it, what needs samples on a grid does not")
    if container is None:
        raise SignalError(f"{path} is not a file of a known kind (by its content); fourierfield reads {_READABLE}")
    _refuse_other(path, container, kind, "image")
    return read_image(path, container)


def _refuse_other(path: Path, container: str | None, wanted: str | None, kind: str) -> None:
    if wanted not in (None, kind):
        raise SignalError(f"{path} is {container}, which holds {kind}; leave --as {wanted} out")


def _recognise(head: bytes) -> str | None:
    """The container of a file, by its first bytes."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if is_wave(head):
        return "wav"
    return next((container for magic, container in _MAGIC.items() if head.startswith(magic)), None)


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
