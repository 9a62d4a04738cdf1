"""How long a reconstruction will take."""

from __future__ import annotations

import math

import pytest

from fourierfield.kinds.scans._effort import estimate_seconds
from fourierfield.kinds.scans._problem import Scan, ScanProblem, measurements

from .conftest import KINDS, tiny_scan


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("adapt", [True, False])
def test_it_is_told_of_every_scan(kind: str, adapt: bool) -> None:
    scan: Scan = tiny_scan(kind)
    before = measurements(scan)
    seconds = estimate_seconds(ScanProblem(scan, None), adapt=adapt)
    assert math.isfinite(seconds)
    assert 0 < seconds < 60
    assert estimate_seconds(ScanProblem(scan, None), adapt=adapt, draws=3000) > 2 * seconds
    assert (measurements(scan) == before).all()
