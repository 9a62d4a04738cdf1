"""From a path to a signal: the kind of a file is told by its content, never by its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..errors import SettingsError, SignalError
from .arrays import read_npy
from .audio import read_audio
from .image import read_image
from .meshes.reading import read_mesh
from .meshes.signal import MeshSignal
from .points import PointSignal
from .recognise import KIND_OF, first_bytes, recognise
from .scans import KSpaceSignal, ScanOptions, SinogramSignal, holds_complex, read_ct, read_mri, simulate
from .signal import GridSignal
from .tables import looks_like_table, read_table
from .views import ViewsSignal
from .views.container import read_npz
from .views.transforms import read_transforms
from .volumes import read_pages, read_video_file, read_volume_file

__all__ = ["KINDS", "OFF_GRID", "Columns", "Signal", "kind_to_scan", "read_any", "read_grid_or_scan", "read_signal"]

Signal = GridSignal | PointSignal | MeshSignal | ViewsSignal | SinogramSignal | KSpaceSignal
KINDS = ("image", "audio", "series", "volume", "video")
OFF_GRID = ("mesh", "views", "ct", "mri", "table")
_READABLE = (
    "PNG, JPEG, TIFF, WebP, BMP, GIF, WAV, FLAC, Ogg, NIfTI, DICOM, MP4, Matroska, AVI, .npy, meshes (OBJ, "
    "PLY, STL, OFF, GLB), posed pictures (transforms.json, .npz), scans (Data Exchange, fastMRI, ISMRMRD, BART, .mat) "
    "and tables (CSV, TSV, Parquet)"
)
_WANTED = {
    "mesh": "mesh (by its content); give OBJ, PLY, STL, OFF or GLB",
    "views": "posed pictures; give a transforms.json, its folder, or an .npz of images, poses and focal",
    "ct": "CT scan; give Data Exchange HDF5, or line integrals as .npy, .mat or TIFF (--simulate ct:20 makes one)",
    "mri": "MRI scan; give fastMRI, ISMRMRD, BART's .cfl, or k-space as .npy or .mat (--simulate mri:0.125 makes one)",
}
_ARRAYS = ("npy", "tiff", "mat")  # which may hold a scan of either kind, or none
_VIEWS: dict[str, Callable[[Path], ViewsSignal]] = {"npz": read_npz, "transforms": read_transforms}


@dataclass(frozen=True)
class Columns:
    """Which columns of a table are coordinates and which are values, by name or number from 1; None leaves the choice
    to the table."""

    inputs: tuple[str, ...] | None = None
    outputs: tuple[str, ...] | None = None


def read_any(
    path: Path | str, kind: str | None = None, columns: Columns | None = None, scan: ScanOptions | None = None
) -> Signal:
    """As ``read_signal``, and what lies on no grid too: tables of points (``kind`` "table"), of which ``columns`` are
    read, surfaces ("mesh"), posed pictures ("views"), and scans ("ct", "mri"), of which ``scan`` says what their file
    does not, or that they are to be simulated of an image or volume.

    Raises ``SignalError`` where columns are named for a file that is no table, ``SettingsError`` where ``scan`` says
    something of one that is no scan.
    """
    path = Path(path)
    scan = scan or ScanOptions()
    if kind not in (None, *KINDS, *OFF_GRID):
        known = ", ".join((*KINDS, *OFF_GRID[:-1]))
        raise SignalError(f"--as {kind} is not a kind of signal that can be read; use {known} or {OFF_GRID[-1]}")
    if scan.simulation is not None:
        return simulate(read_signal(path, kind_to_scan(kind, scan)), scan)
    scanned = _scan_kind(path, kind)
    if scanned is None and kind in ("ct", "mri"):
        raise SignalError(f"{path} holds no {_WANTED[kind]}")
    scan.refuse_others(scanned)
    if kind == "table" or (kind is None and _is_table(path)):
        first_bytes(path, 1)
        columns = columns or Columns()
        return read_table(path, columns.inputs, columns.outputs)
    if columns is not None and (columns.inputs or columns.outputs):
        raise SignalError(f"{path} is no table; leave --inputs and --outputs out")
    container = recognise(path)
    if scanned is not None:
        return (read_ct if scanned == "ct" else read_mri)(path, str(container), scan)
    held = KIND_OF.get(container or "")
    if kind in OFF_GRID and held != kind:
        raise SignalError(f"{path} holds no {_WANTED[kind]}")
    if held in OFF_GRID and kind in (None, held):
        return read_mesh(path, str(container)) if held == "mesh" else _VIEWS[str(container)](path)
    return read_signal(path, kind)


def read_grid_or_scan(
    path: Path | str, kind: str | None = None, scan: ScanOptions | None = None
) -> GridSignal | SinogramSignal | KSpaceSignal:
    """As ``read_signal``, and scans (``kind`` "ct", "mri") or simulated ones, as ``read_any``."""
    path, scan = Path(path), scan or ScanOptions()
    if scan.simulation is not None or kind in ("ct", "mri") or _scan_kind(path, kind) is not None:
        found = read_any(path, kind, None, scan)
        assert isinstance(found, SinogramSignal | KSpaceSignal)
        return found
    scan.refuse_others(None)
    return read_signal(path, kind)


def kind_to_scan(kind: str | None, scan: ScanOptions) -> str | None:
    """What the file of an image or volume is to be read as, before it is scanned."""
    simulation = scan.simulation
    if kind in ("ct", "mri") and simulation is not None and kind != simulation.kind:
        raise SettingsError(f"--as {kind} does not go with --simulate {scan.simulate}; leave one of them out")
    return None if kind in ("ct", "mri") else kind


def _scan_kind(path: Path, kind: str | None) -> str | None:
    """Of which kind the scan in a file is, None where it is none or is to be read as something else."""
    if kind not in (None, "ct", "mri"):
        return None
    container = recognise(path)
    held = KIND_OF.get(container or "")
    if kind is None and held == "scan":
        raise SignalError(f"{path} is a MATLAB file, which may hold a CT or an MRI scan; add --as ct or --as mri")
    if kind is None and container == "npy" and holds_complex(path):
        return "mri"
    known = held in ("ct", "mri") and kind in (None, held)
    return held if known else kind if container in _ARRAYS else None


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
