"""From a path to a signal: the kind of a file is told by its content, never by its name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..errors import SignalError
from .array_file import read_npy
from .audio import read_audio
from .image import read_image
from .points import PointSignal
from .recognise import KIND_OF, first_bytes, recognise
from .signal import GridSignal
from .tables import looks_like_table, read_table
from .views import ViewsSignal
from .views.container import read_npz
from .views.transforms import read_transforms

__all__ = ["KINDS", "Columns", "Signal", "read_any", "read_signal"]

Signal = GridSignal | PointSignal | ViewsSignal
KINDS = ("image", "audio", "series")
_READABLE = (
    "PNG, JPEG, TIFF, WebP, BMP, GIF, WAV, FLAC, Ogg, .npy, "
    "tables (CSV, TSV, Parquet), and posed pictures (transforms.json, .npz)"
)


@dataclass(frozen=True)
class Columns:
    """Which columns of a table are coordinates and which are values, by name or number from 1; None leaves the choice
    to the table."""

    inputs: tuple[str, ...] | None = None
    outputs: tuple[str, ...] | None = None


def read_any(path: Path | str, kind: str | None = None, columns: Columns | None = None) -> Signal:
    """As ``read_signal``, and what lies on no grid too: tables of points (``kind`` "table"), of which ``columns`` are
    read, and posed pictures ("views").

    Raises ``SignalError`` where columns are named for a file that is no table.
    """
    path = Path(path)
    if kind not in (None, "table", "views", *KINDS):
        raise SignalError(
            f"--as {kind} is not a kind of signal that can be read; use {', '.join(KINDS)}, views or table"
        )
    if kind == "table" or (kind is None and _is_table(path)):
        first_bytes(path, 1)
        columns = columns or Columns()
        return read_table(path, columns.inputs, columns.outputs)
    if columns is not None and (columns.inputs or columns.outputs):
        raise SignalError(f"{path} is no table; leave --inputs and --outputs out")
    if kind == "views" or (kind is None and _holds_views(path)):
        return _read_views(path)
    return read_signal(path, kind)


def _holds_views(path: Path) -> bool:
    return KIND_OF.get(recognise(path) or "") == "views"


def _read_views(path: Path) -> ViewsSignal:
    readers = {"npz": read_npz, "transforms": read_transforms}
    container = recognise(path)
    if container not in readers:
        raise SignalError(
            f"{path} holds no posed pictures; give a transforms.json, its folder, or an .npz of images, poses and focal"
        )
    return readers[container](path)


def _is_table(path: Path) -> bool:
    return recognise(path) is None and looks_like_table(path, first_bytes(path, 16))


def read_signal(path: Path | str, kind: str | None = None) -> GridSignal:
    """Read the signal on a grid that a file holds.

    ``kind`` overrides the recognition: "image", "audio" (any file that libsndfile reads), or "series" (a ``.npy`` of
    n samples of C channels). Raises ``SignalError`` where the file is missing, empty, damaged, of an unknown kind, or
    holds values that cannot be fitted.
    """
    path = Path(path)
    if kind is not None and kind not in KINDS:
        raise SignalError(f"--as {kind} is not a kind of signal that can be read; use {' or '.join(KINDS)}")
    container = recognise(path)
    if kind == "audio" and container == "npy":
        raise SignalError(f"{path} holds no sampling rate, so it is no audio; leave --as out, or write a WAV file")
    if container == "npy":
        return read_npy(path, kind)
    if container is None and kind != "audio":
        if looks_like_table(path, first_bytes(path, 16)):
            raise SignalError(f"{path} is a table of points; fit takes it, what needs samples on a grid does not")
        raise SignalError(f"{path} is not a file of a known kind (by its content); fourierfield reads {_READABLE}")
    held = "audio" if kind == "audio" or container is None else KIND_OF[container]
    if kind not in (None, held):
        raise SignalError(f"{path} is {container}, which holds {held}; leave --as {kind} out")
    if held == "audio":
        return read_audio(path)
    if held == "image":
        assert container is not None
        return read_image(path, container)
    if held == "views":
        raise SignalError(f"{path} holds posed pictures; fit takes them, what needs samples on a grid does not")
    raise SignalError(f"{path} holds {held}, which fourierfield does not read yet")
