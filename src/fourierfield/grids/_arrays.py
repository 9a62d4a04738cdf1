"""Signals from arrays and ``.npy`` files, by their shape; the 4×4 affine from a volume's indices to millimetres."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..errors import SettingsError, SignalError
from ._domain import Domain, Grid
from ._files import load_npy
from ._sample_format import SampleFormat, VolumeFormat
from ._signal import GridSignal

_SHAPES = {
    "image": "an image is (height, width) or (height, width, 1 to 4 channels)",
    "series": "a series is (samples,) or (samples, channels)",
}


def as_signal(
    array: np.ndarray, *, kind: str | None = None, name: str = "array", file_bytes: int | None = None
) -> GridSignal:
    """A series from an array (n,), an image from (H, W) or (H, W, C) with C ≤ 4, a volume from more axes.

    ``kind`` says what it is where the shape does not: "series" for (n, C), "video" for frames (t, H, W) or
    (t, H, W, C), "volume" for one of few slices. Unsigned integers stand for [0, 1] of their range, others for
    themselves. Raises ``SignalError`` for other shapes and types.

    >>> as_signal(np.zeros((4, 6), dtype=np.uint8)).values.shape
    (4, 6, 1)
    >>> as_signal(np.zeros(5)).domain
    Domain(extent=(5.0,), units=('sample',))
    """
    array = np.asarray(array)
    kind = kind or _kind_of(array.shape)
    if kind in ("volume", "video"):
        signal = (as_volume if kind == "volume" else as_video)(array, name=name)
        return replace(signal, file_bytes=file_bytes)
    if array.dtype.kind not in "buif":
        raise SignalError(f"{name} holds {array.dtype} values; a signal has integers or floats")
    if 0 in array.shape:
        raise SignalError(f"{name} holds no samples (shape {array.shape}); give a file with data")
    dimensions = 1 if kind == "series" else 2
    fits = array.ndim in (dimensions, dimensions + 1)
    if not fits or (kind == "image" and array.ndim == 3 and array.shape[2] > 4):
        raise SignalError(f"{name} has shape {array.shape}; {_SHAPES[kind]}")
    sample_format = SampleFormat.of(array, squeeze=array.ndim == dimensions)
    values = sample_format.decode(array if array.ndim == dimensions + 1 else array[..., None])
    domain = Domain.of_samples(values.shape[:dimensions], units=("sample",) if kind == "series" else None)
    return GridSignal(values, domain, kind, sample_format, name, file_bytes)


def _kind_of(shape: tuple[int, ...]) -> str:
    if len(shape) < 3:
        return "series" if len(shape) == 1 else "image"
    return "image" if len(shape) == 3 and shape[2] <= 4 else "volume"


def read_npy(path: Path, kind: str | None = None) -> GridSignal:
    """The image, series, volume or film in a ``.npy`` file."""
    return as_signal(load_npy(path), kind=kind, name=str(path), file_bytes=os.path.getsize(path))


def kind_of_npy(path: Path) -> str:
    """Return a ``.npy`` file's kind by shape and type: "mri" if complex, "image", to be refused, if unreadable."""
    try:
        held = np.load(path, mmap_mode="r", allow_pickle=False)
    except Exception:  # its header is parsed as Python, with all that this can raise
        return "image"
    return "mri" if held.dtype.kind == "c" else _kind_of(held.shape)


_FLATTEST = 1e-6  # the volume of the box of three unit vectors along the axes, below which they lie in a plane


def voxel_sizes(affine: np.ndarray) -> tuple[float, ...]:
    """Return the length of a step along each of the three axes: the norms of the affine's columns.

    >>> voxel_sizes(np.diag([2.0, 2.0, 3.0, 1.0]))
    (2.0, 2.0, 3.0)
    """
    return tuple(float(length) for length in np.linalg.norm(np.asarray(affine)[:3, :3], axis=0))


def checked_affine(affine: np.ndarray, name: str) -> np.ndarray:
    """Return the affine as (4, 4) float64. Raises ``SignalError`` if it is not finite, not 4×4, or singular."""
    affine = np.asarray(affine, dtype=np.float64)
    if affine.shape != (4, 4) or not np.isfinite(affine).all():
        raise SignalError(f"{name} has an affine that is not a 4×4 matrix of finite numbers; repair its header")
    lengths = np.linalg.norm(affine[:3, :3], axis=0)
    if not (lengths > 0).all() or abs(np.linalg.det(affine[:3, :3] / lengths)) < _FLATTEST:
        raise SignalError(
            f"{name} has a singular affine: its voxels have no volume (steps of {_words(lengths)} mm); "
            "repair the qform or sform of its header"
        )
    return affine


