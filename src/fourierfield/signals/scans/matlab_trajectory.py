"""Samples along a trajectory in MATLAB's files, as toolboxes for radial and spiral MRI save them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ...errors import SignalError
from .matlab_variables import Variables
from .spokes import cycles_per_field, is_trajectory

__all__ = ["SAMPLES", "AlongTrajectory", "by_coil", "find_along"]

_NAMES = ("traj", "trajectory", "ktraj", "k_traj", "kloc", "klocs", "coord", "coords", "coordinates", "k")
SAMPLES = ("rawdata", "raw", "kdata", "kspace", "ksp", "data", "dat", "signal", "sig")


@dataclass(frozen=True)
class AlongTrajectory:
    """Samples ``values`` (coils, M) at ``places`` (M, d), axes (z, y, x), in cycles per field of view."""

    values: np.ndarray
    places: np.ndarray
    notes: tuple[str, ...]


def find_along(variables: Variables) -> AlongTrajectory | None:
    """The samples and the trajectory in a file; None where there is none.

    A trajectory is called as such arrays are ("k", "traj", …), runs about the middle of k-space, and is complex,
    k_x + i k_y, or real with an axis of 2 or 3 coordinates (x, y, z), the last or the first. It goes with complex
    samples that have its other axes, and coils last or first. Raises ``SignalError`` where it goes with none, and for
    units that are not clear.
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
                f"{variables.path}: {variables.described(name)} is a trajectory, and {variables.described(samples[0])} "
                "holds no complex samples of its axes; save one place for each sample of a coil"
            )
    return None


def by_coil(values: np.ndarray, count: int) -> np.ndarray:
    """Samples as (coils, ``count``), those of a coil in MATLAB's order, its first axis fastest: coils are the last axis
    if the others have as many samples, or the first. As they are where neither is so.

    >>> by_coil(np.zeros((256, 25, 12)), 6400).shape
    (12, 6400)
    """
    squeezed = np.squeeze(values)
    axes = _coil_axes(squeezed.shape, (count,))
    return _listed(_coils_last(squeezed, axes[0])).T if axes else values


def _called(variables: Variables, names: tuple[str, ...]) -> list[str]:
    return [held for wanted in names for held in variables.shapes if held.lower() == wanted]


def _beside(variables: Variables, name: str) -> list[str]:
    """What samples may be called, the likeliest first."""
    known = [other for other in _called(variables, SAMPLES) if other != name]
    return known + [other for other in variables.shapes if other not in known and other.lower() not in _NAMES]


def _coordinates(array: np.ndarray) -> Iterator[np.ndarray]:
    """An array as places (…, d) along (z, y, x), in each way in which it may hold some."""
    array = np.squeeze(array)
    if array.dtype.kind == "c":
        yield np.stack([array.imag, array.real], axis=-1).astype(np.float64)
        return
    for axis in (-1, 0) if array.ndim > 1 else ():
        if array.shape[axis] in (2, 3):
            places = np.moveaxis(array, axis, -1)[..., ::-1].astype(np.float64)
            yield places if places.shape[-1] == 2 or places[..., 0].any() else places[..., 1:]


def _along(variables: Variables, name: str, other: str, places: np.ndarray) -> AlongTrajectory | None:
    """With the samples called ``other``, if they go with the places."""
    axes = _coil_axes(tuple(n for n in variables.shapes[other] if n > 1), places.shape[:-1])
    values = np.squeeze(variables.read(other)) if axes else np.empty(0)
    if values.dtype.kind != "c":
        return None
    values = _coils_last(values, axes[0])
    if places.ndim == 2:  # a list, whose readouts the samples may tell
        places = places.reshape((*values.shape[:-1], -1), order="F")
    places, unit = cycles_per_field(places, f"{variables.path}: {variables.described(name)}")
    coils = f"{values.shape[-1]} coils" if values.shape[-1] > 1 else "one coil"
    notes = (
        f"{variables.described(other)} of {len(variables.shapes)} variables has the samples of {coils}",
        f"{variables.described(name)} is its trajectory, in {unit}",
    )
    return AlongTrajectory(_listed(values).T, _listed(places), notes)


def _coil_axes(shape: tuple[int, ...], readouts: tuple[int, ...]) -> list[int | None]:
    """Which axes may be that of coils, None for no axis, where the others are those of a trajectory; if either is a
    list, where they are as many."""
    rests: dict[int | None, tuple[int, ...]] = {-1: shape[:-1], 0: shape[1:], None: shape}
    return [axis for axis, rest in rests.items() if rest == readouts or _same_list(rest, readouts)]


def _same_list(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return min(len(one), len(other)) == 1 and math.prod(one) == math.prod(other)


def _coils_last(values: np.ndarray, axis: int | None) -> np.ndarray:
    return values[..., None] if axis is None else np.moveaxis(values, axis, -1)


def _listed(values: np.ndarray) -> np.ndarray:
    """(n₁, …, c) as (M, c), its first axis fastest."""
    return values.reshape((-1, values.shape[-1]), order="F")
