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
        return _decoded(file, path), _sizes(file)


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
    _refuse_cut_off(file, path)
    if len(series) == 1:
        samples, axes = first.asarray(), first.axes
    else:  # pages that were appended one by one
        samples, axes = np.stack([one.asarray() for one in series]), f"I{first.axes}"
    page = first.keyframe
    missing = _missing(page, samples)
    samples, axes = _colours(samples, axes, page, path)
    found = Decoded(samples, axes, missing=missing if missing is not None and missing.shape == samples.shape else None)
    left_out = len(file.series) - len(series) + sum(len(one.levels) - 1 for one in series)
    notes = (f"{left_out} smaller copies (thumbnails) in the file are left out",) if left_out else ()
    return replace(_transparency(found, page), notes=notes)


def _refuse_cut_off(file: Any, path: Path) -> None:
    """Refuse a file that ends before the last of its samples."""
    size = file.filehandle.size
    for number, page in enumerate(file.pages):
        ends = [at + count for at, count in zip(page.dataoffsets, page.databytecounts, strict=False)]
        if ends and max(ends) > size:
            raise SignalError(
                f"{path} is cut off: page {number + 1} of {len(file.pages)} should end at byte {max(ends):,}, and the "
                f"file has {size:,}; give the whole file"
            )


def _missing(page: Any, samples: np.ndarray) -> np.ndarray | None:
    """Return where the samples are those that GDAL's tag declares to be missing, None if it declares none."""
    tag = page.tags.get(_NODATA)
    try:
        value = float(str(tag.value).strip("\x00 ")) if tag is not None else None
    except ValueError:
        return None
    if value is None:
        return None
    found: np.ndarray = np.isnan(samples) if np.isnan(value) else samples == np.asarray(value).astype(samples.dtype)
    return found


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


_LENGTHS = {
    **{unit: unit for unit in ("um", "mm", "cm", "nm", "inch", "m")},
    **dict.fromkeys(("micron", "microns", "micrometer", "micrometre", "micrometers", "µm", "μm", "\\u00b5m"), "um"),
    **dict.fromkeys(("millimeter", "millimetre", "millimeters"), "mm"),
    **dict.fromkeys(("centimeter", "centimetre", "centimeters"), "cm"),
    **dict.fromkeys(("nanometer", "nanometre", "nanometers"), "nm"),
    **dict.fromkeys(("inches", "in", '"'), "inch"),
}
_TIMES = {**dict.fromkeys(("s", "sec", "second", "seconds"), 1.0), "ms": 1e-3, "µs": 1e-6, "min": 60.0, "h": 3600.0}


def length_unit(text: str) -> str | None:
    """Return a unit of length by one spelling, None for what is not a length.

    >>> length_unit("Microns"), length_unit("pixel")
    ('um', None)
    """
    return _LENGTHS.get(text.strip()) or _LENGTHS.get(text.strip().lower())


def _sizes(file: Any) -> dict[str, tuple[float, str]]:
    """Return the step and the unit of the axes whose sizes are known."""
    if file.ome_metadata:
        return _ome_sizes(file.ome_metadata)
    metadata = file.imagej_metadata or {}
    unit = length_unit(str(metadata.get("unit", "")))
    sizes: dict[str, tuple[float, str]] = {}
    if unit:
        for axis, tag in (("X", "XResolution"), ("Y", "YResolution")):
            steps = _resolution(file.pages[0], tag)
            sizes |= {axis: (steps, unit)} if steps else {}
        sizes |= {"Z": (float(metadata["spacing"]), unit)} if float(metadata.get("spacing") or 0) > 0 else {}
    interval = float(metadata.get("finterval") or 0) * _TIMES.get(str(metadata.get("tunit", "s")).strip(), 1.0)
    return sizes | ({"T": (interval, "s")} if interval > 0 else {})


def _resolution(page: Any, tag: str) -> float | None:
    """Return the length of a pixel in ImageJ's unit, from the samples per unit."""
    if tag not in page.tags:
        return None
    count, per = page.tags[tag].value
    return per / count if count > 0 and per > 0 else None


def _ome_sizes(text: str) -> dict[str, tuple[float, str]]:
    import re

    found = {}
    for axis in "XYZ":
        size = re.search(rf'PhysicalSize{axis}="([0-9.eE+-]+)"', text)
        unit = re.search(rf'PhysicalSize{axis}Unit="([^"]+)"', text)
        if size and float(size[1]) > 0:
            found[axis] = (float(size[1]), (length_unit(unit[1]) or unit[1]) if unit else "um")
    step = re.search(r'TimeIncrement="([0-9.eE+-]+)"', text)
    unit = re.search(r'TimeIncrementUnit="([^"]+)"', text)
    seconds = _TIMES.get(unit[1], 0.0) if unit else 1.0
    return found | ({"T": (float(step[1]) * seconds, "s")} if step and float(step[1]) * seconds > 0 else {})
