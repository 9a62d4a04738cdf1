"""The sparse inverse against the inverse, and against regression of each point on its pattern."""

from __future__ import annotations

import sys

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from fourierfield.kernels._matern import MaternKernel
from fourierfield.operators._base import DenseOperator, LinearOperator
from fourierfield.operators._neighbours import earlier_neighbours
from fourierfield.solvers._cg import conjugate_gradients
from fourierfield.solvers._sparse_inverse import sparse_inverse

seeds = st.integers(0, 2**31)


def definite(n: int, seed: int, ridge: float = 0.01) -> tuple[Tensor, Tensor]:
    """A kernel matrix with a little on its diagonal, and its points."""
    x = torch.rand(n, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    return MaternKernel(1.5, 0.3).between(x, x) + ridge * torch.eye(n), x


def inverse_of(matrix: Tensor, patterns: Tensor) -> LinearOperator:
    return sparse_inverse(lambda rows: matrix[rows[:, :, None], rows[:, None]], patterns)


def patterns_in(order: Tensor, size: int, seed: int) -> Tensor:
    """For each point up to ``size`` of those before it in an order, by chance, −1 anywhere among them."""
    generator, patterns = torch.Generator().manual_seed(seed), torch.full((len(order), size), -1)
    for place, point in enumerate(order.tolist()):
        earlier = order[:place][torch.randperm(place, generator=generator)[:size]]
        patterns[point, torch.randperm(size, generator=generator)[: len(earlier)]] = earlier
    return patterns


@given(st.integers(1, 15), seeds)
def test_with_all_earlier_points_it_is_the_inverse(n: int, seed: int) -> None:
    """In whatever order."""
    matrix, _ = definite(n, seed)
    order = torch.randperm(n, generator=torch.Generator().manual_seed(seed))
    found = inverse_of(matrix, patterns_in(order, max(1, n - 1), seed)).to_dense()
    torch.testing.assert_close(found @ matrix, torch.eye(n, dtype=torch.float64), rtol=0, atol=1e-9)


@given(st.integers(2, 15), st.integers(1, 6), seeds)
def test_it_is_the_precision_of_points_that_know_their_patterns_alone(n: int, size: int, seed: int) -> None:
    """Vecchia: row i is (e_i − regression of x_i on its pattern) over the standard deviation that is left."""
    matrix, _ = definite(n, seed)
    patterns = patterns_in(torch.randperm(n, generator=torch.Generator().manual_seed(seed)), size, seed)
    factor = torch.zeros(n, n, dtype=torch.float64)
    for i, pattern in enumerate(patterns):
        known = pattern[pattern >= 0]
        slopes = torch.linalg.solve(matrix[known][:, known], matrix[known, i])
        factor[i, known], factor[i, i] = -slopes, 1.0
        factor[i] /= (matrix[i, i] - slopes @ matrix[known, i]).sqrt()
    found = inverse_of(matrix, patterns).to_dense()
    torch.testing.assert_close(found, factor.T @ factor, rtol=0, atol=1e-8 * float(found.abs().max()))
    torch.testing.assert_close((factor @ matrix @ factor.T).diagonal(), torch.ones(n).double())


def test_a_few_near_points_are_enough_to_solve_fast() -> None:
    matrix, x = definite(500, 0, 1e-4)
    numbers, near = earlier_neighbours(x, 12)
    inverse = inverse_of(matrix, near[numbers.argsort()])
    b = torch.randn(500, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    plain = conjugate_gradients(DenseOperator(matrix), b, tolerance=1e-6, most=2000)
    helped = conjugate_gradients(DenseOperator(matrix), b, tolerance=1e-6, preconditioner=inverse)
    assert helped.ok
    assert helped.iterations < 0.3 * plain.iterations


def test_blocks_are_made_a_few_at_a_time_and_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    matrix, x = definite(30, 0)
    numbers, near = earlier_neighbours(x, 4)
    made: list[tuple[Tensor, Tensor]] = []

    def blocks(rows: Tensor) -> Tensor:
        values = matrix[rows[:, :, None], rows[:, None]]
        made.append((values, values.clone()))
        return values

    whole = sparse_inverse(blocks, near[numbers.argsort()]).to_dense()
    monkeypatch.setattr(sys.modules[sparse_inverse.__module__], "_AT_ONCE", 7 * 5**2)
    parts = sparse_inverse(blocks, near[numbers.argsort()]).to_dense()
    assert [len(values) for values, _ in made] == [30, 7, 7, 7, 7, 2]
    assert all(torch.equal(values, before) for values, before in made)
    torch.testing.assert_close(parts, whole, rtol=0, atol=0)


def test_a_matrix_that_is_not_definite_is_refused() -> None:
    """Equal points without a ridge, say."""
    matrix = torch.ones(4, 4, dtype=torch.float64)
    with pytest.raises(ValueError, match="not positive definite; add a ridge"):
        inverse_of(matrix, torch.tensor([[-1], [0], [1], [2]]))
