"""Decode TIFF by tifffile, pictures and stacks: series, colours, transparency and missing samples in one place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import SignalError
from ._files import check_size
from ._tiff_checks import refuse_files_elsewhere, refuse_incomplete
from ._tiff_sizes import tiff_sizes

_NODATA = 42113  # the tag in which GDAL writes the number that marks missing samples
_ASSOCIATED, _STRAIGHT = 1, 2  # ExtraSamples of TIFF 6.0 that mean transparency; 0 is any other band


@dataclass(frozen=True)
class Decoded:
    """Samples as their file holds them, axes by tifffile's letters, and what they mean.

    ``alpha`` says that the last channel is transparency, which colours are not multiplied by. ``missing`` marks samples
    that the file declares to be missing, None if it declares none. ``notes`` say what was left out.
    """

    samples: np.ndarray
    axes: str = "YX"
    alpha: bool = False
    missing: np.ndarray | None = None
    notes: tuple[str, ...] = ()


@contextmanager
def opened_tiff(path: Path) -> Iterator[Any]:
    """Open a TIFF without the log lines that tifffile prints of odd tags."""
    import logging

    import tifffile

    logger = logging.getLogger("tifffile")
    level, logger.level = logger.level, logging.CRITICAL
    try:
        with tifffile.TiffFile(path) as file:
            refuse_files_elsewhere(file, path)
            yield file
    finally:
        logger.setLevel(level)


def is_tiff_stack(path: Path) -> bool:
    """Return whether a TIFF has several slices or frames; False for a damaged one, which its reader refuses."""
    try:
        with opened_tiff(path) as file:
            series = _whole_series(file)
            extents = [n for n, axis in zip(series[0].shape, series[0].axes, strict=True) if axis not in "SC"]
            return len(series) > 1 or sum(n > 1 for n in extents) > 2
    except Exception:
        return False


def decode_tiff(path: Path, upright: bool = True) -> Decoded:
    """Decode a TIFF of one picture, upright or as it is stored."""
    with opened_tiff(path) as file:
        found = _decoded(file, path)
        orientation = int(file.pages.first.tags.valueof("Orientation", default=1)) if upright else 1
    kept = [i for i, n in enumerate(found.samples.shape) if n > 1 or found.axes[i] in "YX"]
    shape = tuple(found.samples.shape[i] for i in kept)
    samples, axes = found.samples.reshape(shape), "".join(found.axes[i] for i in kept)
    if axes in ("SYX", "CYX"):
        samples, axes = np.moveaxis(samples, 0, -1), "YXS"
    if samples.ndim not in (2, 3) or (samples.ndim == 3 and samples.shape[2] > 4) or samples.dtype.kind not in "buif":
        raise SignalError(f"{path} holds {samples.dtype} samples of shape {samples.shape}, which is not a picture")
    missing = None if found.missing is None else oriented(found.missing.reshape(samples.shape), orientation)
    return replace(found, samples=oriented(samples, orientation), axes=axes, missing=missing)


def decode_tiff_stack(path: Path) -> tuple[Decoded, dict[str, tuple[float, str]]]:
    """Decode all slices and frames of a TIFF; return them with the sizes of their axes where the file knows them."""
    with opened_tiff(path) as file:
        found, sizes = _decoded(file, path), tiff_sizes(file)
        orientation = int(file.pages.first.tags.valueof("Orientation", default=1))
    if orientation >= 5:  # turned by a quarter
        sizes = {{"X": "Y", "Y": "X"}.get(axis, axis): size for axis, size in sizes.items()}
    plane = found.axes.index("Y"), found.axes.index("X")
    samples = _oriented_planes(found.samples, plane, orientation)
    missing = None if found.missing is None else _oriented_planes(found.missing, plane, orientation)
    return replace(found, samples=samples, missing=missing), sizes


def _oriented_planes(samples: np.ndarray, plane: tuple[int, int], orientation: int) -> np.ndarray:
    return np.moveaxis(oriented(np.moveaxis(samples, plane, (0, 1)), orientation), (0, 1), plane)


def oriented(samples: np.ndarray, orientation: int) -> np.ndarray:
    """Undo the eight TIFF/EXIF orientations: bit patterns of flips and a transposition."""
    if orientation >= 5:
        samples = samples.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        samples = samples[::-1]
    if orientation in (2, 3, 6, 7):
        samples = samples[:, ::-1]
    return np.ascontiguousarray(samples)


def _whole_series(file: Any) -> list[Any]:
    """Return the series of a file without thumbnails and smaller copies."""
    whole = [one for one in file.series if not one.keyframe.is_reduced]
    return whole or file.series[:1]


def _decoded(file: Any, path: Path) -> Decoded:
    series = _whole_series(file)
    first = series[0]
    if any((one.shape, one.dtype) != (first.shape, first.dtype) for one in series):
        shapes = ", ".join("×".join(map(str, one.shape)) for one in series)
        raise SignalError(f"{path} holds pictures of unequal shapes ({shapes}); extract the one that you want to fit")
    check_size(path, (len(series), *first.shape), 1)
    refuse_incomplete(file, path, series)
    if len(series) == 1:
        samples, axes = first.asarray(), first.axes
    else:  # pages that were appended one by one
        samples, axes = np.stack([one.asarray() for one in series]), f"I{first.axes}"
    page = first.keyframe
    missing = _missing(page, samples)
    samples, axes = _colours(samples, axes, page, path)
    if missing is not None and missing.ndim < samples.ndim:  # a palette's colours, one axis more than its indices
        missing = np.broadcast_to(missing[..., None], samples.shape)
    found = Decoded(samples, axes, missing=missing)
    left_out = len(file.series) - len(series) + sum(len(one.levels) - 1 for one in series)
    notes = (f"{left_out} smaller copies (thumbnails) in the file are left out",) if left_out else ()
    return replace(_transparency(found, page), notes=notes)


def _missing(page: Any, samples: np.ndarray) -> np.ndarray | None:
    """Return where the samples are those that GDAL's tag declares to be missing, None if it declares none."""
    tag = page.tags.get(_NODATA)
    try:
        value = float(str(tag.value).strip("\x00 ")) if tag is not None else None
    except ValueError:
        return None
    if value is None:
        return None
    if np.isnan(value):
        return np.isnan(samples)
    marker = _held(value, samples.dtype)
    return None if marker is None else np.asarray(samples == marker)


