"""Sums of waves by FINUFFT against the sums themselves."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from fourierfield.operators._nufft import FourierSum, mode_numbers

MODES = {1: (20,), 2: (8, 12), 3: (4, 6, 8)}


def waves(points: Tensor, modes: tuple[int, ...], period: tuple[float, ...]) -> Tensor:
    """e^{2πi ξ·x/P}, (N, prod modes), the last axis' ξ fastest."""
    numbers = torch.stack(torch.meshgrid(*map(mode_numbers, modes), indexing="ij"), dim=-1).reshape(-1, len(modes))
    phase = 2 * math.pi * (points / torch.tensor(period, dtype=torch.float64)) @ numbers.T
    return torch.polar(torch.ones_like(phase), phase)


def drawn(count: int, d: int, seed: int = 0) -> Tensor:
    return torch.rand(count, d, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


@settings(max_examples=20)
@given(st.integers(1, 3), st.integers(0, 9), st.floats(0.5, 5), st.sampled_from([1e-3, 1e-6, 1e-10, 1e-13]), st.data())
def test_it_is_the_sum(d: int, count: int, period: float, tolerance: float, data: st.DataObject) -> None:
    """To the tolerance, with either of the finer grids, wherever the points are, and its adjoint likewise."""
    seed, shift = data.draw(st.integers(0, 2**31)), data.draw(st.sampled_from([0.0, -3.0, 50.0]))
    points, periods = drawn(count, d, seed) + shift, tuple(period * (1 + 0.3 * a) for a in range(d))
    operator, matrix = FourierSum(points, MODES[d], periods, tolerance), waves(points, MODES[d], periods)
    generator = torch.Generator().manual_seed(seed)
    for side, dense in ((operator, matrix), (operator.H, matrix.mH)):
        x = torch.randn(dense.shape[1], 2, dtype=torch.complex128, generator=generator)
        bound = 10 * tolerance * float(x.norm()) * math.sqrt(d) + 1e-11
        torch.testing.assert_close(side @ x, dense @ x, rtol=0, atol=bound)


@pytest.mark.parametrize("d", [1, 2, 3])
@pytest.mark.parametrize("tolerance", [1e-4, 1e-9])
def test_its_adjoint_is_its_adjoint_whatever_the_tolerance(d: int, tolerance: float) -> None:
    operator = FourierSum(drawn(40, d), MODES[d], (1.5,) * d, tolerance)
    generator = torch.Generator().manual_seed(0)
    x, y = (torch.randn(n, dtype=torch.complex128, generator=generator) for n in operator.shape[::-1])
    left, right = torch.vdot(y, operator @ x), torch.vdot(operator.H @ y, x)
    assert abs(left - right) < 1e-12 * abs(left)


def test_real_values_and_columns_of_any_layout_are_taken() -> None:
    operator = FourierSum(drawn(7, 2), (4, 6), (1.0, 1.0))
    matrix, y = waves(drawn(7, 2), (4, 6), (1.0, 1.0)), drawn(7, 3, 1)
    torch.testing.assert_close(operator.H @ y, matrix.mH @ y.to(torch.complex128), rtol=0, atol=1e-6)
    torch.testing.assert_close(operator.H @ y.T.contiguous().T, operator.H @ y, rtol=0, atol=1e-14)


def test_its_argument_is_left_alone() -> None:
    operator = FourierSum(drawn(7, 2), (4, 6), (1.0, 1.0))
    for side in (operator, operator.H):
        x = torch.ones(side.shape[1], 1, dtype=torch.complex128)
        first = side @ x
        torch.testing.assert_close(side @ x, first, rtol=0, atol=0)
        assert (x == 1).all()


@pytest.mark.parametrize("columns", [1, 3])
def test_filtered_is_there_and_back(columns: int) -> None:
    operator = FourierSum(drawn(30, 2), (8, 6), (1.0, 1.5))
    coefficients = torch.rand(8, 6, dtype=torch.float64)
    x = torch.complex(drawn(30, columns, 1), drawn(30, columns, 2))
    kept = x.clone()
    for _ in range(2):  # what is kept from the first time does no harm
        found = operator.filtered(x, coefficients)
        expected = operator @ (coefficients.flatten()[:, None] * (operator.H @ x))
        torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)
    assert torch.equal(x, kept)
    nothing = FourierSum(torch.zeros(0, 2), (8, 6), (1.0, 1.5))
    assert nothing.filtered(x[:0], coefficients).shape == (0, columns)


def test_several_threads_give_the_same_bits_each_time() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        operator = FourierSum(drawn(60_000, 2), (700, 700), (1.0, 1.0), 1e-6)
        for side in (operator, operator.H):
            x = torch.ones(side.shape[1], dtype=torch.complex128)
            first = side @ x
            assert all(torch.equal(side @ x, first) for _ in range(4))
    finally:
        torch.set_num_threads(before)


def test_points_of_another_shape_are_refused() -> None:
    for points, modes in ((torch.zeros(4), (4,)), (torch.zeros(4, 2), (4,)), (torch.zeros(4, 4), (2, 2, 2, 2))):
        with pytest.raises(ValueError, match="up to 3 axes"):
            FourierSum(points, modes, (1.0,) * len(modes))
