"""Read single readouts of an ISMRMRD file, and put their samples in order of k on the grid that they encode."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ...errors import SignalError
from ...grids._files import check_size
from ._epi import EpiReadout, resampling
from ._ismrmrd_header import IsmrmrdHeader

_REVERSED = 22  # ISMRMRD's flag, from 1, of a readout from high k to low


@dataclass(frozen=True)
class Line:
    """The samples (coils, n) of one readout, of which number ``centre`` lies at DC.

    ``steps`` are the numbers (z, y) of its encoding steps, ``places`` (n, d) its trajectory if it has one, and
    ``reverse`` says that it ran from high k to low.
    """

    samples: np.ndarray
    centre: int
    steps: tuple[int, int]
    places: np.ndarray | None
    reverse: bool = False

    @property
    def count(self) -> int:
        """The number of samples of each coil."""
        return int(self.samples.shape[1])

    def fills(self, width: int) -> bool:
        """Return whether the line measured all of ``width`` places, with DC in the middle."""
        return self.count == width and self.centre == width // 2


def read_line(acquisition: np.void, path: Path) -> Line:
    """Read one readout in order of time, without the samples that are to be discarded."""
    head = acquisition["head"]
    count, coils = int(head["number_of_samples"]), int(head["active_channels"])
    numbers = np.ascontiguousarray(acquisition["data"], dtype=np.float32)
    if numbers.size != 2 * count * coils or not count * coils:
        raise SignalError(f"{path} has a line of {numbers.size // 2} samples, but its head says {coils} × {count}")
    used = slice(int(head["discard_pre"]), count - int(head["discard_post"]))
    samples = numbers.view(np.complex64).reshape(coils, count)[:, used]
    axes = int(head["trajectory_dimensions"])
    places = np.asarray(acquisition["traj"], dtype=np.float64).reshape(count, axes)[used] if axes else None
    steps = int(head["idx"]["kspace_encode_step_2"]), int(head["idx"]["kspace_encode_step_1"])
    centre = int(head["center_sample"]) - int(head["discard_pre"])
    return Line(samples, centre, steps, places, bool(int(head["flags"]) & (1 << (_REVERSED - 1))))


def in_order(lines: Iterable[Line], width: int, readout: EpiReadout | None = None) -> list[Line]:
    """Return the lines in order from low k to high, on a grid of ``width`` places.

    They are resampled to the grid if the gradient of an echo-planar ``readout`` is known. The number of the sample at
    DC of a reversed line is counted from the beginning of the line or one further (as in Siemens' files, which have n/2
    for lines in either direction), whichever agrees with the lines that were not reversed. A line that fills the grid
    has DC in the middle, even if its head does not say so.
    """
    lines = list(lines)
    forward = {(line.count, line.centre) for line in lines if not line.reverse}
    return [_settled(_turned(line, forward) if line.reverse else line, line.centre, width, readout) for line in lines]


def _turned(line: Line, forward: set[tuple[int, int]]) -> Line:
    centre = line.count - 1 - line.centre
    further = (line.count, centre) not in forward and (line.count, centre + 1) in forward
    places = None if line.places is None else line.places[::-1]
    return replace(line, samples=line.samples[:, ::-1], centre=centre + further, places=places)


def _settled(line: Line, stated: int, width: int, readout: EpiReadout | None) -> Line:
    n = line.count
    if 0 < stated < n and abs(line.centre - n // 2) > 1:
        return line
    if readout is not None:
        line = replace(line, samples=line.samples @ resampling(readout, n, width, line.reverse).T)
    return replace(line, centre=width // 2) if line.count == width else line


def cropped(line: Line, width: int) -> Line:
    """Return the same readout for the middle ``width`` pixels alone, with unchanged pixel spacing."""
    n = line.count
    image = np.fft.fftshift(np.fft.ifft(np.fft.ifftshift(line.samples, axes=1), axis=1, norm="ortho"), axes=1)
    start = n // 2 - width // 2
    image = np.fft.ifftshift(image[:, start : start + width], axes=1)
    samples = np.fft.fftshift(np.fft.fft(image, axis=1, norm="ortho"), axes=1)
    return replace(line, samples=samples, centre=width // 2, places=None)


@dataclass(frozen=True)
class LineGrid:
    """The grid (z, y, x) of a file's first encoding; if ``crop`` is set, x is cropped to the image's field of view."""

    header: IsmrmrdHeader
    crop: bool
    path: Path

    @property
    def shape(self) -> tuple[int, int, int]:
        """The number of places along each axis."""
        z, y, x = self.header.encoded.shape
        return z, y, _recon_width(self.header) if self.crop else x

    @property
    def notes(self) -> tuple[str, ...]:
        """What was done to the lines on the grid."""
        whole, width = self.header.encoded.shape[2], self.shape[2]
        return (f"readouts of {whole} samples are cropped to the {width} pixels of the image",) if self.crop else ()

    def gathered(self, lines: Iterable[Line]) -> tuple[np.ndarray, np.ndarray]:
        """Return samples (coils, z, y, x), and which places were measured.

        Lines at the same place are averaged, and the z axis is left out if it has a single place.
        """
        values, mask = self._averaged(_prepared(lines, self.header, self.crop))
        return (values, mask) if self.shape[0] > 1 else (values[:, 0], mask[0])

    def calibration(self, lines: list[Line], coils: int) -> np.ndarray | None:
        """Return samples (coils, z, y, x) of another scan of the same field of view, zero where not measured.

        Returns None if the lines do not fit on the grid or are all zero. Their steps may be counted from the first of
        them.
        """
        if coils == 1 or {len(line.samples) for line in lines} != {coils}:
            return None
        try:
            values, _ = self.gathered(_recentred(lines, self.header))
        except SignalError:
            return None
        return values if values.any() and np.isfinite(values).all() else None

    def _averaged(self, lines: list[Line]) -> tuple[np.ndarray, np.ndarray]:
        shape, coils = self.shape, len(lines[0].samples)
        check_size(self.path, (coils, *shape), 2)
        values = np.zeros((coils, *shape), dtype=np.complex128)
        times = np.zeros(shape)
        for line in lines:
            place = self._place(line)
            values[:, *place] += line.samples
            times[place] += 1
        return values / np.maximum(times, 1), times > 0

    def _place(self, line: Line) -> tuple[int, int, slice]:
        shape = self.shape
        z, y = (
            step + n // 2 - centre for step, centre, n in zip(line.steps, _centres(self.header), shape[:2], strict=True)
        )
        start = shape[2] // 2 - line.centre
        stop = start + line.count
        if not (0 <= z < shape[0] and 0 <= y < shape[1] and start >= 0 and stop <= shape[2]):
            raise SignalError(
                f"{self.path} has a line at encoding steps {line.steps}, outside of its encoded matrix {shape}; "
                "its header may be that of another scan"
            )
        return z, y, slice(start, stop)


def line_grid(lines: Iterable[Line], header: IsmrmrdHeader, path: Path) -> LineGrid:
    """Return the grid of the image that ``lines`` measured, which is not cropped if any readout is partial.

    A partial readout cannot be cropped by a transform.
    """
    width = header.encoded.shape[2]
    whole = all(line.fills(width) for line in _prepared(lines, header, False))
    return LineGrid(header, whole and _recon_width(header) < width, path)


def _prepared(lines: Iterable[Line], header: IsmrmrdHeader, crop: bool) -> list[Line]:
    width = header.encoded.shape[2]
    ordered = in_order(lines, width, header.readout)
    if not crop:
        return ordered
    if not all(line.fills(width) for line in ordered):
        raise SignalError("partial readouts cannot be cropped; measure whole ones")
    return [cropped(line, _recon_width(header)) for line in ordered]


def _centres(header: IsmrmrdHeader) -> tuple[int, int]:
    """Return the numbers (z, y) of the encoding steps at DC, the middle ones if the header does not specify them."""
    z, y = (
        n // 2 if stated is None else stated for stated, n in zip(header.centres, header.encoded.shape, strict=False)
    )
    return z, y


def _recentred(lines: list[Line], header: IsmrmrdHeader) -> list[Line]:
    """Return the lines with their middle step at DC, along each axis whose steps do not reach it.

    A shift multiplies the images of all coils by the same phase, which does not affect their sensitivities.
    """
    steps = np.array([line.steps for line in lines])
    centres = np.array(_centres(header))
    low, high = steps.min(axis=0), steps.max(axis=0)
    shifts = np.where((low <= centres) & (centres <= high), 0, centres - (low + high + 1) // 2)
    return [
        replace(line, steps=(int(z), int(y))) for line, (z, y) in zip(lines, (steps + shifts).tolist(), strict=True)
    ]


def _recon_width(header: IsmrmrdHeader) -> int:
    """Return how many encoded pixels span the reconstructed field of view, whatever the vendor interpolates them to."""
    return max(1, round(header.recon.extent[2] / header.encoded.spacing[2]))
