"""Stacks of TIFF pages, with the axes and sizes that ImageJ and OME write."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import numpy as np

from ...errors import SignalError
from ...grids._arrays import volume_signal
from ...grids._files import decoding
from ...grids._pictures import transparency_as_missing
from ...grids._sample_format import VolumeFormat
from ...grids._signal import GridSignal
from ...grids._tiff import decode_tiff_stack


def read_stack(path: Path) -> GridSignal:
    """Read a TIFF's pages as (z, y, x), (t, y, x) or (t, z, y, x), channels last, sized as ImageJ or OME say."""
    with decoding(path, "tiff"):
        found, sizes = decode_tiff_stack(path)
        samples, axes = _in_order(found.samples, found.axes, str(path))
        missing = None if found.missing is None else _in_order(found.missing, found.axes, str(path))[0]
    units = tuple(sizes[axis][1] if axis in sizes else _plain_unit(axis) for axis in axes)
    spacing = tuple(sizes[axis][0] if axis in sizes else 1.0 for axis in axes)
    video = axes == "TYX"
    rate = 1 / spacing[0] if video and units[0] == "s" else None
    kind = "video" if video else "volume"
    signal = volume_signal(
        samples, VolumeFormat("tiff", rate=rate), spacing, units, str(path), kind, os.path.getsize(path)
    )
    return replace(signal, values=_values(signal.values, missing, found.alpha), notes=found.notes)


def _values(values: np.ndarray, missing: np.ndarray | None, alpha: bool) -> np.ndarray:
    """Return the values without those that the file says are missing or wholly transparent."""
    if missing is not None:
        values = np.where(missing.reshape(values.shape), np.float32(np.nan), values)
    return transparency_as_missing(values) if alpha else values


def _plain_unit(axis: str) -> str:
    return "frame" if axis == "T" else "px"


def _in_order(samples: np.ndarray, axes: str, name: str) -> tuple[np.ndarray, str]:
    """Transpose samples to the order T, Z, Y, X, channels last; axes of one sample, except Y and X, are dropped."""
    kept = [i for i, n in enumerate(samples.shape) if n > 1 or axes[i] in "YX"]
    samples, axes = samples.reshape([samples.shape[i] for i in kept]), "".join(axes[i] for i in kept)
    pages = [i for i, axis in enumerate(axes) if axis not in "TZCSYX"]
    if len(pages) == 1 and "Z" not in axes:
        axes = axes.replace(axes[pages[0]], "Z")  # pages of an unspecified kind are slices
    if sorted(axes) != sorted(set(axes)) or not set(axes) <= set("TZCSYX") or ("C" in axes and "S" in axes):
        raise SignalError(f"{name} has axes {axes} of shape {samples.shape}; save one stack of slices or frames")
    order = sorted(range(len(axes)), key=lambda i: "TZYXCS".index(axes[i]))
    return samples.transpose(order), "".join(axes[i] for i in order if axes[i] in "TZYX")


def encode_stack(file: IO[bytes], samples: np.ndarray, spacing: tuple[float, ...], units: tuple[str, ...]) -> None:
    """Write samples (…, y, x[, C]) as pages with sizes for ImageJ, or without for types that it does not have."""
    import tifffile

    buffer = io.BytesIO()  # tifffile needs a file with a name, or a buffer
    colour = samples.ndim > len(spacing)
    axes = {2: "YX", 3: "TYX" if units[0] in ("s", "frame") else "ZYX", 4: "TZYX"}[len(spacing)] + "S" * colour
    held = samples.dtype in (np.uint8, np.uint16, np.float32)
    if not held or (colour and samples.shape[-1] != 3):
        tifffile.imwrite(buffer, samples, photometric="minisblack", metadata={"axes": axes})
        file.write(buffer.getbuffer())
        return
    metadata: dict[str, Any] = {"axes": axes, "unit": _imagej_unit(units[-1])}
    if "Z" in axes:
        metadata["spacing"] = spacing[axes.index("Z")]
    if "T" in axes and units[axes.index("T")] == "s":
        metadata |= {"finterval": spacing[0], "fps": 1 / spacing[0]}
    tifffile.imwrite(
        buffer,
        samples,
        imagej=True,
        resolution=(1 / spacing[-1], 1 / spacing[-2]),
        metadata=metadata,
        photometric="rgb" if colour else None,
    )
    file.write(buffer.getbuffer())


def _imagej_unit(unit: str) -> str:
    return {"um": "micron", "px": "pixel"}.get(unit, unit)
