"""Build sinograms from arrays, and from what a user specifies about their rays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ...errors import SettingsError, SignalError
from ...operators._geometry import Geometry
from ...tasks._scan_options import ScanOptions
from ._centre import centre_of_rotation
from ._side_files import read_numbers
from ._sinogram import SinogramSignal


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
        angles, notes = scan_angles(options, count, self.angles, self.name)
        with np.errstate(over="ignore"):  # values beyond float32 become infinite, and are refused
            values = self.values.astype(np.float32)
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
    """Return the CT scan in an array of line integrals, (angles, bins) or (angles, slices, bins).

    Unmeasured values are NaN. ``angles`` are in radians, if known. Those in ``options`` take precedence; without
    either, half a turn is assumed (a whole one for a fan beam).

    >>> as_sinogram(np.ones((6, 9)), ScanOptions(centre=4)).geometry.shape
    (6, 9)
    """
    options = options or ScanOptions()
    values = _line_integrals(np.asarray(array), name)
    notes: tuple[str, ...] = ()
    if np.asarray(array).dtype.kind in "ui":
        notes = ("its whole numbers are taken for line integrals; of photon counts, save −log(counts / open beam)",)
    chosen, picked = chosen_slice(options.slice, values.shape[1], name)
    return Projections(values[:, chosen], angles, name, file_bytes, (*notes, *picked)).signal(options)


def _line_integrals(array: np.ndarray, name: str) -> np.ndarray:
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


def scan_angles(
    options: ScanOptions, count: int, held: np.ndarray | None = None, name: str = "array"
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return the angles of ``count`` projections in radians, with notes.

    They are those in ``options``, otherwise those that the file ``held``; otherwise half a turn is assumed (a whole one
    for a fan beam), and a note says so.

    >>> np.degrees(scan_angles(ScanOptions(angles="0:90"), 3)[0]).round()
    array([ 0., 30., 60.])
    """
    notes: tuple[str, ...] = ()
    if options.angles is not None and options.angle_range is None:
        held = np.radians(read_numbers(Path(options.angles), "--angles"))
    elif options.angle_range is not None or held is None:
        turn = 360.0 if options.fan else 180.0
        start, stop = options.angle_range or (0.0, turn)
        held = np.radians(start + (stop - start) * np.arange(count) / count)
        if options.angle_range is None:
            notes = (
                f"no angles are given: {count} are assumed, evenly from 0° to below {turn:g}° (--angles says others)",
            )
    if len(held) != count:
        source = f"--angles {options.angles}" if options.angles else name
        raise SignalError(
            f"{source} has {len(held)} angles, but {name} has {count} projections; give one angle for each projection"
        )
    return held, notes


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
