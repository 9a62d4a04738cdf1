"""Map a signal's values to the [0, 1] that networks are trained on, and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True)
class ValueRange:
    """The affine map value = offset + peak·x of x in [0, 1]; one offset and peak for all channels, or one for each.

    >>> ValueRange(-1.0, 2.0).restore(0.75)
    0.5
    >>> ValueRange((0.0, 10.0), (1.0, 100.0)).normalise(np.array([[0.5, 60.0]]))
    array([[0.5, 0.5]])
    """

    offset: float | tuple[float, ...] = 0.0
    peak: float | tuple[float, ...] = 1.0

    @property
    def common(self) -> tuple[float, float]:
        """The offset and peak of all channels. Raises ``ValueError`` if each has its own."""
        if isinstance(self.offset, tuple) or isinstance(self.peak, tuple):
            raise ValueError("each channel has a range of its own")
        return self.offset, self.peak

    def normalise(self, values):  # type: ignore[no-untyped-def]
        """Map values (…, C) of the signal to [0, 1]: arrays, tensors and, with one range for all, numbers."""
        return (values - _like(self.offset, values)) / _like(self.peak, values)

    def restore(self, normalised):  # type: ignore[no-untyped-def]
        """Map [0, 1] to values of the signal."""
        return normalised * _like(self.peak, normalised) + _like(self.offset, normalised)


def _like(number: float | tuple[float, ...], values):  # type: ignore[no-untyped-def]
    if not isinstance(number, tuple):
        return number
    if not isinstance(values, Tensor):
        return np.asarray(number)
    dtype = values.dtype if values.is_floating_point() else torch.get_default_dtype()
    return torch.tensor(number, dtype=dtype, device=values.device)
