"""From a path to a signal: the kind of a file is told by its content, never by its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..errors import SignalError
from .arrays import read_npy
from .audio import read_audio
from .image import read_image
from .meshes.reading import read_mesh
from .meshes.signal import MeshSignal
from .points import PointSignal
from .recognise import KIND_OF, first_bytes, recognise
from .signal import GridSignal
from .tables import looks_like_table, read_table
from .views import ViewsSignal
from .views.container import read_npz
from .views.transforms import read_transforms
from .volumes import read_pages, read_video_file, read_volume_file

__all__ = ["KINDS", "OFF_GRID", "Columns", "Signal", "read_any", "read_signal"]

Signal = GridSignal | PointSignal | MeshSignal | ViewsSignal
KINDS = ("image", "audio", "series", "volume", "video")
OFF_GRID = ("mesh", "views", "table")
_READABLE = (
    "PNG, JPEG, TIFF, WebP, BMP, GIF, WAV, FLAC, Ogg, NIfTI, DICOM, MP4, Matroska, AVI, .npy, meshes (OBJ, "
    "PLY, STL, OFF, GLB), posed pictures (transforms.json, .npz) and tables (CSV, TSV, Parquet)"
)
_WANTED = {
    "mesh": "mesh (by its content); give OBJ, PLY, STL, OFF or GLB",
    "views": "posed pictures; give a transforms.json, its folder, or an .npz of images, poses and focal",
}
_VIEWS: dict[str, Callable[[Path], ViewsSignal]] = {"npz": read_npz, "transforms": read_transforms}


@dataclass(frozen=True)
class Columns:
    """Which columns of a table are coordinates and which are values, by name or number from 1; None leaves the choice
    to the table."""

    inputs: tuple[str, ...] | None = None
    outputs: tuple[str, ...] | None = None


def read_any(path: Path | str, kind: str | None = None, columns: Columns | None = None) -> Signal:
    """As ``read_signal``, and what lies on no grid too: tables of points (``kind`` "table"), of which ``columns`` are
    read, surfaces ("mesh") and posed pictures ("views").

    Raises ``SignalError`` where columns are named for a file that is no table.
    """
    path = Path(path)
    if kind not in (None, *KINDS, *OFF_GRID):
        known = ", ".join((*KINDS, *OFF_GRID[:-1]))
        raise SignalError(f"--as {kind} is not a kind of signal that can be read; use {known} or {OFF_GRID[-1]}")
    if kind == "table" or (kind is None and _is_table(path)):
        first_bytes(path, 1)
        columns = columns or Columns()
        return read_table(path, columns.inputs, columns.outputs)
    if columns is not None and (columns.inputs or columns.outputs):
        raise SignalError(f"{path} is no table; leave --inputs and --outputs out")
    container = recognise(path)
    held = KIND_OF.get(container or "")
    if kind in OFF_GRID and held != kind:
        raise SignalError(f"{path} holds no {_WANTED[kind]}")
    if held in OFF_GRID and kind in (None, held):
        return read_mesh(path, str(container)) if held == "mesh" else _VIEWS[str(container)](path)
    return read_signal(path, kind)


def _is_table(path: Path) -> bool:
    return recognise(path) is None and looks_like_table(path, first_bytes(path, 16))


def read_signal(path: Path | str, kind: str | None = None) -> GridSignal:
    """Read the signal on a grid that a file holds.

    ``kind`` overrides the recognition: "image", "audio" (any file that libsndfile reads), "series" (a ``.npy`` of n
    samples of C channels), "volume" or "video" (a ``.npy`` of three or four axes). Raises ``SignalError`` where the
    file is missing, empty, damaged, of an unknown kind, or holds values that cannot be fitted.
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
    pages = None if container is None else read_pages(path, container)
    held = held if pages is None else pages.kind
    if kind not in (None, held):
        raise SignalError(f"{path} is {container}, which holds {held}; leave --as {kind} out")
    return pages or _read(path, held, str(container))


def _read(path: Path, held: str, container: str) -> GridSignal:
    if held == "audio":
        return read_audio(path)
    readers = {"image": read_image, "volume": read_volume_file, "video": read_video_file}
    if held not in readers:
        raise SignalError(f"{path} holds no samples on a grid ({held}); fit takes it, other commands need a grid")
    return readers[held](path, container)
