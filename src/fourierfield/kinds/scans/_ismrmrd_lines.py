"""Read single readouts of an ISMRMRD file, and put their samples in order of k."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ...errors import SignalError
from ._epi import EpiReadout, resampling

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
