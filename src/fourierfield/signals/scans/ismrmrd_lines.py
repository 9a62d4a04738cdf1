"""Single readouts of an ISMRMRD file, in the order of k."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ...errors import SignalError
from .epi import EpiReadout, resampling

__all__ = ["Line", "cropped", "in_order", "read_line"]

_REVERSED = 22


@dataclass(frozen=True)
class Line:
    """The samples (coils, n) of one readout, and the one at DC; its numbers of encoding steps (z, y), its places
    (n, d) if it has any, and whether it ran from high k to low."""

    samples: np.ndarray
    centre: int
    steps: tuple[int, int]
    places: np.ndarray | None
    reverse: bool = False

    @property
    def count(self) -> int:
        """Samples of each coil."""
        return int(self.samples.shape[1])

    def fills(self, width: int) -> bool:
        """Whether it measured all of ``width`` places, DC in the middle."""
        return self.count == width and self.centre == width // 2


def read_line(acquisition: np.void, path: Path) -> Line:
    """In the order of time, without what is to be discarded. Raises ``SignalError``."""
    head = acquisition["head"]
    count, coils = int(head["number_of_samples"]), int(head["active_channels"])
    numbers = np.ascontiguousarray(acquisition["data"], dtype=np.float32)
    if numbers.size != 2 * count * coils or not count * coils:
        raise SignalError(f"{path} has a line of {numbers.size // 2} samples, and its head says {coils} × {count}")
    used = slice(int(head["discard_pre"]), count - int(head["discard_post"]))
    samples = numbers.view(np.complex64).reshape(coils, count)[:, used]
    axes = int(head["trajectory_dimensions"])
    places = np.asarray(acquisition["traj"], dtype=np.float64).reshape(count, axes)[used] if axes else None
    steps = int(head["idx"]["kspace_encode_step_2"]), int(head["idx"]["kspace_encode_step_1"])
    centre = int(head["center_sample"]) - int(head["discard_pre"])
    return Line(samples, centre, steps, places, bool(int(head["flags"]) & (1 << (_REVERSED - 1))))


def in_order(lines: Iterable[Line], width: int, readout: EpiReadout | None = None) -> list[Line]:
    """The lines from low k to high, on a grid of ``width`` places; resampled to it where the gradient of an echo-planar
    ``readout`` is known.

    The sample at DC of a reversed line is counted from its beginning, or one further (as Siemens' are, with n/2 for
    lines of either direction): whichever agrees with lines that were not. A line that fills the grid has it in the
    middle, also if its head has none.
    """
    lines = list(lines)
    forward = {(line.count, line.centre) for line in lines if not line.reverse}
    return [_settled(_turned(line, forward) if line.reverse else line, line.centre, width, readout) for line in lines]


def _turned(line: Line, forward: set[tuple[int, int]]) -> Line:
    centre = line.count - 1 - line.centre
    further = (line.count, centre) not in forward and (line.count, centre + 1) in forward
    places = None if line.places is None else line.places[::-1]
    return replace(line, samples=line.samples[:, ::-1], centre=centre + further, places=places)


def _settled(line: Line, told: int, width: int, readout: EpiReadout | None) -> Line:
    n = line.count
    if 0 < told < n and abs(line.centre - n // 2) > 1:
        return line
    if readout is not None:
        line = replace(line, samples=line.samples @ resampling(readout, n, width, line.reverse).T)
    return replace(line, centre=width // 2) if line.count == width else line


def cropped(line: Line, width: int) -> Line:
    """The same readout of the middle ``width`` pixels alone, whose spacing stays what it was."""
    n = line.count
    image = np.fft.fftshift(np.fft.ifft(np.fft.ifftshift(line.samples, axes=1), axis=1, norm="ortho"), axes=1)
    start = n // 2 - width // 2
    image = np.fft.ifftshift(image[:, start : start + width], axes=1)
    samples = np.fft.fftshift(np.fft.fft(image, axis=1, norm="ortho"), axes=1)
    return replace(line, samples=samples, centre=width // 2, places=None)
