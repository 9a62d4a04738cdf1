"""An estimate of a run's time grows with its work."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fourierfield.networks._mlp import MLPSpec
from fourierfield.training._estimate import estimate_seconds
from fourierfield.training._plan import TrainingPlan


def test_more_steps_rows_and_weights_take_longer() -> None:
    mlp, plan = MLPSpec(512, 3), TrainingPlan(1000, batch_size=1024)
    seconds = estimate_seconds(mlp, 100_000, plan)
    assert 0 < seconds < 600
    for more in (
        estimate_seconds(mlp, 100_000, replace(plan, steps=20_000)),
        estimate_seconds(mlp, 100_000, replace(plan, batch_size=16_384)),
        estimate_seconds(replace(mlp, depth=40), 100_000, plan),
    ):
        assert more > 2 * seconds  # ten times and more the work, on a machine that may be busy
    assert estimate_seconds(mlp, 16, plan) < estimate_seconds(mlp, 100_000, plan)


@pytest.mark.parametrize("orthogonal", [0.0, 6.0])
def test_steps_that_cost_more_count(orthogonal: float) -> None:
    assert estimate_seconds(MLPSpec(64, 1), 1000, TrainingPlan(10, orthogonal=orthogonal)) > 0
