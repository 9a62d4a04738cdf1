"""What a file or a folder holds, told by its content and never by its name."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

from ..errors import SignalError
from .scans.cfl import is_cfl
from .scans.hdf5 import hdf5_container
from .sound_container import is_wave

__all__ = ["KIND_OF", "first_bytes", "recognise"]

KIND_OF = {
    **dict.fromkeys(("png", "jpeg", "tiff", "webp", "bmp", "gif"), "image"),
    **dict.fromkeys(("wav", "flac", "ogg"), "audio"),
    **dict.fromkeys(("nifti", "dicom"), "volume"),
    **dict.fromkeys(("mp4", "matroska", "avi", "frames"), "video"),
    **dict.fromkeys(("obj", "off", "ply", "stl", "glb"), "mesh"),
    **dict.fromkeys(("npz", "transforms"), "views"),
    "exchange": "ct",
    **dict.fromkeys(("fastmri", "ismrmrd", "cfl"), "mri"),
    "mat": "scan",
}
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
    b"ply\n": "ply",
    b"ply\r": "ply",
    b"glTF": "glb",
    b"\x1a\x45\xdf\xa3": "matroska",
    b"\x89HDF\r\n\x1a\n": "hdf5",
    b"MATLAB 5.0 MAT-file": "mat",
    b"MATLAB 7.3": "mat",
}
_HEAD = 1024
_NIFTI_1, _NIFTI_2 = 348, 540  # bytes of their headers, which they begin with
_OFF = re.compile(rb"(ST)?(C)?(N)?(4)?n?OFF(\s|$)")
_OBJ = re.compile(rb"(?:\s*(?:#[^\n]*)?\n)*\s*(?:v|vn|vt|vp|f|o|g|s|mtllib|usemtl)[ \t]")
_PICTURES = ("png", "jpeg", "tiff", "webp", "bmp")


def recognise(path: Path) -> str | None:
    """The container of a file ("png", "nifti", "obj", …) or of a folder ("dicom", "frames", "transforms"); None for
    text that may be a table and for what is not known. Raises ``SignalError`` where there is nothing to read, and for
    HDF5 that holds no scan."""
    if path.is_dir():
        return _of_folder(path)
    head = first_bytes(path, _HEAD)
    if is_cfl(path):
        return "cfl"
    container = _of_file(path, head)
    return hdf5_container(path) if container == "hdf5" else container


def first_bytes(path: Path, count: int) -> bytes:
    """The beginning of a file. Raises ``SignalError`` where it is missing, unreadable or empty."""
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


def _of_file(path: Path, head: bytes) -> str | None:
    if head[128:132] == b"DICM":  # before it anything may stand, a TIFF's header too
        return "dicom"
    found = next((container for magic, container in _MAGIC.items() if head.startswith(magic)), None)
    return found or _by_structure(head) or _of_mesh(path, head) or _of_text(path, head)


def _by_structure(head: bytes) -> str | None:
    """Containers that say what they are somewhere behind their first bytes."""
    signs = {
        "webp": head[:4] == b"RIFF" and head[8:12] == b"WEBP",
        "avi": head[:4] == b"RIFF" and head[8:12] == b"AVI ",
        "wav": is_wave(head),
        "nifti": _is_nifti(_unzipped(head)),
        "mp4": head[4:8] == b"ftyp",
        "npz": head[:4] == b"PK\x03\x04" and b".npy" in head[:256],
    }
    return next((container for container, found in signs.items() if found), None)


def _unzipped(head: bytes) -> bytes:
    if head[:2] != b"\x1f\x8b":
        return head
    try:
        return zlib.decompressobj(31).decompress(head, _HEAD)
    except zlib.error:
        return b""


def _is_nifti(head: bytes) -> bool:
    """By the size of the header, in either byte order, and the word that it holds."""
    size = {int.from_bytes(head[:4], "little"), int.from_bytes(head[:4], "big")}
    first = _NIFTI_1 in size and head[344:347] in (b"n+1", b"ni1")
    return first or (_NIFTI_2 in size and head[4:7] in (b"n+2", b"ni2"))


def _of_mesh(path: Path, head: bytes) -> str | None:
    if _OFF.match(head):
        return "off"
    if head[:5].lower() == b"solid" and b"facet" in head:
        return "stl"
    triangles = int.from_bytes(head[80:84], "little")
    cut_off = path.suffix.lower() == ".stl" and b"\0" in head[:84]  # no whole one, and nothing else by its name
    if len(head) >= 84 and (cut_off or path.stat().st_size == 84 + 50 * triangles):
        return "stl"
    return "obj" if _OBJ.match(head) else None


def _of_text(path: Path, head: bytes) -> str | None:
    """A JSON file of camera poses."""
    if not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return None
    with open(path, "rb") as file:
        return "transforms" if b'"frames"' in file.read(1 << 24) else None


def _of_folder(folder: Path) -> str:
    """Poses before pictures, since their folder holds both; then a series of DICOM files, then frames."""
    try:
        files = sorted(p for p in folder.iterdir() if p.is_file() and not p.name.startswith("."))
    except OSError as problem:
        raise SignalError(f"{folder} cannot be read: {problem.strerror}; check its permissions") from problem
    if any(p.name.startswith("transforms") and p.suffix == ".json" for p in files):
        return "transforms"
    found = [_of_file(p, head) for p in files if (head := _head_of(p))]
    if "dicom" in found:
        return "dicom"
    if sum(container in _PICTURES for container in found) > 1:
        return "frames"
    raise SignalError(
        f"{folder} is a folder without a DICOM series, frames (two pictures or more) or transforms.json; name a file"
    )


def _head_of(path: Path) -> bytes:
    with open(path, "rb") as file:
        return file.read(_HEAD)
