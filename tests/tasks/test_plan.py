from __future__ import annotations

import numpy as np
import pytest

from fourierfield.encodings._spec import EncodingSpec
from fourierfield.errors import SettingsError
from fourierfield.grids._arrays import as_signal
from fourierfield.grids._splits import GridHoldOut
from fourierfield.problems._grid import GridProblem, grid_problem
from fourierfield.tasks._plan import TOTAL_DECAY, plan_fit
from fourierfield.tasks._settings import FitSettings
from fourierfield.training._schedules import ConstantRate, WarmupCosine


@pytest.fixture
def problem() -> GridProblem:
    return grid_problem(as_signal(np.zeros((64, 128, 3), dtype=np.uint8)), GridHoldOut())


@pytest.mark.parametrize(
    ("mapping", "rate", "scale"),
    [("none", 1e-2, None), ("basic", 1e-2, None), ("positional", 1e-3, 63), ("gaussian", 1e-3, 10)],
)
def test_the_paper_preset_is_the_papers(problem: GridProblem, mapping: str, rate: float, scale: float | None) -> None:
    plan = plan_fit(problem, FitSettings(preset="paper", encoding=mapping))
    assert plan.training.schedule == ConstantRate(rate)
    assert (plan.training.steps, plan.training.batch_size) == (2000, None)
    assert (plan.training.weight_decay, plan.training.orthogonal, plan.training.margin) == (0, 0, 0)
    assert (plan.mlp.depth, plan.mlp.width, plan.mlp.initialisation, plan.mlp.output) == (4, 256, "glorot", "sigmoid")
    assert plan.choice.encoding == EncodingSpec(mapping, scale)
    assert plan.choice.encoding.count_features(2) == {"none": 0, "basic": 2}.get(mapping, 256)


def test_the_default_follows_the_density_of_training_samples(problem: GridProblem) -> None:
    plan = plan_fit(problem, FitSettings())
    assert plan.choice.encoding.family == "gaussian"
    whole = grid_problem(as_signal(np.zeros((64, 128, 3), dtype=np.uint8)))
    bandwidths = [plan_fit(p, FitSettings()).choice.encoding.bandwidth for p in (problem, whole)]
    assert bandwidths[1] == pytest.approx(2 * bandwidths[0])  # type: ignore[operator]
    assert "rule of thumb" in plan.choice.reason
    assert isinstance(plan.training.schedule, WarmupCosine)


@pytest.mark.parametrize("steps", [400, 1600, 6400])
def test_the_default_decays_as_much_whatever_its_length(problem: GridProblem, steps: int) -> None:
    training = plan_fit(problem, FitSettings(steps=steps)).training
    rates = sum(training.schedule.rate(step, steps) for step in range(steps))
    assert training.weight_decay * rates == pytest.approx(TOTAL_DECAY, rel=0.15)  # the warm-up takes some
    assert training.orthogonal > 0


def test_another_number_of_steps_is_planned_as_if_asked_for(problem: GridProblem) -> None:
    for preset in ("default", "paper"):
        plan = plan_fit(problem, FitSettings(preset=preset))
        for steps in (8, 300, 5000):
            assert plan.with_steps(steps) == plan_fit(problem, FitSettings(preset=preset, steps=steps))


def test_what_is_asked_for_is_taken(problem: GridProblem) -> None:
    asked = FitSettings(
        encoding="laplace",
        bandwidth="0.125/px",
        features=32,
        depth=3,
        width=64,
        steps=7,
        learning_rate=0.5,
        batch_size=9,
    )
    plan = plan_fit(problem, asked)
    assert plan.choice.encoding == EncodingSpec("laplace", 16.0, 32)
    assert (plan.mlp.in_features, plan.mlp.depth, plan.mlp.width) == (64, 3, 64)
    assert (plan.training.steps, plan.training.schedule.peak, plan.training.batch_size) == (7, 0.5, 9)


@pytest.mark.parametrize("family", ["positional", "nerf", "power-law", "laplace", "uniform", "log-uniform"])
def test_every_family_has_a_bandwidth_of_its_own(problem: GridProblem, family: str) -> None:
    assert plan_fit(problem, FitSettings(encoding=family)).choice.encoding.bandwidth


def test_a_bandwidth_for_a_family_without_one_is_refused(problem: GridProblem) -> None:
    with pytest.raises(SettingsError, match="has no bandwidth"):
        plan_fit(problem, FitSettings(encoding="none", bandwidth=3.0))
