"""ISMRMRD: raw MRI acquisitions of any vendor, by h5py alone."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np

from ...errors import SignalError
from ..decoding import decoding
from ..limits import check_size
from .ismrmrd_choice import choose
from .ismrmrd_grid import line_grid
from .ismrmrd_header import IsmrmrdHeader, read_header
from .ismrmrd_lines import Line, read_line
from .kspace import KSpaceSignal
from .options import ScanOptions
from .samples import Measured

__all__ = ["read_ismrmrd"]


def read_ismrmrd(path: Path, options: ScanOptions) -> KSpaceSignal:
    """The acquisitions of one slice, as the image (y, x), or (z, y, x) where more than one step along z was encoded.

    Lines that are no image (noise, navigators, a calibration of its own) are left out; of contrasts, phases,
    repetitions and sets the first is taken, and lines of one place are averaged. Cartesian readouts longer than the
    image to reconstruct are cropped to it by an inverse FFT, if all of them are whole. Other trajectories are those of
    the acquisitions, along (x, y, z), in cycles per pixel where all lie within 0.51, else in cycles per field of view.
    Echo-planar lines that tell none are Cartesian, resampled where the header describes the gradient they ran along.
    A calibration of several coils that was measured apart tells their sensitivities.
    """
    with decoding(path, "ISMRMRD"):
        import h5py

        with h5py.File(path, "r") as file:
            header = read_header(file["dataset/xml"][()], str(path))
            check_size(path, (os.path.getsize(path) // 8,), 2)
            acquisitions = file["dataset/data"][()]
    chosen = choose(acquisitions["head"], header.calibration, options.slice, path)
    lines = [read_line(acquisition, path) for acquisition in acquisitions[chosen.image]]
    if len({len(line.samples) for line in lines}) > 1:
        raise SignalError(f"{path} has lines of different numbers of coils; keep those of one scan")
    if _is_cartesian(lines, header):
        measured = _cartesian(lines, [read_line(one, path) for one in acquisitions[chosen.calibration]], header, path)
    else:
        measured = _along(lines, header, path)
    told = (*chosen.left_out(measured.calibration is not None), *chosen.notes, *measured.notes)
    return replace(measured, name=str(path), file_bytes=os.path.getsize(path), notes=told).signal(options)


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
            f"{path}: its {header.trajectory} lines do not tell their places in {d} axes; add them as traj"
        )
    along = np.concatenate([line.places[:, :d] for line in lines if line.places is not None])[:, ::-1]
    per_pixel = np.abs(along).max() <= 0.51
    places = along * np.array(shape[-d:]) if per_pixel else along
    note = f"its {header.trajectory} trajectory is in cycles per {'pixel' if per_pixel else 'field of view'}"
    samples = np.concatenate([line.samples for line in lines], axis=1)
    return Measured(samples, places, tuple(shape[-d:]), spacing=spacing[-d:], notes=(note,))
