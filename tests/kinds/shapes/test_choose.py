"""The encoding of a shape is chosen by the density of its points."""

from __future__ import annotations

import pytest
from fourierfield.kinds.shapes._choose import choose_shape_encoding, uniform_spacing

from fourierfield.kinds.shapes._mesh import MeshSignal
from fourierfield.kinds.shapes._plan import plan_shape
from fourierfield.kinds.shapes._problem import ShapeSampling, shape_problem
from fourierfield.tasks._settings import FitSettings


def test_the_bandwidth_follows_the_density_of_the_points(ball: MeshSignal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fourierfield.kinds.shapes._choose.WINDOWS", 2)
    settings = FitSettings(encoding="gaussian", steps=1200, width=32)
    plan = plan_shape(shape_problem(ball, sampling=ShapeSampling(100)), settings)
    sparse, dense = ShapeSampling(1 << 14), ShapeSampling(1 << 20)
    assert uniform_spacing(ball, sparse) == pytest.approx(4 * uniform_spacing(ball, dense))
    choices = [choose_shape_encoding(ball, sampling, settings, plan) for sampling in (sparse, dense)]
    first, second = (choice.encoding.bandwidth for choice in choices)
    assert isinstance(first, float)
    assert isinstance(second, float)
    assert 2 < second / first < 8
    assert 0.3 < first < 8
    assert "forecasts of its occupancy" in choices[0].reason
