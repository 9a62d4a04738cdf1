"""Images as problems: point samples of colour on the pixels' centres."""

from __future__ import annotations

import numpy as np

from ..networks import ValueRange
from ..signals import GridSignal, HoldOut, NoHoldOut, SampleFormat
from .grid import GridProblem

__all__ = ["image_problem"]


def image_problem(signal: GridSignal, hold_out: HoldOut | None = None) -> GridProblem:
    """The problem of fitting an image, with the samples that ``hold_out`` keeps back (none by default).

    Raises ``SettingsError`` where the hold-out leaves nothing to train on or to score.
    """
    split = (hold_out or NoHoldOut()).split(signal.present)
    training_values = signal.values.reshape(-1, signal.channels)[split.training]
    return GridProblem.from_split(signal, split, _value_range(training_values, signal.sample_format))


def _value_range(training_values: np.ndarray, sample_format: SampleFormat) -> ValueRange:
    """The range that counts as [0, 1], and so the peak of PSNR, from the training samples alone.

    8-bit files: 0 to 255. Deeper integers: 0 to the largest number of the fewest bits that hold the training
    maximum (a 12-bit sensor in a 16-bit file has peak 4095). Floats: [0, 1] if they lie there and use more than
    half of it, their own minimum and maximum otherwise.
    """
    low, high = float(np.nanmin(training_values)), float(np.nanmax(training_values))
    if sample_format.dtype == "uint8":
        return ValueRange()
    if sample_format.peak:
        bits = max(8, round(high * sample_format.peak).bit_length())
        return ValueRange(0.0, (2**bits - 1) / sample_format.peak)
    if low >= 0 and 0.5 < high <= 1:
        return ValueRange()
    return ValueRange(low, high - low if high > low else 1.0)
