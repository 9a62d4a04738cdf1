"""Which values of a signal count as [0, 1], from the training samples alone."""

from __future__ import annotations

import numpy as np

from ..networks import ValueRange
from ..signals import SampleFormat

__all__ = ["range_of_samples"]


def range_of_samples(training_values: np.ndarray, kind: str, sample_format: SampleFormat) -> ValueRange:
    """The range that counts as [0, 1], and so the peak of PSNR.

    Audio: [−a, a] with a the largest magnitude, so that silence is ½, where a sigmoid network starts. 8-bit files: 0 to
    255. Deeper integers: 0 to the largest number of the fewest bits that hold the training maximum (a 12-bit sensor in
    a 16-bit file has peak 4095). Floats, and what scanners measured: [0, 1] if they lie there and use more than half of
    it, their own minimum and maximum otherwise.

    >>> range_of_samples(np.array([0.1, -0.5]), "audio", SampleFormat("float32"))
    ValueRange(offset=-0.5, peak=1.0)
    """
    low, high = float(np.nanmin(training_values)), float(np.nanmax(training_values))
    if kind == "audio":
        largest = max(abs(low), abs(high)) or 1.0
        return ValueRange(-largest, 2 * largest)
    if sample_format.dtype == "uint8" and sample_format.peak:
        return ValueRange()
    if sample_format.peak:
        bits = max(8, round(high * sample_format.peak).bit_length())
        return ValueRange(0.0, (2**bits - 1) / sample_format.peak)
    if low >= 0 and 0.5 < high <= 1:
        return ValueRange()
    return ValueRange(low, high - low if high > low else 1.0)
