"""Volumes and films as files: NIfTI, stacks of TIFF pages, arrays, films, and single planes as pictures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np

from ...errors import SettingsError
from ..array_file import encode_npy
from ..domain import Domain, Grid
from ..files import atomic_file
from ..image import IMAGE_ENDINGS, write_image
from ..sample_format import SampleFormat
from ..signal import SignalDescription
from .nifti import encode_nifti
from .stack import encode_stack
from .video import write_video

__all__ = ["VIDEO_ENDINGS", "VOLUME_ENDINGS", "ending_of", "write_volume"]

VOLUME_ENDINGS = (".nii", ".nii.gz", ".tif", ".tiff", ".npy")
VIDEO_ENDINGS = (".mp4", ".gif", *VOLUME_ENDINGS)
_DEFAULT_RATE = 25.0  # frames per second, where the signal has none


def ending_of(path: Path | str) -> str:
    """The ending of a file's name, ".nii.gz" as one.

    >>> ending_of("t1.nii.gz"), ending_of("a.b.TIF")
    ('.nii.gz', '.tif')
    """
    path = Path(path)
    last = path.suffix.lower()
    return ".nii.gz" if last == ".gz" and Path(path.stem).suffix.lower() == ".nii" else last


def write_volume(path: Path | str, values: np.ndarray, source: SignalDescription, domain: Domain, grid: Grid) -> None:
    """Write values (n₁, …, n_d, C) on ``grid`` as the file that the ending of ``path`` names, all of it or nothing.

    ``source`` and ``domain`` are those of the signal that was fitted: NIfTI gets its affine, moved to the grid, its
    units and its sample type; TIFF its sizes; films its rate, times the grid's resolution in time. A picture's ending
    takes a grid with a single sample along all but two axes. Raises ``SettingsError`` for other endings and what a
    format cannot hold.
    """
    path = Path(path)
    ending = ending_of(path)
    plane = [axis for axis, n in enumerate(grid.shape) if n > 1]
    if ending in IMAGE_ENDINGS and ending not in VIDEO_ENDINGS:
        return write_image(path, _as_picture(values, source.sample_format, plane), _of_pictures(source.sample_format))
    if ending not in VIDEO_ENDINGS or (ending in (".mp4", ".gif") and source.kind != "video"):
        known = VIDEO_ENDINGS if source.kind == "video" else VOLUME_ENDINGS
        raise SettingsError(
            f"{path}: the ending {ending or '(none)'} names no format of a {source.kind}; use {', '.join(known)}"
        )
    with atomic_file(path) as file:
        _encode(file, ending, values, (source, domain), grid)


def _encode(
    file: IO[bytes], ending: str, values: np.ndarray, signal: tuple[SignalDescription, Domain], grid: Grid
) -> None:
    source, domain = signal
    sample_format = source.sample_format
    spacing = tuple(step * scale for step, scale in zip(grid.spacing, domain.scales, strict=True))
    if ending in (".nii", ".nii.gz"):
        grids = domain.grid(source.shape), grid
        encode_nifti(file, values, (sample_format, domain), grids, ending == ".nii.gz")
    elif ending in (".mp4", ".gif"):
        rate = 1 / spacing[0] if domain.units[0] == "s" else _DEFAULT_RATE
        write_video(file, _frames(values, sample_format), rate, ending[1:])
    else:
        samples = sample_format.encode(values)
        samples = samples[..., 0] if sample_format.squeeze and samples.shape[-1] == 1 else samples
        if ending == ".npy":
            file.write(encode_npy(samples))
        else:
            encode_stack(file, samples, spacing, domain.units)


def _frames(values: np.ndarray, sample_format: SampleFormat) -> Iterator[np.ndarray]:
    """Frames of 8 bits in colour."""
    for frame in values:
        samples = SampleFormat("uint8").encode(frame[..., :3])
        yield np.repeat(samples[..., :1], 3, axis=-1) if samples.shape[-1] < 3 else samples


def _as_picture(values: np.ndarray, sample_format: SampleFormat, plane: list[int]) -> np.ndarray:
    """Values (h, w, C) of a plane: of scanners with the later axis upwards, of stacks as the array has them."""
    if len(plane) != 2:
        raise SettingsError(
            "a picture shows a plane, with one sample along all axes but two; give --window with one number for an "
            "axis, as in :,:,40px"
        )
    flat = values.reshape(*(values.shape[axis] for axis in plane), values.shape[-1])
    scanned = sample_format.volume is not None and sample_format.volume.affine is not None
    return np.ascontiguousarray(flat.swapaxes(0, 1)[::-1] if scanned else flat)


def _of_pictures(sample_format: SampleFormat) -> SampleFormat:
    """How a picture holds samples of a volume: those of a scanner were brought to [0, 1]."""
    return SampleFormat("uint8" if sample_format.peak and sample_format.dtype == "uint8" else "uint16", squeeze=True)
