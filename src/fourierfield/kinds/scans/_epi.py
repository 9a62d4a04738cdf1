"""Echo-planar readouts, whose samples lie unevenly in k-space if taken while the gradient rises and falls."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

_LEAST = 0.1  # of the largest singular value: below it, the samples do not determine a pixel


@dataclass(frozen=True)
class EpiReadout:
    """The trapezoid of a readout gradient, and the time between samples, all in microseconds.

    ``flat`` is 0 if all samples lie on the flat top.
    """

    rise: float = 0.0
    flat: float = 0.0
    fall: float = 0.0
    dwell: float = 0.0

    @property
    def even(self) -> bool:
        """Whether samples are as evenly spaced in k-space as in time."""
        return self.flat <= 0 or self.dwell <= 0 or (self.rise <= 0 and self.fall <= 0)

    def places(self, count: int, width: int, reverse: bool = False) -> np.ndarray:
        """Return the places k (count,) of the samples in cycles per field of view, ascending.

        The samples span ``width`` places. If they are even, sample count//2 lies at 0. Otherwise k(t) is the area of
        the trapezoid up to t minus half of its total area, and the samples are centred on the gradient, each in the
        middle of its dwell time, as in the readouts that ISMRMRD headers call "ConventionalEPI". ``reverse`` is for
        readouts that ran from high k to low.
        """
        total, read = self.rise + self.flat + self.fall, count * self.dwell
        if self.even or read > total:
            return (np.arange(count) - count // 2) * (width / count)
        start = (total - read) / 2
        first, last, whole = self._area(np.array([start, start + read, total]))
        area = self._area(start + (np.arange(count) + 0.5) * self.dwell) - whole / 2
        area = -area[::-1] if reverse else area
        return np.asarray((area - (count + 1) % 2 * self.dwell / 2) * (width / (last - first)))

    def _area(self, t: np.ndarray) -> np.ndarray:
        """Return the area of the gradient, with height 1, up to each time t."""
        rise, fall = np.minimum(t, self.rise), np.maximum(t - self.rise - self.flat, 0)
        area = t - self.rise / 2
        if self.rise > 0:
            area += (self.rise - rise) ** 2 / (2 * self.rise)
        if self.fall > 0:
            area -= fall**2 / (2 * self.fall)
        return area


@lru_cache(maxsize=8)
def resampling(readout: EpiReadout, count: int, width: int, reverse: bool = False) -> np.ndarray:
    """Return the matrix (width, count) that resamples a readout to whole cycles per field of view.

    It maps the samples, in order of k, to those at −width//2, −width//2 + 1, …. It is the discrete transform of the
    middle ``width`` pixels of the least-squares image, which is as wide as the largest step in k allows.
    """
    places = readout.places(count, width, reverse)
    wide = max(width, min(count, int(np.floor(width / np.diff(places).max() + 1e-6))))
    pixels = np.arange(wide) - wide // 2
    seen = np.exp(-2j * np.pi * np.outer(places, pixels) / width) / np.sqrt(width)
    start = wide // 2 - width // 2
    image = np.linalg.pinv(seen, rcond=_LEAST)[start : start + width]
    grid = np.arange(width) - width // 2
    return np.asarray(np.exp(-2j * np.pi * np.outer(grid, grid) / width) / np.sqrt(width) @ image)
