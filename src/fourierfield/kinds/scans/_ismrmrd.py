"""Read ISMRMRD: raw MRI acquisitions of any vendor, with h5py alone.

Acquisitions are lines of one image, calibration of its coils, or neither.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ...errors import SignalError
from ...grids._files import check_size, decoding
from ...grids._hdf5 import opened_hdf5
from ...tasks._scan_options import ScanOptions
from ._fastmri import middle_slice
from ._ismrmrd_header import IsmrmrdHeader, read_header
from ._ismrmrd_lines import Line, line_grid, read_line
from ._kspace import KSpaceSignal
from ._samples import Measured

# ISMRMRD's flags, from 1: noise, navigator, phase correction, feedback, dummy, surface coil, phase stabilisation
_NEITHER = (19, 23, 24, 26, 27, 28, 29, 30, 31)
_CALIBRATION, _AND_IMAGING = 20, 21  # flags of lines for calibration, and for calibration and imaging
# the header's calibration modes: on the grid of the image, and in another scan
_OF_THE_IMAGE, _APART = ("embedded", "interleaved"), ("separate", "external")
_REPEATED = ("contrast", "phase", "repetition", "set")  # counters, of which the first value is taken
_PLACE = ("slice", "kspace_encode_step_1", "kspace_encode_step_2")  # counters that say where a line lies


@dataclass(frozen=True)
class Chosen:
    """Masks of the acquisitions by their purpose.

    ``image`` marks the lines of one image, ``calibration`` the lines that only calibrate its coils, ``calibrations``
    all such lines of any image, and ``neither`` everything else.
    """

    image: np.ndarray
    calibration: np.ndarray
    calibrations: np.ndarray
    neither: np.ndarray
    notes: tuple[str, ...]

    def left_out(self, calibrated: bool) -> tuple[str, ...]:
        """Return a note on acquisitions that are neither lines of the image nor used otherwise."""
        left = int(self.neither.sum()) + (0 if calibrated else int(self.calibrations.sum()))
        verb = "is no line" if left == 1 else "are no lines"
        return (f"{left:,} of {len(self.image):,} acquisitions {verb} of the image, and left out",) if left else ()


def choose(head: np.ndarray, mode: str | None, asked: int | None, path: Path) -> Chosen:
    """Choose the acquisitions of one slice by their heads.

    The slice is number ``asked``, by default the middle one; of contrasts, phases, repetitions and sets the first is
    taken.

    Lines flagged as calibration only are lines of the image too if the header's ``mode`` is "embedded" or
    "interleaved", since they were measured on the image's own grid. Those of the modes "separate" and "external" are
    other scans, whose contrast may differ. If the header specifies neither, they are lines of the image if they fill
    gaps between its lines. Raises ``SignalError`` if there are no lines, and ``SettingsError`` if there is no such
    slice.
    """
    image, alone = _marked(head)
    neither = ~(image | alone)
    embedded = mode in _OF_THE_IMAGE or (mode not in _APART and _fills_gaps(head, image, alone))
    apart = np.zeros_like(alone) if embedded else alone
    image = ~(neither | apart)
    if not image.any():
        raise SignalError(f"{path} has no lines of an image among {len(head):,} acquisitions; give an imaging scan")
    slices = np.unique(head["idx"]["slice"][image])
    number, picked = middle_slice(asked, len(slices), str(path))
    in_slice = head["idx"]["slice"] == slices[number]
    image, repeated = _first(head, image & in_slice)
    notes = (*picked, *repeated, *_embedded(int((image & alone).sum()), int(image.sum()), mode))
    return Chosen(image, _first(head, apart & in_slice)[0], apart, neither, notes)


def _embedded(count: int, lines: int, mode: str | None) -> tuple[str, ...]:
    why = mode if mode in _OF_THE_IMAGE else "they fill gaps between the others"
    return (f"{count:,} of its {lines:,} lines are of calibration too ({why})",) if count else ()


def _marked(head: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return masks of the lines of an image and of the lines of calibration alone, in the first encoding."""
    flags = head["flags"].astype(np.uint64)
    measured = (flags & _bits(*_NEITHER) == 0) & (head["encoding_space_ref"] == 0)
    alone = (flags & _bits(_CALIBRATION) != 0) & (flags & _bits(_AND_IMAGING) == 0)
    return measured & ~alone, measured & alone


def _bits(*flags: int) -> np.uint64:
    return np.uint64(sum(1 << (flag - 1) for flag in flags))


