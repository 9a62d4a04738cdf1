"""NIfTI-1 and NIfTI-2, compressed or not, read and written by nibabel."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np

from ...errors import SignalError
from ...grids._arrays import checked_affine, resampled_affine, volume_signal, voxel_sizes
from ...grids._domain import Domain, Grid
from ...grids._files import check_size, decoding
from ...grids._sample_format import SampleFormat, VolumeFormat
from ...grids._signal import GridSignal

_SPACE = {"meter": "m", "micron": "um"}
_TIME = {"sec": 1.0, "msec": 1e-3, "usec": 1e-6}  # seconds
_XYZT = {"mm": "mm", "m": "meter", "um": "micron"}


def read_nifti(path: Path) -> GridSignal:
    """Read the volume (i, j, k[, t]) in its header's units and scaling; colours and vectors become channels."""
    with decoding(path, "NIfTI"), _opened(path) as image:
        check_size(path, tuple(image.shape), 1)
        affine = checked_affine(image.affine, str(path))
        samples = np.asarray(image.dataobj.get_unscaled())
        samples, time = _with_channels(samples, str(path))
        axes = 4 if time else min(3, samples.ndim)
        steps, units = _steps(image, affine, axes)
        rows = tuple(tuple(row) for row in affine.tolist())
        volume = VolumeFormat("nifti", rows, _codes(image.header), *_scaling(image.dataobj))
        return volume_signal(samples, volume, steps, units, str(path), file_bytes=os.path.getsize(path))


_PACKED = b"\x1f\x8b"  # what gzip begins with
_PAIR = b"ni1", b"ni2"  # magics of a header whose samples lie in a file of their own, .img


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open a file by its content: nibabel goes by the ending, and packed files are renamed as unpacked ones."""
    import nibabel

    with open(path, "rb") as file:
        packed = file.read(2) == _PACKED
    if path.name.lower().endswith((".nii.gz", ".img.gz", ".hdr.gz") if packed else (".nii", ".img", ".hdr")):
        yield nibabel.load(path)
        return
    with gzip.open(path) if packed else open(path, "rb") as opened:
        yield _from_stream(opened, path)


def _from_stream(opened: Any, path: Path) -> Any:
    import nibabel

    head = opened.read(348)
    second = 540 in (int.from_bytes(head[:4], "little"), int.from_bytes(head[:4], "big"))
    magic = head[4:7] if second else head[344:347]
    if magic in _PAIR:
        raise SignalError(f"{path} is a header whose samples lie in another file; give the pair its usual names")
    opened.seek(0)
    image: Any = nibabel.Nifti2Image if second else nibabel.Nifti1Image
    return image.from_stream(opened)


def _with_channels(samples: np.ndarray, name: str) -> tuple[np.ndarray, bool]:
    """Return the samples with channels last, and whether the fourth axis is time."""
    if samples.dtype.names:  # colours
        samples = np.stack([samples[channel] for channel in samples.dtype.names], axis=-1)
        return samples.reshape(*samples.shape[:3], samples.shape[-1]), False
    if samples.dtype.kind == "c":
        raise SignalError(f"{name} holds complex values; save their magnitude, or the real and the imaginary part")
    while samples.ndim > 3 and samples.shape[-1] == 1:
        samples = samples[..., 0]
    if samples.ndim == 5 and samples.shape[3] == 1:
        return samples[:, :, :, 0], False
    if samples.ndim > 4:
        raise SignalError(f"{name} has shape {samples.shape}; only four axes, or vectors in space, can be read")
    return samples, samples.ndim == 4


def _steps(image: Any, affine: np.ndarray, axes: int) -> tuple[tuple[float, ...], tuple[str, ...]]:
    space, time = image.header.get_xyzt_units()
    steps: tuple[float, ...] = voxel_sizes(affine)[:axes]
    units = (_SPACE.get(space, "mm"),) * len(steps)
    if axes < 4:
        return steps, units
    step = float(image.header.get_zooms()[3])
    timed = time in _TIME and 0 < step < np.inf
    return (*steps, step * _TIME[time] if timed else 1.0), (*units, "s" if timed else "frame")


def _codes(header: Any) -> tuple[int, int, int]:
    return int(header["qform_code"]), int(header["sform_code"]), int(header["xyzt_units"])


def _scaling(stored: Any) -> tuple[float, float]:
    """Return the header's slope and intercept, 1 and 0 if it has none."""
    slope, intercept = float(stored.slope), float(stored.inter)
    return (slope, intercept) if np.isfinite([slope, intercept]).all() and slope != 0 else (1.0, 0.0)


