"""The affine map between a signal's values and the [0, 1] that networks are trained on."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ValueRange"]


@dataclass(frozen=True)
class ValueRange:
    """value = offset + peak·x for x in [0, 1].

    >>> ValueRange(-1.0, 2.0).restore(0.75)
    0.5
    """

    offset: float = 0.0
    peak: float = 1.0

    def normalise(self, values):  # type: ignore[no-untyped-def]
        """Values of the signal → [0, 1]; for arrays, tensors and numbers."""
        return (values - self.offset) / self.peak

    def restore(self, normalised):  # type: ignore[no-untyped-def]
        """[0, 1] → values of the signal."""
        return normalised * self.peak + self.offset
