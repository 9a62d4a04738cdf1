"""Stacks of TIFF pages, with the axes and sizes that ImageJ and OME write."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path
from typing import IO, Any

import numpy as np

from ...errors import SignalError
from ...grids._arrays import volume_signal
from ...grids._files import check_size, decoding
from ...grids._sample_format import VolumeFormat
from ...grids._signal import GridSignal

_LENGTHS = {"micron": "um", "µm": "um", "\\u00b5m": "um", **{unit: unit for unit in ("um", "mm", "cm", "nm", "inch")}}


def read_stack(path: Path) -> GridSignal:
    """Read a TIFF's pages as (z, y, x), (t, y, x) or (t, z, y, x), channels last, sized as ImageJ or OME say."""
    import tifffile

    with decoding(path, "tiff"), tifffile.TiffFile(path) as file:
        series = file.series[0]
        check_size(path, series.shape, 1)
        samples, axes = series.asarray(), series.axes
        sizes = _sizes(file)
    samples, axes = _in_order(samples, axes, str(path))
    units = tuple(sizes[axis][1] if axis in sizes else _plain_unit(axis) for axis in axes)
    spacing = tuple(sizes[axis][0] if axis in sizes else 1.0 for axis in axes)
    video = axes == "TYX"
    rate = 1 / spacing[0] if video and units[0] == "s" else None
    kind = "video" if video else "volume"
    return volume_signal(
        samples, VolumeFormat("tiff", rate=rate), spacing, units, str(path), kind, os.path.getsize(path)
    )


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


def _sizes(file: Any) -> dict[str, tuple[float, str]]:
    """Return the step and the unit of the axes whose sizes are known."""
    if file.ome_metadata:
        return _ome_sizes(file.ome_metadata)
    metadata = file.imagej_metadata or {}
    unit = _LENGTHS.get(str(metadata.get("unit", "")).strip())
    sizes: dict[str, tuple[float, str]] = {}
    if unit:
        for axis, tag in (("X", "XResolution"), ("Y", "YResolution")):
            steps = _resolution(file.pages[0], tag)
            sizes |= {axis: (steps, unit)} if steps else {}
        sizes |= {"Z": (float(metadata["spacing"]), unit)} if float(metadata.get("spacing") or 0) > 0 else {}
    interval = float(metadata.get("finterval") or 0)
    return sizes | ({"T": (interval, "s")} if interval > 0 else {})


def _resolution(page: Any, tag: str) -> float | None:
    """Return the length of a pixel in ImageJ's unit, from the samples per unit."""
    if tag not in page.tags:
        return None
    count, per = page.tags[tag].value
    return per / count if count > 0 and per > 0 else None


def _ome_sizes(text: str) -> dict[str, tuple[float, str]]:
    found = {}
    for axis in "XYZ":
        size = re.search(rf'PhysicalSize{axis}="([0-9.eE+-]+)"', text)
        unit = re.search(rf'PhysicalSize{axis}Unit="([^"]+)"', text)
        if size and float(size[1]) > 0:
            found[axis] = (float(size[1]), _LENGTHS.get(unit[1] if unit else "µm", unit[1] if unit else "um"))
    step = re.search(r'TimeIncrement="([0-9.eE+-]+)"', text)
    return found | ({"T": (float(step[1]), "s")} if step and float(step[1]) > 0 else {})


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
