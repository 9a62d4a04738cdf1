"""Plans of shapes: the paper's beside the default."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fourierfield.kinds.shapes._mesh import MeshSignal
from fourierfield.kinds.shapes._plan import choose_shape_encoding, plan_shape, sampling_of, uniform_spacing
from fourierfield.kinds.shapes._problem import ShapeSampling, shape_problem
from fourierfield.tasks._settings import FitSettings
from fourierfield.training._schedules import ExponentialDecay


def test_the_paper_has_a_plan_of_its_own(ball: MeshSignal) -> None:
    settings = FitSettings(preset="paper")
    sampling = sampling_of(settings)
    assert (sampling.near, sampling.around) == (0, 0)
    problem = shape_problem(ball, sampling=ShapeSampling(100))
    plan = plan_shape(problem, settings)
    assert (plan.mlp.depth, plan.mlp.width, plan.mlp.initialisation) == (8, 256, "glorot")
    assert plan.training.schedule == ExponentialDecay(5e-4, 0.1, 5000)
    assert (plan.training.steps, plan.training.batch_size, plan.training.loss) == (10_000, 32_768, "cross-entropy")
    assert plan.training.orthogonal == plan.training.weight_decay == 0
    assert plan.choice.encoding.bandwidth == 12
    positional = plan_shape(problem, replace(settings, encoding="positional")).choice.encoding
    assert (positional.bandwidth, positional.count_features(3)) == (63, 255)
    assert plan_shape(problem, replace(settings, target="distance")).training.loss == "squares"


def test_the_bandwidth_follows_the_density_of_the_points(ball: MeshSignal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fourierfield.kinds.shapes._plan.WINDOWS", 2)
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