def encode_nifti(
    file: IO[bytes], values: np.ndarray, source: tuple[SampleFormat, Domain], grids: tuple[Grid, Grid], packed: bool
) -> None:
    """Write values (n₁, …, C) on the second of ``grids`` as NIfTI; the affine, of the first, is moved to it."""
    sample_format, domain = source
    samples, affine, steps, units = _in_order(sample_format, domain, grids)(sample_format.encode(values))
    image = _image(samples, affine, sample_format.volume)
    if sample_format.volume is None or sample_format.volume.affine is None:
        image.header.set_xyzt_units(_XYZT.get(units[0], "unknown"), "sec" if units[-1] == "s" else "unknown")
    if samples.ndim > 3:
        tick = _TIME.get(image.header.get_xyzt_units()[1], 1.0)
        later = (steps[3] / tick if len(steps) > 3 else 1.0, 1.0)
        image.header.set_zooms((*image.header.get_zooms()[:3], *later)[: samples.ndim])
    content = image.to_bytes()
    file.write(gzip.compress(content, 6, mtime=0) if packed else content)


def _image(samples: np.ndarray, affine: np.ndarray, volume: VolumeFormat | None) -> Any:
    import nibabel

    large = max(samples.shape) > np.iinfo(np.int16).max
    image: Any = (nibabel.Nifti2Image if large else nibabel.Nifti1Image)(samples, affine, dtype=samples.dtype)
    qform, sform, image.header["xyzt_units"] = (volume.codes if volume else None) or (0, 1, 0)
    image.set_qform(affine if qform else None, qform)
    image.set_sform(affine if sform or not qform else None, sform if sform or qform else 1)
    if volume and volume.slope is not None:
        image.header.set_slope_inter(volume.slope, volume.intercept)
    return image


def _in_order(sample_format: SampleFormat, domain: Domain, grids: tuple[Grid, Grid]):  # type: ignore[no-untyped-def]
    """Return a function that maps samples to (samples, affine, steps, units) in NIfTI's order of axes."""
    own, grid = grids
    steps = tuple(step * scale for step, scale in zip(grid.spacing, domain.scales, strict=True))
    order = list(range(domain.dimensions))
    held = sample_format.volume.affine if sample_format.volume else None
    if held is None:
        timed = [axis for axis in order if domain.units[axis] in ("s", "frame")]
        order = [axis for axis in reversed(order) if axis not in timed] + timed
    steps, units = tuple(steps[axis] for axis in order), tuple(domain.units[axis] for axis in order)
    in_space = len([unit for unit in units if unit not in ("s", "frame")])

    def turned(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray, tuple[float, ...], tuple[str, ...]]:
        samples = samples.transpose(*order, -1)
        shape = samples.shape[:-1]
        flat = (*shape[:in_space], *(1,) * (3 - in_space), *shape[in_space:])
        channels = samples.shape[-1]
        samples = samples.reshape(flat) if channels == 1 else samples.reshape(*flat, *(1,) * (4 - len(flat)), channels)
        sizes = (*steps[:in_space], *(1.0,) * (3 - in_space))
        affine = np.diag([*sizes, 1.0]) if held is None else resampled_affine(np.array(held), own, grid)
        return samples, affine, (*sizes, *steps[in_space:]), units

    return turned
