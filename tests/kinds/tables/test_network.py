"""Fits of tables by network."""

from __future__ import annotations

import numpy as np
import pytest

from fourierfield.grids._points import PointSignal
from fourierfield.kinds._fit import run_fit
from fourierfield.kinds.tables._read import as_points
from fourierfield.tasks._settings import FitSettings


@pytest.fixture
def table() -> PointSignal:
    places = np.random.default_rng(0).random((200, 2))
    return as_points(places, np.sin(5 * places[:, :1]) + places[:, 1:], input_names=["x", "y"], output_names=["height"])


def test_the_time_bounds_the_steps(table: PointSignal) -> None:
    """Of no time at all there is time for a single step, and never for as many as without a bound."""
    settings = {"method": "network", "width": 8, "features": 4}
    assert run_fit(table, FitSettings(**settings, time=1e-3)).field.record["steps"] == 1
    free = run_fit(table, FitSettings(**settings)).field.record
    assert free["steps"] > 10
    assert free["columns"] == {"inputs": ["x", "y"], "outputs": ["height"]}
