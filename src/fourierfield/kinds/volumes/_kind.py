"""The kinds of volumes and films."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from ...grids._brands import still_brand
from ...grids._endings import BOUNDED_ENDINGS, IMAGE_ENDINGS, VIDEO_ENDINGS, VOLUME_ENDINGS, ending_of
from .._grid_kind import GridKind
from .._kind import Folder, Format, Say, starts

if TYPE_CHECKING:
    import numpy as np

    from ...grids._domain import Domain, Grid
    from ...grids._signal import GridSignal, SignalDescription
    from ...networks._field import Drawable

_NIFTI_1, _NIFTI_2 = 348, 540  # bytes of the headers, which begin with their own size
_FIRST_TAGS = tuple(bytes((group, 0, element, 0)) for group, element in ((2, 0), (8, 0), (8, 5), (8, 8), (8, 0x16)))
"""The group and element that a DICOM file without a preamble can begin with."""
_HEAD = 1024  # bytes that are unpacked: more than either header
_FRAMES = ("png", "jpeg", "tiff", "webp", "bmp")


def _is_nifti(head: bytes, path: Path) -> bool:
    """Return whether a file, or what it packs, has the header size, in either byte order, and the magic of NIfTI."""
    if head[:2] == b"\x1f\x8b":
        try:
            head = zlib.decompressobj(31).decompress(head, _HEAD)
        except zlib.error:
            return False
    elif path.suffix.lower() == ".img":  # the samples of a header that lies beside it
        from ...grids._files import first_bytes

        header = path.with_suffix(".hdr")
        head = first_bytes(header, _HEAD) if header.is_file() else b""
    sizes = {int.from_bytes(head[:4], "little"), int.from_bytes(head[:4], "big")}
    first = _NIFTI_1 in sizes and head[344:347] in (b"n+1", b"ni1")
    return first or (_NIFTI_2 in sizes and head[4:7] in (b"n+2", b"ni2"))


def _is_mp4(head: bytes, path: Path) -> bool:
    return head[4:8] == b"ftyp" and still_brand(head) is None


def is_dicom(head: bytes, path: Path) -> bool:
    """Return whether a file has DICOM's magic after the preamble or, without one, a tag that DICOM begins with."""
    return head[128:132] == b"DICM" or head[:4] in _FIRST_TAGS


def _is_series(folder: Folder) -> bool:
    return "dicom" in folder.containers


def _is_film(folder: Folder) -> bool:
    return sum(container in _FRAMES for container in folder.containers) > 1


class VolumeKind(GridKind):
    """Volumes: scanner images and stacks of pages."""

    name, noun, plural = "volume", "a volume", "volumes"
    formats: tuple[Format, ...] = (
        Format("nifti", "NIfTI", _is_nifti, (".nii", ".nii.gz"), rank=2),
        # anything may precede its magic, even the header of a TIFF: hence rank 0
        Format(
            "dicom",
            "DICOM",
            is_dicom,
            (".dcm",),
            rank=0,
            of_folder=_is_series,
            folder_rank=1,
        ),
    )
    also_reads: tuple[str, ...] = ("npy", "tiff")
    endings = (*VOLUME_ENDINGS, *sorted({*IMAGE_ENDINGS} - {*VOLUME_ENDINGS}))

    def read_file(self, path: Path, container: str | None) -> GridSignal:
        from ._files import read_volume

        return read_volume(path, container)

    def write_values(self, out: str, values: np.ndarray, source: SignalDescription, domain: Domain, grid: Grid) -> None:
        from ._files import write_volume

        write_volume(out, values, source, domain, grid)

    def usual_window(self, field: Drawable, out: str, say: Say) -> str | None:
        """Return the middle slice for a picture: across the third axis of a scanner's volume, the first of a stack."""
        dimensions = field.domain.dimensions
        if ending_of(out) not in BOUNDED_ENDINGS or dimensions < 3:
            return None
        volume = field.source.sample_format.volume
        scanned = volume is not None and volume.affine is not None
        fixed = range(2, dimensions) if scanned else range(dimensions - 2)
        units = ["frame" if unit in ("s", "frame") else "voxel" for unit in field.domain.units]
        middles = [f"{n // 2}{unit}" for n, unit in zip(field.source.shape, units, strict=True)]
        words = ",".join(middles[axis] if axis in fixed else ":" for axis in range(dimensions))
        say(f"{out}: a picture shows one slice, --window {words}")
        return words


class VideoKind(VolumeKind):
    """Films: a volume over time."""

    name, noun, plural = "video", "a film", "films"
    formats = (
        Format("mp4", "MP4", _is_mp4, (".mp4",), rank=2),
        Format("matroska", "Matroska", starts(b"\x1a\x45\xdf\xa3"), (".mkv", ".webm")),
        Format("avi", "AVI", lambda head, path: head[:4] == b"RIFF" and head[8:12] == b"AVI ", (".avi",), rank=2),
        Format("frames", "a folder of frames", of_folder=_is_film, folder_rank=2),
    )
    also_reads = ("npy", "tiff", "gif", "webp", "png")
    endings = (*VIDEO_ENDINGS, *sorted({*IMAGE_ENDINGS} - {*VIDEO_ENDINGS}))

    def usual_window(self, field: Drawable, out: str, say: Say) -> str | None:
        return None


KINDS = (VolumeKind(), VideoKind())
