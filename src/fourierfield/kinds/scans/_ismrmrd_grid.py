"""Put the lines of an ISMRMRD file on the grid that they encode."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ...errors import SignalError
from ...grids._files import check_size
from ._ismrmrd_header import IsmrmrdHeader
from ._ismrmrd_lines import Line, cropped, in_order


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
