"""Total variation, as a penalty."""

from __future__ import annotations

from ..operators import Differences
from .sparse import Penalty

__all__ = ["slopes_of"]


def slopes_of(shape: tuple[int, ...]) -> Penalty:
    """Σ_r |∇f(r)| on a grid of ``shape``: differences along all axes count together (Rudin, Osher & Fatemi 1992)."""
    slopes = Differences(shape)
    return Penalty(slopes, (len(shape),), slopes.spectrum())
