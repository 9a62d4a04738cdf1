"""Build sinograms from arrays, and from what a user specifies about their rays."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...errors import SettingsError, SignalError
from ...operators._geometry import Geometry
from ...tasks._scan_options import ScanOptions
from ._angles import scan_angles
from ._centre import centre_of_rotation
from ._sinogram import SinogramSignal
from ._transmission import absorption, without_stuck_bins


@dataclass(frozen=True)
class Projections:
    """The contents of a file of a CT scan.

    ``values`` (A, S, B) are line integrals, and ``angles`` are in radians, None if the file does not give them.
    """

    values: np.ndarray
    angles: np.ndarray | None = None
    name: str = "array"
    file_bytes: int | None = None
    notes: tuple[str, ...] = ()

    def signal(self, options: ScanOptions) -> SinogramSignal:
        """Return the signal, with the geometry that ``options`` complete."""
        count, slices, bins = self.values.shape
        if bins < 2 or count < 1:
            raise SignalError(
                f"{self.name} holds projections of shape {self.values.shape}; give angles × slices × bins"
            )
        angles, notes = scan_angles(options, self.values, self.angles, self.name)
        held, left_out = without_stuck_bins(self.values)
        notes = (*left_out, *notes)
        with np.errstate(over="ignore"):  # values beyond float32 become infinite, and are refused
            values = held.astype(np.float32)
        geometry = _geometry(options, angles, bins)
        if slices > 1 and geometry.fan:
            notes = (*notes, "each slice is taken for a fan beam of its own, with no cone angle")
        notes = (*self.notes, *notes)
        signal = SinogramSignal(
            values, geometry, geometry.pixel, name=self.name, file_bytes=self.file_bytes, notes=notes
        )
        return signal if options.centre is not None else _centred(signal)


def as_sinogram(
    array: np.ndarray,
    options: ScanOptions | None = None,
    *,
    angles: np.ndarray | None = None,
    name: str = "array",
    file_bytes: int | None = None,
) -> SinogramSignal:
    """Return the CT scan in an array, (angles, bins) or (angles, slices, bins).

    It holds line integrals, or transmission as ``absorption`` tells; unmeasured values are NaN. ``angles`` are in
    radians, if known. Those in ``options`` take precedence; without either, half a turn is assumed (a whole one for a
    fan beam).

    >>> as_sinogram(np.ones((6, 9)), ScanOptions(centre=4)).geometry.shape
    (6, 9)
    """
    options = options or ScanOptions()
    array = _three_axes(np.asarray(array), name)
    chosen, picked = chosen_slice(options.slice, array.shape[1], name)
    values, notes = absorption(array[:, chosen], options.transmission, name)
    if not notes and options.transmission is None and array.dtype.kind in "ui":
        notes = ("its whole numbers are taken for line integrals (--transmission takes them for photon counts)",)
    return Projections(values, angles, name, file_bytes, (*notes, *picked)).signal(options)


def _three_axes(array: np.ndarray, name: str) -> np.ndarray:
    if array.dtype.kind == "c":
        raise SignalError(
            f"{name} holds {array.dtype} values, complex where real is needed; read k-space with --as mri"
        )
    if array.dtype.kind not in "uif":
        raise SignalError(f"{name} holds {array.dtype} values; line integrals are integers or floats")
    if array.ndim not in (2, 3) or 0 in array.shape:
        raise SignalError(f"{name} has shape {array.shape}; a CT scan is angles × bins, or angles × slices × bins")
    return array[:, None] if array.ndim == 2 else array


def chosen_slice(asked: int | None, count: int, name: str) -> tuple[slice, tuple[str, ...]]:
    """Return the slices to read as a slice of their axis: all of them, or the one asked for with a note."""
    if asked is None:
        return slice(None), ()
    if asked >= count:
        raise SettingsError(f"--slice {asked}: {name} has {count} slices; give 0 to {count - 1}")
    return slice(asked, asked + 1), (f"slice {asked} of {count}",) if count > 1 else ()


def _centred(signal: SinogramSignal) -> SinogramSignal:
    """Return the signal with the axis of rotation that its projections show, and a note on it."""
    geometry = signal.geometry
    found = None if geometry.fan else centre_of_rotation(signal.projections, geometry.angles)
    if found is None:
        why = "" if geometry.fan else " cannot be told from the projections; it"
        note = f"the axis of rotation{why} is taken to project to the middle, bin {geometry.axis:g} (--centre)"
        return replace(signal, notes=(*signal.notes, note))
    note = f"the axis of rotation projects to bin {found:.2f} of {geometry.bins}, as the projections tell"
    return replace(signal, geometry=replace(geometry, centre=found), notes=(*signal.notes, note))


def _geometry(options: ScanOptions, angles: np.ndarray, bins: int) -> Geometry:
    source, detector = options.distances or (None, None)
    spacing, unit = (1.0, "px") if options.spacing is None else (options.spacing, "mm")
    return Geometry(angles, bins, options.centre, spacing, unit, source, detector)