def _held(value: float, dtype: np.dtype) -> np.generic | None:
    """Return a number as samples of a type hold it, None for one that they cannot: GDAL allows -9999 in bytes."""
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        fits = value == round(value) if np.isfinite(value) else False
        return dtype.type(int(value)) if fits and limits.min <= value <= limits.max else None
    if dtype.kind != "f":
        return None
    with np.errstate(over="ignore"):
        held = dtype.type(value)
    return held if np.isfinite(held) == np.isfinite(value) else None


def _colours(samples: np.ndarray, axes: str, page: Any, path: Path) -> tuple[np.ndarray, str]:
    """Return grey or RGB samples whatever the file's colours; grey of few bits fills the range of its type."""
    import tifffile

    photometric = page.photometric
    if photometric in (tifffile.PHOTOMETRIC.SEPARATED, tifffile.PHOTOMETRIC.CIELAB):
        raise SignalError(f"{path} holds {photometric.name} colours; convert it to grey or RGB")
    if photometric == tifffile.PHOTOMETRIC.PALETTE and page.colormap is not None:
        return np.moveaxis(page.colormap[:, samples], 0, -1).astype(np.uint16), f"{axes}S"
    if photometric == tifffile.PHOTOMETRIC.YCBCR and page.compression not in _JPEGS:
        return _rgb_of_ycbcr(samples), axes
    integers = samples.dtype.kind in "bu"
    most = 1 if samples.dtype.kind == "b" else 2 ** int(page.bitspersample) - 1
    if photometric == tifffile.PHOTOMETRIC.MINISWHITE and integers:
        samples = ~samples if samples.dtype.kind == "b" else (most - samples).astype(samples.dtype)
    if samples.dtype.kind == "u" and most < np.iinfo(samples.dtype).max:
        full = np.iinfo(samples.dtype).max
        samples = np.rint(samples * (full / most)).astype(samples.dtype)
    return samples, axes


_JPEGS = (6, 7, 33007, 34892)  # compressions that tifffile decodes to RGB


def _rgb_of_ycbcr(samples: np.ndarray) -> np.ndarray:
    from PIL import Image

    rows = samples.reshape(-1, samples.shape[-2], 3) if samples.ndim > 3 else samples
    return np.asarray(Image.fromarray(rows, "YCbCr").convert("RGB")).reshape(samples.shape)


def _transparency(found: Decoded, page: Any) -> Decoded:
    """State whether the last channel is transparency, and divide colours by it where they were multiplied."""
    kinds = [int(kind) for kind in page.extrasamples]
    if not kinds or kinds[-1] not in (_ASSOCIATED, _STRAIGHT) or found.samples.dtype.kind not in "uf":
        return found
    channel = found.axes.find("S")
    if channel < 0 or found.samples.shape[channel] != len(kinds) + (3 if page.photometric == 2 else 1):
        return found
    samples = np.moveaxis(found.samples, channel, -1)
    if kinds[-1] == _ASSOCIATED:
        full = np.iinfo(samples.dtype).max if samples.dtype.kind == "u" else 1.0
        alpha = samples[..., -1:].astype(np.float64)
        straight = np.clip(samples[..., :-1].astype(np.float64) * full / np.where(alpha > 0, alpha, full), 0, full)
        whole = np.rint(straight) if samples.dtype.kind == "u" else straight
        samples = np.concatenate([whole.astype(samples.dtype), samples[..., -1:]], axis=-1)
    return replace(found, samples=np.moveaxis(samples, -1, channel), alpha=True)
