"""The truth of a simulated scan: one channel of an image or a volume."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...errors import SettingsError, SignalError
from ...grids._domain import Domain
from ...grids._sample_format import SampleFormat
from ...grids._signal import GridSignal
from ...tasks._scan_options import ScanOptions
from ._fastmri import middle_slice

_AIR = -1000.0  # Hounsfield units, by their definition
_UNEVEN = 1e-3  # of a pixel: largest difference between the sides of one that counts as square


def known_image(signal: GridSignal, options: ScanOptions, kind: str) -> tuple[GridSignal, tuple[str, ...]]:
    """Return one channel of an image, or of the slice ``[:, :, k]`` of a volume, with notes on how it was made.

    For CT, Hounsfield units become absorption relative to water, (HU + 1000)/1000, so that air is zero.
    """
    signal, notes = _one_channel(signal)
    if len(signal.shape) == 3:
        chosen, slice_notes = middle_slice(options.slice, signal.shape[2], signal.name)
        signal, notes = _slice(signal, chosen), (*notes, *slice_notes)
    elif options.slice is not None:
        raise SettingsError(f"--slice is for volumes, and {signal.name} is an image; leave it out")
    if kind == "ct" and _in_hounsfield(signal):
        values = np.maximum((signal.values - _AIR) / -_AIR, 0)
        signal = replace(signal, values=values)
        notes = (*notes, "Hounsfield units are taken for absorption relative to water, (HU + 1000)/1000")
    plain = signal.sample_format.peak is not None and signal.sample_format.volume is None
    sample_format = SampleFormat(signal.sample_format.dtype if plain else "float32", squeeze=True)
    return replace(signal, kind="image", sample_format=sample_format), notes


def known_volume(signal: GridSignal, options: ScanOptions) -> tuple[GridSignal, tuple[str, ...]]:
    """Return one channel of an image or a volume as it is, or of the slice that ``options`` ask for."""
    if len(signal.shape) != 3 or options.slice is not None:
        return known_image(signal, options, "mri")
    signal, notes = _one_channel(signal)
    return replace(signal, sample_format=replace(signal.sample_format, squeeze=True)), notes


def _one_channel(signal: GridSignal) -> tuple[GridSignal, tuple[str, ...]]:
    if signal.kind not in ("image", "volume") or len(signal.shape) not in (2, 3):
        raise SettingsError(f"--simulate is for images and volumes, and {signal.name} is {signal.kind}; leave it out")
    if len(set(signal.domain.units)) > 1:
        raise SettingsError(
            f"{signal.name} has axes in {', '.join(signal.domain.units)}; a scan needs a single unit of length"
        )
    colours = {2: 1, 4: 3}.get(signal.channels, signal.channels)  # transparency is not a colour
    values = signal.values[..., :colours].mean(axis=-1, keepdims=True)
    if np.isnan(values).any():
        raise SignalError(f"{signal.name} has missing samples, so no scan of it can be simulated; fill them in first")
    notes = (f"the mean of {colours} colours is scanned",) if colours > 1 else ()
    return replace(signal, values=values), notes


def _slice(signal: GridSignal, chosen: int) -> GridSignal:
    domain = Domain(signal.domain.extent[:2], signal.domain.units[:2])
    return replace(signal, values=np.ascontiguousarray(signal.values[:, :, chosen]), domain=domain, kind="image")


def _in_hounsfield(signal: GridSignal) -> bool:
    """Return whether a signal is in Hounsfield units.

    DICOM is if its rescale intercept puts air where it belongs; any volume is if some of its values are as low as air.
    """
    volume = signal.sample_format.volume
    if volume is None:
        return False
    return (volume.container == "dicom" and volume.intercept <= _AIR) or float(signal.values.min()) <= 0.9 * _AIR


def padded_square(image: GridSignal) -> tuple[GridSignal, float, tuple[str, ...]]:
    """Return the image padded with zeros to a square, the width of a pixel, and notes on the padding.

    Raises ``SignalError`` if the pixels are not square.
    """
    rows, columns = (length / n for length, n in zip(image.domain.extent, image.shape, strict=True))
    if abs(rows - columns) > _UNEVEN * columns:
        raise SignalError(
            f"{image.name} has pixels of {rows:.4g} × {columns:.4g} {image.domain.units[0]}, but line integrals are "
            "simulated only for square ones; resample it first"
        )
    side = max(*image.shape, 2)
    if image.shape == (side, side):
        return image, columns, ()
    before = [(side - n) // 2 for n in image.shape]
    around = [(low, side - n - low) for low, n in zip(before, image.shape, strict=True)]
    values = np.pad(image.values, (*around, (0, 0)))
    domain = Domain.of_samples((side, side), (columns, columns), image.domain.units)
    note = f"zeros around {image.shape[0]}×{image.shape[1]} pixels make it {side}×{side}"
    return replace(image, values=values, domain=domain), columns, (note,)
