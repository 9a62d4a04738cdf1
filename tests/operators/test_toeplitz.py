"""Block-Toeplitz products against sums, matrices, and what they cost in digits."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import scipy.linalg
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from fourierfield.operators import _toeplitz as toeplitz
from fourierfield.operators._toeplitz import Toeplitz

sides = st.integers(1, 6)
Shape = tuple[int, ...]


def drawn(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def table_for(rows: Shape, columns: Shape, seed: int = 0) -> Tensor:
    return drawn(*(r + c - 1 for r, c in zip(rows, columns, strict=True)), seed=seed)


def brute_force(table: Tensor, rows: Shape, columns: Shape) -> Tensor:
    """The matrix t[i − j], entry by entry."""
    matrix = torch.empty(math.prod(rows), math.prod(columns), dtype=table.dtype)
    for row, i in enumerate(itertools.product(*map(range, rows))):
        for column, j in enumerate(itertools.product(*map(range, columns))):
            matrix[row, column] = table[tuple(a - b + c - 1 for a, b, c in zip(i, j, columns, strict=True))]
    return matrix


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**31))
def test_in_one_dimension_it_is_scipys(rows: int, columns: int, seed: int) -> None:
    table = drawn(rows + columns - 1, seed=seed)
    matrix = scipy.linalg.toeplitz(table[columns - 1 :], table[:columns].flip(0))
    np.testing.assert_allclose(Toeplitz(table, (rows,), (columns,)).to_dense(), matrix, atol=1e-13)


@settings(max_examples=40)
@given(st.integers(2, 3).flatmap(lambda d: st.tuples(*[st.tuples(sides, sides)] * d)), st.integers(0, 2**31))
def test_in_more_dimensions_it_is_the_sum(shapes: tuple[Shape, ...], seed: int) -> None:
    rows, columns = tuple(r for r, _ in shapes), tuple(c for _, c in shapes)
    table = table_for(rows, columns, seed)
    operator, matrix = Toeplitz(table, rows, columns), brute_force(table, rows, columns)
    torch.testing.assert_close(operator.to_dense(), matrix, rtol=0, atol=1e-13)
    torch.testing.assert_close(operator.H.to_dense(), matrix.T, rtol=0, atol=1e-13)


@pytest.mark.parametrize("shape", [(16,), (5, 7), (3, 4, 5)])
def test_an_even_table_has_a_real_spectrum_and_a_symmetric_map(shape: Shape) -> None:
    table = table_for(shape, shape)
    even = table + table.flip(tuple(range(len(shape))))
    operator = Toeplitz(even, shape, shape)
    assert not operator._spectrum.is_complex()
    assert Toeplitz(table, shape, shape)._spectrum.is_complex()
    torch.testing.assert_close(operator.to_dense(), brute_force(even, shape, shape), rtol=0, atol=1e-13)
    x = drawn(math.prod(shape))
    torch.testing.assert_close(operator.H @ x, operator @ x, rtol=0, atol=0)


@pytest.mark.parametrize("even", [True, False])
def test_float32_costs_seven_digits_and_float64_sixteen(even: bool) -> None:
    shape = (50, 60)
    table = table_for(shape, shape)
    table = table + table.flip((0, 1)) if even else table
    x = drawn(math.prod(shape), seed=1)
    exact = direct_product(table, x.reshape(shape))
    for dtype, digits in ((torch.float32, 1e-6), (torch.float64, 2e-15)):
        found = Toeplitz(table.to(dtype), shape, shape) @ x.to(dtype)
        assert found.dtype == dtype
        assert float((found.double() - exact).norm() / exact.norm()) < digits


def direct_product(table: Tensor, x: Tensor) -> Tensor:
    """Σ_j t[i − j] x_j over a plane, one output at a time."""
    rows, columns = x.shape
    turned = x.flip((0, 1))
    sums = [(table[i : i + rows, j : j + columns] * turned).sum() for i in range(rows) for j in range(columns)]
    return torch.stack(sums)


@settings(max_examples=60)
@given(
    st.integers(1, 3).flatmap(lambda d: st.tuples(*[st.tuples(sides, sides, st.integers(0, 3))] * d)),
    st.sampled_from([0.0, 0.7, -2.0]),
    st.booleans(),
    st.integers(0, 2**31),
)
def test_a_table_with_a_floor_is_padded_by_its_reach_and_does_the_same(
    shapes: tuple[Shape, ...], floor: float, even: bool, seed: int
) -> None:
    """t is constant from some offset on along each axis, differently on either side or alike."""
    rows, columns = tuple(r for r, _, _ in shapes), tuple(r if even else c for r, c, _ in shapes)
    table, inside = table_for(rows, columns, seed), torch.tensor(True)
    for r, c, (_, _, reach) in zip(rows, columns, shapes, strict=True):
        inside = inside[..., None] & (torch.arange(1 - c, r).abs() <= reach)
    table = torch.where(inside, table + table.flip(tuple(range(table.ndim))) if even else table, floor)
    operator, matrix = Toeplitz(table, rows, columns), brute_force(table, rows, columns)
    torch.testing.assert_close(operator.to_dense(), matrix, rtol=0, atol=1e-13)
    torch.testing.assert_close(operator.H.to_dense(), matrix.T, rtol=0, atol=1e-13)
    for r, c, (_, _, reach), padded in zip(
        rows, columns, shapes, toeplitz._compact(table, rows, columns)[1], strict=True
    ):
        assert padded <= min(max(r, c) + reach, r + c - 1) or len(shapes) > 1


def test_a_short_kernel_on_a_long_grid_is_hardly_padded() -> None:
    """And what it leaves out is below rounding."""
    offsets = torch.arange(-999, 1000, dtype=torch.float64)
    table = 0.3 + torch.exp(-(offsets**2) / 50)
    operator = Toeplitz(table, (1000,), (1000,))
    assert operator._size[0] <= 1080
    x = drawn(1000, seed=1)
    exact = scipy.linalg.toeplitz(table[999:]) @ x.numpy()
    np.testing.assert_allclose(operator @ x, exact, rtol=0, atol=1e-11)
    assert not operator._spectrum.is_complex()


def test_columns_in_blocks_are_columns_together(monkeypatch: pytest.MonkeyPatch) -> None:
    operator = Toeplitz(table_for((4, 5), (3, 6)), (4, 5), (3, 6))
    x = drawn(18, 7)
    whole = operator @ x
    monkeypatch.setattr(toeplitz, "_AT_ONCE", 2 * 6 * 10)
    torch.testing.assert_close(operator @ x, whole, rtol=0, atol=1e-14)


def test_tables_of_the_wrong_shape_are_refused() -> None:
    with pytest.raises(ValueError, match=r"has shape \(5, 7\)"):
        Toeplitz(torch.zeros(5, 8), (3, 4), (3, 4))
    with pytest.raises(ValueError, match=r"shape|argument"):
        Toeplitz(torch.zeros(5), (3,), (3, 4))
