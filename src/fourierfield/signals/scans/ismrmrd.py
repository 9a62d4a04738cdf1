"""ISMRMRD: raw MRI acquisitions of any vendor, by h5py alone."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...errors import SignalError
from ..decoding import decoding
from ..limits import check_size
from .fastmri import middle_slice
from .ismrmrd_header import IsmrmrdHeader, read_header
from .kspace import KSpaceSignal
from .options import ScanOptions
from .samples import Measured

__all__ = ["read_ismrmrd"]

# noise, calibration alone, navigator, phase correction, feedback, dummy, surface coil, phase stabilisation
_NO_IMAGE = (19, 20, 23, 24, 26, 27, 28, 29, 30, 31)
_REVERSED = 22
_REPEATED = ("contrast", "phase", "repetition", "set")  # the first of each is taken


@dataclass(frozen=True)
class _Line:
    """The samples (coils, n) of one readout, in the order of k, and the one at DC; its numbers of encoding steps (z, y)
    and its places (n, d), if it has any."""

    samples: np.ndarray
    centre: int
    steps: tuple[int, int]
    places: np.ndarray | None


def read_ismrmrd(path: Path, options: ScanOptions) -> KSpaceSignal:
    """The acquisitions of one slice, as the image (y, x), or (z, y, x) where more than one step along z was encoded.

    Lines that are no image (noise, calibration, navigators) are left out; of contrasts, phases, repetitions and sets
    the first is taken, and lines of one place are averaged. Cartesian readouts longer than the image to reconstruct are
    cropped to it by an inverse FFT, if all of them are whole. Other trajectories are those of the acquisitions, along
    (x, y, z), in cycles per pixel where all lie within 0.51, else in cycles per field of view.
    """
    with decoding(path, "ISMRMRD"):
        import h5py

        with h5py.File(path, "r") as file:
            header = read_header(file["dataset/xml"][()], str(path))
            check_size(path, (os.path.getsize(path) // 8,), 2)
            acquisitions = file["dataset/data"][()]
    chosen, notes = _chosen(acquisitions, options, path)
    lines = [_line(acquisition, path) for acquisition in chosen]
    if len({len(line.samples) for line in lines}) > 1:
        raise SignalError(f"{path} has lines of different numbers of coils; keep those of one scan")
    measured = _cartesian(lines, header, path) if header.trajectory == "cartesian" else _along(lines, header, path)
    told = (*notes, *measured.notes)
    return Measured(
        measured.values,
        measured.places,
        measured.image_shape,
        measured.mask,
        measured.spacing,
        str(path),
        os.path.getsize(path),
        told,
    ).signal(options)


def _chosen(acquisitions: np.ndarray, options: ScanOptions, path: Path) -> tuple[np.ndarray, tuple[str, ...]]:
    """The acquisitions of one image."""
    head = acquisitions["head"]
    other = np.uint64(sum(1 << (bit - 1) for bit in _NO_IMAGE))
    kept = ((head["flags"].astype(np.uint64) & other) == 0) & (head["encoding_space_ref"] == 0)
    if not kept.any():
        raise SignalError(f"{path} has no lines of an image among {len(head)} acquisitions; give a scan")
    notes: list[str] = []
    if not kept.all():
        notes.append(f"{(~kept).sum():,} of {len(kept):,} acquisitions are no lines of the image, and left out")
    slices = np.unique(head["idx"]["slice"][kept])
    number, told = middle_slice(options.slice, len(slices), str(path))
    notes += told
    kept &= head["idx"]["slice"] == slices[number]
    for name in _REPEATED:
        found = np.unique(head["idx"][name][kept])
        kept &= head["idx"][name] == found[0]
        notes += [f"the first of {len(found)} {name}s is taken"] * (len(found) > 1)
    return acquisitions[kept], tuple(notes)


def _line(acquisition: np.void, path: Path) -> _Line:
    head = acquisition["head"]
    count, coils = int(head["number_of_samples"]), int(head["active_channels"])
    numbers = np.ascontiguousarray(acquisition["data"], dtype=np.float32)
    if numbers.size != 2 * count * coils or not count * coils:
        raise SignalError(f"{path} has a line of {numbers.size // 2} samples, and its head says {coils} × {count}")
    used = slice(int(head["discard_pre"]), count - int(head["discard_post"]))
    samples = numbers.view(np.complex64).reshape(coils, count)[:, used]
    centre = int(head["center_sample"]) - int(head["discard_pre"])
    axes = int(head["trajectory_dimensions"])
    places = np.asarray(acquisition["traj"], dtype=np.float64).reshape(count, axes)[used] if axes else None
    if int(head["flags"]) & (1 << (_REVERSED - 1)) and places is None:
        samples, centre = samples[:, ::-1], samples.shape[1] - 1 - centre
    steps = int(head["idx"]["kspace_encode_step_2"]), int(head["idx"]["kspace_encode_step_1"])
    return _Line(samples, centre, steps, places)


def _cartesian(lines: list[_Line], header: IsmrmrdHeader, path: Path) -> Measured:
    shape, spacing = header.encoded.shape, header.encoded.spacing
    whole = all(line.samples.shape[1] == shape[2] and line.centre == shape[2] // 2 for line in lines)
    width = header.recon.shape[2]
    notes: tuple[str, ...] = ()
    if whole and width < shape[2]:
        lines = [_cropped(line, width) for line in lines]
        notes = (f"readouts of {shape[2]} samples are cropped to the {width} pixels of the image",)
        shape = (*shape[:2], width)
    values, mask = _gathered(lines, header.centres, shape, path)
    d = 3 if shape[0] > 1 else 2
    kept = (values, mask) if d == 3 else (values[:, 0], mask[0])
    return Measured(kept[0], mask=kept[1], spacing=spacing[-d:], notes=notes)


def _cropped(line: _Line, width: int) -> _Line:
    """The same readout of the middle ``width`` pixels alone, whose spacing stays what it was."""
    n = line.samples.shape[1]
    image = np.fft.fftshift(np.fft.ifft(np.fft.ifftshift(line.samples, axes=1), axis=1, norm="ortho"), axes=1)
    start = n // 2 - width // 2
    image = np.fft.ifftshift(image[:, start : start + width], axes=1)
    samples = np.fft.fftshift(np.fft.fft(image, axis=1, norm="ortho"), axes=1)
    return _Line(samples, width // 2, line.steps, None)


def _gathered(
    lines: Iterable[_Line], centres: tuple[int | None, int | None], shape: tuple[int, int, int], path: Path
) -> tuple[np.ndarray, np.ndarray]:
    """Samples on the grid (coils, z, y, x), lines of one place averaged, and which places were measured."""
    lines = list(lines)
    check_size(path, (len(lines[0].samples), *shape), 2)
    values = np.zeros((len(lines[0].samples), *shape), dtype=np.complex128)
    times = np.zeros(shape)
    shifts = [n // 2 - (n // 2 if centre is None else centre) for centre, n in zip(centres, shape[:2], strict=True)]
    for line in lines:
        z, y = (step + shift for step, shift in zip(line.steps, shifts, strict=True))
        start = shape[2] // 2 - line.centre
        stop = start + line.samples.shape[1]
        if not (0 <= z < shape[0] and 0 <= y < shape[1] and start >= 0 and stop <= shape[2]):
            raise SignalError(
                f"{path} has a line at encoding steps {line.steps}, outside of its encoded matrix {shape}; "
                "its header may be that of another scan"
            )
        values[:, z, y, start:stop] += line.samples
        times[z, y, start:stop] += 1
    return values / np.maximum(times, 1), times > 0


def _along(lines: list[_Line], header: IsmrmrdHeader, path: Path) -> Measured:
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
