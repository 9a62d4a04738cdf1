"""Find samples along a trajectory in MATLAB files, as toolboxes for radial and spiral MRI save them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ...errors import SignalError
from ._matlab_variables import Variables

_SPREAD = 0.05  # of the largest |k|: half of a trajectory lies farther out, but hardly any values of k-space do
_PER_PIXEL = 0.51  # largest |k| in cycles per pixel: half of one, plus rounding
_RADIANS = 3.5  # smallest reach in cycles per field of view: above π per pixel; no image has only 7 pixels
_STRAIGHT = 0.95  # of the length of a spoke: smallest distance between its ends
_MIDDLE = 0.1  # of the largest |k|: spokes from the middle begin within it


def is_trajectory(places: np.ndarray) -> bool:
    """Return whether places (…, d) lie on all sides of the middle and are spread out.

    >>> is_trajectory(np.mgrid[-4:4, -4:4].T), is_trajectory(np.mgrid[:8, :8].T)
    (True, False)
    """
    flat = places.reshape(-1, places.shape[-1])
    if len(flat) < 2 or not np.isfinite(flat).all() or not ((flat.min(axis=0) < 0) & (flat.max(axis=0) > 0)).all():
        return False
    away = np.linalg.norm(flat, axis=1)
    return bool(np.median(away) >= _SPREAD * away.max())


def cycles_per_field(places: np.ndarray, what: str) -> tuple[np.ndarray, str]:
    """Return places in cycles per field of view, and the unit that they were in.

    They were in cycles per pixel if none lies beyond half of one. The number of pixels is then that of the samples of a
    readout, or twice that if readouts begin in the middle; only spokes show it.
    """
    reach = float(np.abs(places).max())
    if reach >= _RADIANS:
        return places, "cycles per field of view"
    if reach > _PER_PIXEL:
        raise SignalError(
            f"{what} reaches {reach:.3g}, neither cycles per pixel (0.5 at most) nor per field of view; divide radians "
            "by 2π"
        )
    pixels = _pixels(places)
    if pixels is None:
        raise SignalError(
            f"{what} is in cycles per pixel, but has no spokes, whose samples would show the number of pixels; "
            "multiply it by that number"
        )
    size = "×".join(map(str, pixels)) if len(set(pixels)) > 1 else str(pixels[0])
    return places * pixels, f"cycles per pixel (of {size})"


def _pixels(places: np.ndarray) -> tuple[int, ...] | None:
    """Return the number of pixels along each axis, or None if no readouts are straight.

    It is the length of the first axis along which places lie on straight lines, doubled if these begin in the middle.
    Along z it is the number of heights, if no readout leaves its own.
    """
    away = np.linalg.norm(places, axis=-1)
    for axis in (axis for axis in range(places.ndim - 1) if places.shape[axis] > 2):
        along = np.linalg.norm(np.diff(places, axis=axis), axis=-1).sum(axis)
        across = np.linalg.norm(places.take(-1, axis) - places.take(0, axis), axis=-1)
        if np.median(across) < _STRAIGHT * np.median(along):
            continue
        begins = min(np.median(away.take(end, axis)) for end in (0, -1))
        count = places.shape[axis] * (2 if begins < _MIDDLE * away.max() else 1)
        heights = places[..., 0]
        stacked = places.shape[-1] == 3 and np.ptp(heights, axis=axis).max() < 1e-6
        return (len(np.unique(heights.round(6))) if stacked else count, *[count] * (places.shape[-1] - 1))
    return None


# usual names of trajectories and of samples, the likeliest first
_NAMES = ("traj", "trajectory", "ktraj", "k_traj", "kloc", "klocs", "coord", "coords", "coordinates", "k")
SAMPLES = ("rawdata", "raw", "kdata", "kspace", "ksp", "data", "dat", "signal", "sig")


@dataclass(frozen=True)
class AlongTrajectory:
    """Samples ``values`` (coils, M) at ``places`` (M, d), axes (z, y, x), in cycles per field of view."""

    values: np.ndarray
    places: np.ndarray
    notes: tuple[str, ...]


def find_along(variables: Variables) -> AlongTrajectory | None:
    """Find the samples and the trajectory in a file; return None if there is no trajectory.

    A trajectory has a usual name ("k", "traj", …) and runs about the middle of k-space. It is complex, k_x + i k_y, or
    real with an axis of 2 or 3 coordinates (x, y, z), the last or the first. It belongs to complex samples that have
    its other axes, with coils last or first.
    """
    for name in _called(variables, _NAMES) if len(variables.shapes) > 1 else ():
        candidates = [places for places in _coordinates(variables.read(name)) if is_trajectory(places)]
        for places in candidates:
            for other in _beside(variables, name):
                found = _along(variables, name, other, places)
                if found is not None:
                    return found
        samples = [other for other in _called(variables, SAMPLES) if other != name]
        if candidates and samples:
            raise SignalError(
                f"{variables.path}: {variables.described(name)} is a trajectory, but {variables.described(samples[0])} "
                "holds no complex samples with its axes; save one place for each sample of a coil"
            )
    return None


def coils_first(values: np.ndarray, count: int) -> np.ndarray:
    """Return samples as (coils, ``count``), each coil in MATLAB's order, its first axis fastest.

    Coils are the last axis if the others have ``count`` samples, otherwise the first. Values that fit neither way are
    returned unchanged.

    >>> coils_first(np.zeros((256, 25, 12)), 6400).shape
    (12, 6400)
    """
    squeezed = np.squeeze(values)
    axes = _coil_axes(squeezed.shape, (count,))
    return _listed(_coils_last(squeezed, axes[0])).T if axes else values


def _called(variables: Variables, names: tuple[str, ...]) -> list[str]:
    return [held for wanted in names for held in variables.shapes if held.lower() == wanted]


def _beside(variables: Variables, name: str) -> list[str]:
    """Return the names of the variables that may be samples, the likeliest first."""
    known = [other for other in _called(variables, SAMPLES) if other != name]
    return known + [other for other in variables.shapes if other not in known and other.lower() not in _NAMES]


def _coordinates(array: np.ndarray) -> Iterator[np.ndarray]:
    """Yield an array as places (…, d) along (z, y, x), in each way in which it may hold them."""
    array = np.squeeze(array)
    if array.dtype.kind == "c":
        yield np.stack([array.imag, array.real], axis=-1).astype(np.float64)
        return
    for axis in (-1, 0) if array.ndim > 1 else ():
        if array.shape[axis] in (2, 3):
            places = np.moveaxis(array, axis, -1)[..., ::-1].astype(np.float64)
            yield places if places.shape[-1] == 2 or places[..., 0].any() else places[..., 1:]


def _along(variables: Variables, name: str, other: str, places: np.ndarray) -> AlongTrajectory | None:
    """Return the samples called ``other`` with their places, or None if they do not match."""
    axes = _coil_axes(tuple(n for n in variables.shapes[other] if n > 1), places.shape[:-1])
    values = np.squeeze(variables.read(other)) if axes else np.empty(0)
    if values.dtype.kind != "c":
        return None
    values = _coils_last(values, axes[0])
    if places.ndim == 2:  # a list, whose readouts the axes of the samples may show
        places = places.reshape((*values.shape[:-1], -1), order="F")
    places, unit = cycles_per_field(places, f"{variables.path}: {variables.described(name)}")
    coils = f"{values.shape[-1]} coils" if values.shape[-1] > 1 else "one coil"
    notes = (
        f"{variables.described(other)} of {len(variables.shapes)} variables has the samples of {coils}",
        f"{variables.described(name)} is its trajectory, in {unit}",
    )
    return AlongTrajectory(_listed(values).T, _listed(places), notes)


def _coil_axes(shape: tuple[int, ...], readouts: tuple[int, ...]) -> list[int | None]:
    """Return which axes may be that of coils, with None for no axis.

    The other axes must be those of a trajectory or, if either is a list, have as many entries.
    """
    rests: dict[int | None, tuple[int, ...]] = {-1: shape[:-1], 0: shape[1:], None: shape}
    return [axis for axis, rest in rests.items() if rest == readouts or _same_list(rest, readouts)]


def _same_list(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return min(len(one), len(other)) == 1 and math.prod(one) == math.prod(other)


def _coils_last(values: np.ndarray, axis: int | None) -> np.ndarray:
    return values[..., None] if axis is None else np.moveaxis(values, axis, -1)


def _listed(values: np.ndarray) -> np.ndarray:
    """Return (n₁, …, c) as (M, c), its first axis fastest."""
    return values.reshape((-1, values.shape[-1]), order="F")
