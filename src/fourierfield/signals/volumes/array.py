"""Volumes and films from arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...errors import SettingsError, SignalError
from ..domain import Domain
from ..sample_format import SampleFormat, VolumeFormat
from ..signal import GridSignal
from .affine import checked_affine, voxel_sizes

__all__ = ["as_video", "as_volume"]

_MOST_AXES = 4


def as_volume(
    array: np.ndarray,
    *,
    spacing: Sequence[float] | None = None,
    units: Sequence[str] | None = None,
    affine: np.ndarray | None = None,
    channels: bool | None = None,
    name: str = "array",
) -> GridSignal:
    """A volume from an array (n₁, n₂, n₃), with a fourth axis for time, and channels last if ``channels``.

    ``spacing`` is the distance of neighbouring samples along each axis in its unit of ``units`` (1 voxel by default).
    ``affine`` (4×4) leads from the first three indices to millimetres, and gives their spacing. ``channels`` None takes
    a last axis of up to four as channels where three are left. Integers and floats as in ``as_signal``. Raises
    ``SignalError`` for other shapes and types, ``SettingsError`` for a spacing that is not positive.

    >>> as_volume(np.zeros((8, 8, 4)), spacing=(0.5, 0.5, 2.0), units=("mm",) * 3).domain
    Domain(extent=(4.0, 4.0, 8.0), units=('mm', 'mm', 'mm'))
    """
    array = np.asarray(array)
    if channels is None:
        channels = array.ndim > 3 and array.shape[-1] <= 4
    axes = array.ndim - channels
    if not 2 <= axes <= _MOST_AXES:
        raise SignalError(f"{name} has shape {array.shape}; a volume has two to four axes, and channels last")
    volume = VolumeFormat("npy")
    if affine is not None:
        matrix = checked_affine(affine, name)
        volume = VolumeFormat("npy", tuple(tuple(row) for row in matrix.tolist()))
        spacing = (*voxel_sizes(matrix)[:axes], *(spacing or (1.0,) * axes)[3:])
        units = units or (*("mm",) * min(axes, 3), *("frame",) * (axes - 3))
    return volume_signal(array, volume, checked_spacing(spacing, axes), tuple(units or ("voxel",) * axes), name)


def as_video(array: np.ndarray, *, rate: float | None = None, name: str = "array") -> GridSignal:
    """A film from frames (t, y, x) or (t, y, x, C), ``rate`` of them per second; without one its time is in frames.

    >>> as_video(np.zeros((50, 6, 8, 3), np.uint8), rate=25).domain
    Domain(extent=(2.0, 6.0, 8.0), units=('s', 'px', 'px'))
    """
    array = np.asarray(array)
    if array.ndim not in (3, 4) or (array.ndim == 4 and array.shape[-1] > 4):
        raise SignalError(f"{name} has shape {array.shape}; a film is (frames, height, width), channels last")
    if rate is not None and not 0 < rate < np.inf:
        raise SettingsError(f"a film has a positive number of frames per second, not {rate:g}")
    step, unit = (1.0, "frame") if rate is None else (1.0 / rate, "s")
    return volume_signal(array, VolumeFormat("npy", rate=rate), (step, 1.0, 1.0), (unit, "px", "px"), name, "video")


def checked_spacing(spacing: Sequence[float] | None, axes: int) -> tuple[float, ...]:
    """One positive step per axis, 1 by default."""
    steps = tuple(float(step) for step in spacing) if spacing is not None else (1.0,) * axes
    if len(steps) != axes or not all(0 < step < np.inf for step in steps):
        raise SettingsError(f"a spacing has {axes} positive numbers, one for each axis, not {steps}")
    return steps


def volume_signal(
    samples: np.ndarray,
    volume: VolumeFormat,
    spacing: tuple[float, ...],
    units: tuple[str, ...],
    name: str,
    kind: str = "volume",
    file_bytes: int | None = None,
) -> GridSignal:
    """A signal from the samples of a file; their axes beyond those that have a spacing are channels."""
    if samples.dtype.kind not in "buif":
        raise SignalError(f"{name} holds {samples.dtype} values; a {kind} has integers or floats")
    if 0 in samples.shape:
        raise SignalError(f"{name} holds no samples (shape {samples.shape}); give a file with data")
    axes = len(spacing)
    plain = SampleFormat.of(samples, squeeze=samples.ndim == axes)
    sample_format = SampleFormat(plain.dtype, plain.squeeze, volume=volume)
    values = sample_format.decode(samples.reshape(*samples.shape[:axes], -1))
    domain = Domain.of_samples(values.shape[:-1], spacing, units)
    return GridSignal(values, domain, kind, sample_format, name, file_bytes)
