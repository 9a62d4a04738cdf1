"""The bandwidth of a network for a scan."""

from __future__ import annotations

from ...encodings import EncodingSpec
from ...problems.scans import ScanProblem
from ...tuning import Choice

__all__ = ["choose_for_scan"]

_USUAL = 8.0


def choose_for_scan(problem: ScanProblem, family: str, features: int | None) -> Choice:
    """Eight cycles per unit."""
    return Choice(EncodingSpec(family, _USUAL, features), "usual for scans")
