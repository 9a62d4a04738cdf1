"""Filters of training against plain formulas, at the limits and beyond them."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fourierfield.forecast._dynamics import GradientDescent, GradientFlow

eigenvalues = st.lists(st.floats(1e-12, 1e6), min_size=1, max_size=6).map(lambda x: torch.tensor(x).double())
times = st.floats(0, 1e12)


@given(eigenvalues, times, st.floats(1, 1e6))
def test_decay_is_one_minus_eigenvalue_times_response(values: torch.Tensor, time: float, divisor: float) -> None:
    flow = GradientFlow(torch.tensor([time], dtype=torch.float64), divisor)
    torch.testing.assert_close(flow.decay(values), 1 - values * flow.response(values), rtol=0, atol=1e-12)


@given(eigenvalues)
def test_limits_are_exact(values: torch.Tensor) -> None:
    values = values + values.max()  # nothing null beside the largest
    flow = GradientFlow(torch.tensor([0.0, math.inf], dtype=torch.float64))
    assert torch.equal(flow.decay(values), torch.stack([torch.ones_like(values), torch.zeros_like(values)]))
    assert torch.equal(flow.response(values)[0], torch.zeros_like(values))
    torch.testing.assert_close(flow.response(values)[1], 1 / values)


def test_a_tiny_eigenvalue_gives_the_time() -> None:
    flow = GradientFlow(torch.tensor([3.0], dtype=torch.float64), divisor=2.0)
    torch.testing.assert_close(
        flow.response(torch.tensor([0.0, 1e-300, 1e-12, 1.0], dtype=torch.float64))[0, :3],
        torch.full((3,), 1.5, dtype=torch.float64),
    )


def test_null_directions_stay_where_they_are_for_ever() -> None:
    flow = GradientFlow(torch.tensor([math.inf], dtype=torch.float64))
    values = torch.tensor([1.0, 1e-18, -1e-18, 0.0], dtype=torch.float64)
    assert flow.decay(values).tolist() == [[0.0, 1.0, 1.0, 1.0]]
    assert flow.response(values).tolist() == [[1.0, 0.0, 0.0, 0.0]]


@given(st.floats(1e-4, 0.7), st.integers(0, 40), st.floats(0, 2.5))
def test_descent_is_what_the_iteration_does(rate: float, steps: int, eigenvalue: float) -> None:
    residual, weight = 1.0, 0.0
    for _ in range(steps):
        weight += rate / 2.0 * residual
        residual = 1 - eigenvalue * weight
    descent = GradientDescent(rate, torch.tensor([steps]), divisor=2.0)
    value = torch.tensor([eigenvalue], dtype=torch.float64)
    assert float(descent.decay(value)) == pytest.approx(residual, rel=1e-9, abs=1e-9)
    assert float(descent.response(value)) == pytest.approx(weight, rel=1e-9, abs=1e-12)


def test_descent_becomes_flow_at_small_rates() -> None:
    values = torch.logspace(-6, 0, 7, dtype=torch.float64)
    flow = GradientFlow(torch.tensor([5.0], dtype=torch.float64))
    descent = GradientDescent(1e-6, torch.tensor([5_000_000]))
    torch.testing.assert_close(descent.response(values), flow.response(values), rtol=1e-5, atol=0)


@pytest.mark.parametrize("times", [[-1.0], [math.nan]])
def test_times_that_are_none_are_refused(times: list[float]) -> None:
    with pytest.raises(ValueError, match="times"):
        GradientFlow(torch.tensor(times))
    with pytest.raises(ValueError, match="divisor"):
        GradientFlow(torch.ones(1), divisor=0.0)
