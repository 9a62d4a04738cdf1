"""Estimates of a run's memory and time grow with its work."""

from __future__ import annotations

import platform
from dataclasses import replace

import pytest
import torch

from fourierfield.errors import TooLargeError
from fourierfield.networks._mlp import MLPSpec
from fourierfield.training._estimate import MemoryEstimate, check_memory, estimate_seconds, keep_freed_memory
from fourierfield.training._plan import TrainingPlan


def test_works_where_there_is_glibc_and_is_harmless_elsewhere() -> None:
    assert keep_freed_memory() is (platform.libc_ver()[0] == "glibc")


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


def test_estimates_grow_with_what_they_count() -> None:
    small = MemoryEstimate.of(MLPSpec(512, 3), 1000, TrainingPlan(10, batch_size=100))
    wide = MemoryEstimate.of(MLPSpec(512, 3, width=512), 1000, TrainingPlan(10, batch_size=100))
    many = MemoryEstimate.of(MLPSpec(512, 3), 2000, TrainingPlan(10, batch_size=100))
    half = MemoryEstimate.of(MLPSpec(512, 3), 1000, TrainingPlan(10, batch_size=100, precision=torch.bfloat16))
    assert wide.parameters > small.parameters
    assert many.table == 2 * small.table == 2 * 1000 * 512 * 4
    assert half.table == small.table / 2


def test_what_cannot_fit_is_refused_with_the_numbers() -> None:
    with pytest.raises(TooLargeError, match=r"parameters.*GB and .* GB are free; lower"):
        check_memory(MLPSpec(10**9, 3), 1000, TrainingPlan(10))


def test_the_table_is_optional(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fourierfield.training._estimate.available_memory", lambda device: 400_000_000)
    estimate = check_memory(MLPSpec(512, 3), 1_000_000, TrainingPlan(10, batch_size=1000))
    assert not estimate.table_fits
    assert check_memory(MLPSpec(512, 3), 10_000, TrainingPlan(10, batch_size=1000)).table_fits