def resampled_affine(affine: np.ndarray, own: Grid, grid: Grid) -> np.ndarray:
    """Return the affine of ``grid``, for a signal whose own samples lie on ``own`` with ``affine``.

    Sample j of the grid lies at index i = A·j + t of the signal; along each axis A = step/own step and
    t = (first − own first)/own step. The result is affine·[A t; 0 1].

    >>> own = Grid((0.0,) * 3, (1.0,) * 3, (4, 4, 4))
    >>> resampled_affine(np.eye(4), own, Grid(own.lower, own.upper, (8, 4, 4)))[0]
    array([ 0.5 ,  0.  ,  0.  , -0.25])
    """
    steps, own_steps = np.array(grid.spacing[:3]), np.array(own.spacing[:3])
    inside = np.eye(4)
    inside[:3, :3] = np.diag(steps / own_steps)
    inside[:3, 3] = (np.array(grid.origin[:3]) - np.array(own.origin[:3])) / own_steps
    return np.asarray(affine) @ inside


def _words(lengths: np.ndarray) -> str:
    return ", ".join(f"{length:g}" for length in lengths)


_MOST_AXES = 4  # three axes in space and one in time


def as_volume(
    array: np.ndarray,
    *,
    spacing: Sequence[float] | None = None,
    units: Sequence[str] | None = None,
    affine: np.ndarray | None = None,
    channels: bool | None = None,
    name: str = "array",
) -> GridSignal:
    """Return a volume from an array (n₁, n₂, n₃), with an optional fourth axis for time and optional channels last.

    ``spacing`` is the distance of neighbouring samples along each axis in its unit of ``units`` (1 voxel by default).
    ``affine`` (4×4) maps the first three indices to millimetres and determines their spacing. If ``channels`` is None,
    a last axis of at most four is the channels, provided that three axes are left. Unsigned integers represent [0, 1];
    floats stay as they are. Raises ``SignalError`` for other shapes and types, and ``SettingsError`` if a spacing is
    not positive.

    >>> as_volume(np.zeros((8, 8, 4)), spacing=(0.5, 0.5, 2.0), units=("mm",) * 3).domain
    Domain(extent=(4.0, 4.0, 8.0), units=('mm', 'mm', 'mm'))
    """
    array = np.asarray(array)
    if channels is None:
        channels = array.ndim > 3 and array.shape[-1] <= 4
    axes = array.ndim - channels
    if not 2 <= axes <= _MOST_AXES:
        raise SignalError(f"{name} has shape {array.shape}; a volume must have two to four axes, and channels last")
    volume = VolumeFormat("npy")
    if affine is not None:
        matrix = checked_affine(affine, name)
        volume = VolumeFormat("npy", tuple(tuple(row) for row in matrix.tolist()))
        spacing = (*voxel_sizes(matrix)[:axes], *(spacing or (1.0,) * axes)[3:])
        units = units or (*("mm",) * min(axes, 3), *("frame",) * (axes - 3))
    return volume_signal(array, volume, checked_spacing(spacing, axes), tuple(units or ("voxel",) * axes), name)


def as_video(array: np.ndarray, *, rate: float | None = None, name: str = "array") -> GridSignal:
    """Return a film from frames (t, y, x) or (t, y, x, C), ``rate`` per second; without a rate its time is in frames.

    >>> as_video(np.zeros((50, 6, 8, 3), np.uint8), rate=25).domain
    Domain(extent=(2.0, 6.0, 8.0), units=('s', 'px', 'px'))
    """
    array = np.asarray(array)
    if array.ndim not in (3, 4) or (array.ndim == 4 and array.shape[-1] > 4):
        raise SignalError(f"{name} has shape {array.shape}; a film must be (frames, height, width), channels last")
    if rate is not None and not 0 < rate < np.inf:
        raise SettingsError(f"a film must have a positive number of frames per second, not {rate:g}")
    step, unit = (1.0, "frame") if rate is None else (1.0 / rate, "s")
    return volume_signal(array, VolumeFormat("npy", rate=rate), (step, 1.0, 1.0), (unit, "px", "px"), name, "video")


def checked_spacing(spacing: Sequence[float] | None, axes: int) -> tuple[float, ...]:
    """Return one step per axis, 1 by default. Raises ``SettingsError`` unless all are positive."""
    steps = tuple(float(step) for step in spacing) if spacing is not None else (1.0,) * axes
    if len(steps) != axes or not all(0 < step < np.inf for step in steps):
        raise SettingsError(f"a spacing must have {axes} positive numbers, one for each axis, not {steps}")
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
    """Return a signal from the samples of a file; the axes beyond those that have a spacing are channels."""
    if samples.dtype.kind not in "buif":
        raise SignalError(f"{name} holds {samples.dtype} values; a {kind} must have integers or floats")
    if 0 in samples.shape:
        raise SignalError(f"{name} holds no samples (shape {samples.shape}); give a file with data")
    axes = len(spacing)
    plain = SampleFormat.of(samples, squeeze=samples.ndim == axes)
    sample_format = SampleFormat(plain.dtype, plain.squeeze, volume=volume)
    values = sample_format.decode(samples.reshape(*samples.shape[:axes], -1))
    domain = Domain.of_samples(values.shape[:-1], spacing, units)
    return GridSignal(values, domain, kind, sample_format, name, file_bytes)
