"""Endings of file names, by what they hold. This module imports nothing heavy: help texts are made from it."""

from __future__ import annotations

from pathlib import Path

IMAGE_ENDINGS = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".npy")
BOUNDED_ENDINGS = (".png", ".jpg", ".jpeg", ".webp")
"""Endings of pictures that hold values in [0, 1] alone."""
LONGEST_SIDE = {".png": 1_000_000, ".jpg": 65_500, ".jpeg": 65_500, ".webp": 16_383, ".gif": 65_535}
"""The most samples of a side that libpng, libjpeg, WebP and GIF accept."""
AUDIO_ENDINGS = (".wav", ".flac", ".ogg")
VOLUME_ENDINGS = (".nii", ".nii.gz", ".tif", ".tiff", ".npy")
VIDEO_ENDINGS = (".mp4", ".gif", *VOLUME_ENDINGS)
MESH_ENDINGS = (".obj", ".ply", ".stl", ".off", ".glb")
TABLE_ENDINGS = (".tif", ".tiff", ".nc", ".csv")
MOVIE_ENDINGS = (".mp4", ".gif")


def ending_of(path: Path | str) -> str:
    """Return the ending of a file's name in lower case, ".nii.gz" as one.

    >>> ending_of("t1.nii.gz"), ending_of("a.b.TIF")
    ('.nii.gz', '.tif')
    """
    path = Path(path)
    last = path.suffix.lower()
    return ".nii.gz" if last == ".gz" and Path(path.stem).suffix.lower() == ".nii" else last
