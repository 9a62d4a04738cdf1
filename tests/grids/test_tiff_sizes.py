"""Units in TIFF files by any spelling."""

from __future__ import annotations

import pytest

from fourierfield.grids._tiff_sizes import length_unit


@pytest.mark.parametrize(
    ("text", "unit"),
    [("micron", "um"), ("µm", "um"), ("\\u00b5m", "um"), ("Inches", "inch"), ("mm", "mm"), ("pixel", None)],
)
def test_units_by_any_spelling(text: str, unit: str | None) -> None:
    assert length_unit(text) == unit
