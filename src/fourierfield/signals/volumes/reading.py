"""From a file that holds a volume or a film to its signal."""

from __future__ import annotations

from pathlib import Path

from ..signal import GridSignal
from .dicom import read_dicom
from .nifti import read_nifti
from .stack import is_stack, read_stack
from .video import is_animated, read_animation, read_frames, read_video

__all__ = ["read_pages", "read_video_file", "read_volume_file"]


def read_volume_file(path: Path, container: str) -> GridSignal:
    """The volume in a "nifti" or "dicom" file or folder."""
    return read_nifti(path) if container == "nifti" else read_dicom(path)


def read_video_file(path: Path, container: str) -> GridSignal:
    """The film in a file that PyAV decodes, or in a folder of "frames"."""
    return read_frames(path) if container == "frames" else read_video(path)


def read_pages(path: Path, container: str) -> GridSignal | None:
    """The stack of a TIFF of several pages, the film of an animated GIF or WebP; None for single pictures."""
    if container == "tiff" and is_stack(path):
        return read_stack(path)
    if container in ("gif", "webp") and is_animated(path):
        return read_animation(path)
    return None
