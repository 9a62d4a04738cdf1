"""Files of volumes and films: NIfTI, DICOM, stacks of TIFF pages, arrays, films, and single planes as pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import numpy as np

from ...errors import SettingsError
from ...grids._domain import Domain, Grid
from ...grids._endings import IMAGE_ENDINGS, VIDEO_ENDINGS, VOLUME_ENDINGS, ending_of
from ...grids._files import atomic_file, encode_npy
from ...grids._films import write_video
from ...grids._pictures import write_image
from ...grids._sample_format import SampleFormat
from ...grids._signal import GridSignal, SignalDescription
from ._dicom import read_dicom
from ._nifti import encode_nifti, read_nifti
from ._stack import encode_stack, read_stack
from ._video import read_animation, read_frames, read_video


def read_volume(path: Path, container: str | None) -> GridSignal:
    """Read a volume or film: "nifti", "dicom", "tiff" pages, "gif", "webp" or "png", "frames", or what PyAV decodes."""
    readers: dict[str | None, Callable[[Path], GridSignal]] = {
        "nifti": read_nifti,
        "dicom": read_dicom,
        "tiff": read_stack,
        "gif": read_animation,
        "webp": read_animation,
        "png": read_animation,
        "frames": read_frames,
    }
    return readers[container](path) if container in readers else read_video(path, str(container))


_DEFAULT_RATE = 25.0  # frames per second of a film without a rate of its own; any usual rate would do


def write_volume(path: Path | str, values: np.ndarray, source: SignalDescription, domain: Domain, grid: Grid) -> None:
    """Write values (n₁, …, n_d, C) on ``grid`` as ``path`` names it, with the affine, sizes or rate of ``source``."""
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
    """Yield the frames as 8-bit colours."""
    for frame in values:
        samples = SampleFormat("uint8").encode(frame[..., :3])
        yield np.repeat(samples[..., :1], 3, axis=-1) if samples.shape[-1] < 3 else samples


def _as_picture(values: np.ndarray, sample_format: SampleFormat, plane: list[int]) -> np.ndarray:
    """Return a plane as values (h, w, C): with the later axis upwards for scanners, otherwise in the array's order."""
    if len(plane) != 2:
        raise SettingsError(
            "a picture shows a plane, with one sample along all axes but two; give --window a single number for an "
            "axis, as in :,:,40px"
        )
    flat = values.reshape(*(values.shape[axis] for axis in plane), values.shape[-1])
    scanned = sample_format.volume is not None and sample_format.volume.affine is not None
    return np.ascontiguousarray(flat.swapaxes(0, 1)[::-1] if scanned else flat)


def _of_pictures(sample_format: SampleFormat) -> SampleFormat:
    """Return the format in which a picture holds the samples of a volume; a scanner's were scaled to [0, 1]."""
    return SampleFormat("uint8" if sample_format.peak and sample_format.dtype == "uint8" else "uint16", squeeze=True)
