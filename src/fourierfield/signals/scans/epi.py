"""Echo-planar readouts: samples taken while the gradient rises and falls lie unevenly in k-space."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

__all__ = ["EpiReadout", "resampling"]

_LEAST = 0.1  # of the largest singular value: below it, a pixel is not told by the samples


@dataclass(frozen=True)
class EpiReadout:
    """The trapezoid of a readout gradient, and the time from sample to sample, in microseconds; a ``flat`` top of 0
    where all samples lie on it."""

    rise: float = 0.0
    flat: float = 0.0
    fall: float = 0.0
    dwell: float = 0.0

    @property
    def even(self) -> bool:
        """Whether samples lie as evenly in k-space as in time."""
        return self.flat <= 0 or self.dwell <= 0 or (self.rise <= 0 and self.fall <= 0)

    def places(self, count: int, width: int, reverse: bool = False) -> np.ndarray:
        """Places k (count,) in cycles per field of view, ascending, of samples that span ``width`` of them; of a
        gradient that is even, sample count//2 lies at 0.

        k(t) is the area of the trapezoid up to t less half of it all. The samples lie about the middle of the gradient,
        each in the middle of its time, as in what ISMRMRD's headers call "ConventionalEPI".
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
        """Of the gradient, at most 1, up to t."""
        rise, fall = np.minimum(t, self.rise), np.maximum(t - self.rise - self.flat, 0)
        area = t - self.rise / 2
        if self.rise > 0:
            area += (self.rise - rise) ** 2 / (2 * self.rise)
        if self.fall > 0:
            area -= fall**2 / (2 * self.fall)
        return area


@lru_cache(maxsize=8)
def resampling(readout: EpiReadout, count: int, width: int, reverse: bool = False) -> np.ndarray:
    """The matrix (width, count) that takes the samples of a readout, in the order of k, to those at −width//2 and on in
    whole cycles per field of view.

    It is the discrete transform of the middle ``width`` pixels of the least-squares image, as wide as the largest step
    in k allows.
    """
    places = readout.places(count, width, reverse)
    wide = max(width, min(count, int(np.floor(width / np.diff(places).max() + 1e-6))))
    pixels = np.arange(wide) - wide // 2
    seen = np.exp(-2j * np.pi * np.outer(places, pixels) / width) / np.sqrt(width)
    start = wide // 2 - width // 2
    image = np.linalg.pinv(seen, rcond=_LEAST)[start : start + width]
    grid = np.arange(width) - width // 2
    return np.asarray(np.exp(-2j * np.pi * np.outer(grid, grid) / width) / np.sqrt(width) @ image)
