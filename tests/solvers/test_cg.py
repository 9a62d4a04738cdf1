"""Conjugate gradients and Cholesky: the same systems, and honest about the ones they cannot solve."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from fourierfield.grids._domain import Domain
from fourierfield.kernels._stationary import GaussianKernel
from fourierfield.operators._base import DenseOperator, LinearOperator, ScaledIdentity
from fourierfield.operators._gram import gram
from fourierfield.solvers._cg import conjugate_gradients
from fourierfield.solvers._cholesky import cholesky_solve
from fourierfield.solvers._solution import Solution, Status

seeds = st.integers(0, 2**31)
SOLVERS = [conjugate_gradients, cholesky_solve]
both = pytest.mark.parametrize("solve", SOLVERS)


def definite(n: int, seed: int, condition: float = 1e3) -> DenseOperator:
    generator = torch.Generator().manual_seed(seed)
    vectors, _ = torch.linalg.qr(torch.randn(n, n, dtype=torch.float64, generator=generator))
    values = condition ** -torch.rand(n, dtype=torch.float64, generator=generator)
    matrix = (vectors * values) @ vectors.T
    return DenseOperator((matrix + matrix.T) / 2)


def right_side(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed + 1))


def residual(operator: LinearOperator, solution: Solution[Tensor], right: Tensor) -> float:
    b, image = right.reshape(len(right), -1), (operator @ solution.value).reshape(len(right), -1)
    return float(((b - image).norm(dim=0) / b.norm(dim=0).clamp_min(1e-300)).max())


@both
@settings(max_examples=30)
@given(st.integers(1, 30), st.integers(0, 4), seeds)
def test_they_solve(solve, n: int, columns: int, seed: int) -> None:  # type: ignore[no-untyped-def]
    """One right side (n,) or several (n, k); the error is that of the worst column."""
    operator = definite(n, seed)
    b = right_side(n, columns, seed=seed) if columns else right_side(n, seed=seed)
    solution = solve(operator, b)
    assert solution.ok
    assert solution.value.shape == b.shape
    assert solution.error == pytest.approx(residual(operator, solution, b), rel=0.1, abs=1e-13)
    assert solution.error <= 1e-8
    torch.testing.assert_close(solution.value, torch.linalg.solve(operator.matrix, b), rtol=0, atol=1e-4)


@both
def test_a_zero_right_side_has_a_zero_solution(solve) -> None:  # type: ignore[no-untyped-def]
    """Alone and beside others."""
    operator = definite(8, 0)
    solution = solve(operator, torch.zeros(8))
    assert (solution.status, solution.error) == (Status.CONVERGED, 0.0)
    assert not solution.value.any()
    mixed = solve(operator, torch.stack([torch.zeros(8), torch.ones(8)], dim=1))
    assert mixed.ok
    assert not mixed.value[:, 0].any()


@both
def test_an_indefinite_operator_is_reported_with_advice(solve) -> None:  # type: ignore[no-untyped-def]
    for values in ([1.0, -1e-3, 2.0], [-1.0, -2.0, -3.0], [1.0, 0.0, 2.0]):
        operator = DenseOperator(torch.diag(torch.tensor(values, dtype=torch.float64)))
        solution = solve(operator, torch.ones(3, dtype=torch.float64))
        assert solution.status is Status.NOT_POSITIVE_DEFINITE
        assert not solution.ok
        assert "ridge" in solution.status.value


@both
def test_what_does_not_fit_is_refused(solve) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match="square"):
        solve(DenseOperator(torch.ones(3, 4)), torch.ones(3))
    for wrong in (torch.ones(5), torch.ones(4, 1, 1)):
        with pytest.raises(ValueError, match="4 rows"):
            solve(definite(4, 0), wrong)


@both
def test_the_precision_is_that_of_operator_and_right_side_together(solve) -> None:  # type: ignore[no-untyped-def]
    operator, b = definite(12, 0, 10.0), right_side(12, 2)
    assert solve(operator, b.float()).value.dtype == torch.float64
    single = DenseOperator(operator.matrix.float())
    assert solve(single, b).value.dtype == torch.float64
    exact = torch.linalg.solve(operator.matrix, b)
    solution = solve(single, b.float(), tolerance=1e-5)
    assert solution.ok
    torch.testing.assert_close(solution.value.double(), exact, rtol=0, atol=1e-3)


@both
def test_nan_is_never_solved(solve) -> None:  # type: ignore[no-untyped-def]
    assert not solve(definite(4, 0), torch.tensor([1.0, math.nan, 0.0, 0.0])).ok


@settings(max_examples=20)
@given(st.integers(2, 40), seeds)
def test_gradients_take_no_more_steps_than_dimensions(n: int, seed: int) -> None:
    operator, b = definite(n, seed, 10.0), right_side(n, seed=seed)
    assert conjugate_gradients(operator, b).iterations <= n + 1


@settings(max_examples=20)
@given(st.integers(2, 25), seeds)
def test_columns_side_by_side_are_columns_alone(n: int, seed: int) -> None:
    """Columns of very different difficulty: the first to be solved stays as it is."""
    operator = definite(n, seed, 1e5)
    _, vectors = torch.linalg.eigh(operator.matrix)
    b = torch.stack([vectors[:, -1], 1e6 * right_side(n, seed=seed), 1e-9 * right_side(n, seed=seed + 1)], dim=1)
    together = conjugate_gradients(operator, b, tolerance=1e-9)
    assert together.ok
    for column in range(3):
        alone = conjugate_gradients(operator, b[:, column], tolerance=1e-9)
        scale = float(alone.value.norm())
        assert (together.value[:, column] - alone.value).norm() <= 1e-3 * scale


@settings(max_examples=15)
@given(st.integers(5, 40), seeds)
def test_a_preconditioner_saves_steps_and_changes_no_answer(n: int, seed: int) -> None:
    """With K⁻¹ itself one step is enough; the diagonal undoes bad scaling."""
    operator, b = definite(n, seed, 1e2), right_side(n, 2, seed=seed)
    inverse = DenseOperator(torch.linalg.inv(operator.matrix))
    exact = conjugate_gradients(operator, b, preconditioner=inverse)
    assert exact.ok
    assert exact.iterations <= 2
    scales = torch.logspace(0, 4, n, dtype=torch.float64)
    scaled = DenseOperator(scales[:, None] * operator.matrix * scales)
    jacobi = DenseOperator(torch.diag(1 / scaled.matrix.diagonal()))
    plain = conjugate_gradients(scaled, b, most=40 * n)
    helped = conjugate_gradients(scaled, b, preconditioner=jacobi, most=40 * n)
    assert helped.ok
    assert helped.iterations <= plain.iterations
    assert residual(scaled, helped, b) <= 1e-8


def test_a_preconditioner_that_is_not_definite_is_reported() -> None:
    solution = conjugate_gradients(definite(5, 0), right_side(5), preconditioner=ScaledIdentity(5, -1.0))
    assert solution.status is Status.NOT_POSITIVE_DEFINITE


def test_too_few_steps_are_reported_with_what_is_left() -> None:
    operator, b = definite(50, 0, 1e6), right_side(50, 2)
    solution = conjugate_gradients(operator, b, most=5)
    assert solution.status is Status.TOO_FEW_STEPS
    assert solution.iterations == 5
    assert solution.error == pytest.approx(residual(operator, solution, b))
    none = conjugate_gradients(operator, b, most=0)
    assert (none.status, none.iterations, none.error) == (Status.TOO_FEW_STEPS, 0, 1.0)


class Blurred(DenseOperator):
    """A product with rounding of single precision, which the recurrence of residuals knows nothing of."""

    def _forward(self, x: Tensor) -> Tensor:
        return super()._forward(x).float().double()


def test_convergence_is_that_of_the_true_residual() -> None:
    """Where the recurrence alone says 1e-12, b − K x says what is so."""
    operator, b = Blurred(definite(40, 0, 1e4).matrix), right_side(40)
    solution = conjugate_gradients(operator, b, tolerance=1e-12, most=300)
    assert solution.status is Status.TOO_FEW_STEPS
    assert solution.error == pytest.approx(residual(operator, solution, b))
    assert 1e-12 < solution.error < 1e-5
    reachable = conjugate_gradients(operator, b, tolerance=1e-4, most=300)
    assert reachable.ok
    assert residual(operator, reachable, b) <= 1e-4


def test_a_tolerance_below_rounding_ends() -> None:
    operator, b = definite(30, 0, 10.0), right_side(30)
    solution = conjugate_gradients(operator, b, tolerance=0.0, most=200)
    assert solution.status is not Status.NOT_POSITIVE_DEFINITE
    assert solution.error < 1e-14


def test_a_ridge_makes_a_singular_kernel_solvable() -> None:
    """Duplicate points: neither solver hides it, and both agree once a ridge is there."""
    x = torch.rand(20, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    kernel = gram(GaussianKernel(1.0), torch.cat([x, x[:3]]))
    b = right_side(23)
    assert cholesky_solve(kernel, b).status is Status.NOT_POSITIVE_DEFINITE
    assert not conjugate_gradients(kernel, b, most=200).ok
    ridged = kernel + ScaledIdentity(23, 1e-2)
    direct, iterated = cholesky_solve(ridged, b), conjugate_gradients(ridged, b, tolerance=1e-10)
    assert direct.ok
    assert iterated.ok
    torch.testing.assert_close(direct.value, iterated.value, rtol=0, atol=1e-6)


def test_a_grid_is_solved_without_its_matrix() -> None:
    grid = Domain.of_samples((12, 15)).grid((12, 15))
    operator = gram(GaussianKernel(3.0), grid) + ScaledIdentity(grid.size, 1e-3)
    b = right_side(grid.size, 3)
    iterated, direct = conjugate_gradients(operator, b, tolerance=1e-10), cholesky_solve(operator, b)
    assert iterated.ok
    torch.testing.assert_close(iterated.value, direct.value, rtol=0, atol=1e-5)


def test_a_breakdown_of_cholesky_has_the_shape_of_its_answer() -> None:
    singular = DenseOperator(-torch.eye(4, dtype=torch.float64))
    for shape in ((4,), (4, 2)):
        solution = cholesky_solve(singular, torch.ones(shape))
        assert solution.value.shape == shape
        assert solution.value.dtype == torch.float64
        assert solution.value.isnan().all()
        assert solution.error == math.inf