def _fills_gaps(head: np.ndarray, image: np.ndarray, calibration: np.ndarray) -> bool:
    """Return whether no calibration line lies where an image line does.

    A separate calibration scan measures a whole block, which overlaps the image.
    """
    places = np.stack([head["idx"][name] for name in _PLACE], axis=1)
    lines, others = (set(map(tuple, places[mask].tolist())) for mask in (image, calibration))
    return bool(lines) and lines.isdisjoint(others)


def _first(head: np.ndarray, among: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    notes: list[str] = []
    for name in _REPEATED:
        found = np.unique(head["idx"][name][among])
        if len(found) > 1:
            among = among & (head["idx"][name] == found[0])
            notes.append(f"the first of {len(found)} {name}s is taken")
    return among, tuple(notes)


def read_ismrmrd(path: Path, options: ScanOptions) -> KSpaceSignal:
    """Read the acquisitions of one slice as an image (y, x), or as (z, y, x) if more than one step along z was encoded.

    ``choose`` says which acquisitions these are. Cartesian readouts longer than the image to reconstruct are cropped to
    it by an inverse FFT if all of them are whole. Other trajectories are taken from the acquisitions, along (x, y, z),
    in cycles per pixel if all places lie within 0.51 and otherwise in cycles per field of view. Echo-planar lines
    without a trajectory are Cartesian. A separate calibration of several coils determines their sensitivities.
    """
    with decoding(path, "ISMRMRD"), opened_hdf5(path) as file:
        header = read_header(file["dataset/xml"][()], str(path))
        check_size(path, (os.path.getsize(path) // 8,), 2)
        acquisitions = file["dataset/data"][()]
    chosen = choose(acquisitions["head"], header.calibration, options.slice, path)
    lines = [read_line(acquisition, path) for acquisition in acquisitions[chosen.image]]
    if len({len(line.samples) for line in lines}) > 1:
        raise SignalError(f"{path} has lines with different numbers of coils; keep those of one scan")
    if _is_cartesian(lines, header):
        measured = _cartesian(lines, [read_line(one, path) for one in acquisitions[chosen.calibration]], header, path)
    else:
        measured = _along(lines, header, path)
    notes = (*chosen.left_out(measured.calibration is not None), *chosen.notes, *measured.notes)
    return replace(measured, name=str(path), file_bytes=os.path.getsize(path), notes=notes).signal(options)


def _is_cartesian(lines: list[Line], header: IsmrmrdHeader) -> bool:
    return header.trajectory == "cartesian" or (
        header.trajectory == "epi" and all(line.places is None for line in lines)
    )


def _cartesian(lines: list[Line], calibration: list[Line], header: IsmrmrdHeader, path: Path) -> Measured:
    grid = line_grid(lines, header, path)
    values, mask = grid.gathered(lines)
    apart = grid.calibration(calibration, len(values))
    notes = (*_echo_planar(lines, header), *grid.notes)
    if apart is not None:
        notes = (*notes, f"{len(calibration):,} lines of calibration tell the coils' sensitivities alone")
    return Measured(values, mask=mask, spacing=header.encoded.spacing[-mask.ndim :], notes=notes, calibration=apart)


def _echo_planar(lines: list[Line], header: IsmrmrdHeader) -> tuple[str, ...]:
    if header.trajectory != "epi":
        return ()
    notes = ("its echo-planar lines are taken for Cartesian ones, with no correction of ghosts",)
    count, width = lines[0].count, header.encoded.shape[2]
    if header.readout is None or (count == width and header.readout.even):
        return notes
    return (*notes, f"readouts of {count} samples are resampled to {width} places, by the gradient that is told")


def _along(lines: list[Line], header: IsmrmrdHeader, path: Path) -> Measured:
    shape, spacing = header.encoded.shape, header.encoded.spacing
    d = 3 if shape[0] > 1 else 2
    if any(line.places is None or line.places.shape[1] < d for line in lines):
        raise SignalError(
            f"{path}: its {header.trajectory} lines do not give their places along {d} axes; add them as traj"
        )
    along = np.concatenate([line.places[:, :d] for line in lines if line.places is not None])[:, ::-1]
    per_pixel = np.abs(along).max() <= 0.51
    places = along * np.array(shape[-d:]) if per_pixel else along
    note = f"its {header.trajectory} trajectory is in cycles per {'pixel' if per_pixel else 'field of view'}"
    samples = np.concatenate([line.samples for line in lines], axis=1)
    return Measured(samples, places, tuple(shape[-d:]), spacing=spacing[-d:], notes=(note,))
