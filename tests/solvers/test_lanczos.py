"""Functions of an operator by Lanczos, against its eigendecomposition."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from fourierfield.grids._domain import Domain
from fourierfield.kernels._matern import MaternKernel
from fourierfield.kernels._stationary import GaussianKernel
from fourierfield.operators._base import DenseOperator, ScaledIdentity
from fourierfield.operators._gram import gram
from fourierfield.solvers._lanczos import Lanczos, lanczos, lanczos_each
from fourierfield.solvers._solution import Solution, Status

seeds = st.integers(0, 2**31)
Function = Callable[[Tensor], Tensor]

SPECTRA: dict[str, Function] = {
    "even": lambda u: 0.1 + u,
    "wide": lambda u: 10 ** (-10 * u),
    "clustered": lambda u: torch.where(u < 0.5, 1.0, 1e-3) * (1 + 1e-9 * u),
    "few": lambda u: (1 + (3 * u).floor()) / 3,
    "null": lambda u: (u - 0.4).clamp(min=0),
}


def drawn(n: int, spectrum: str, seed: int) -> tuple[DenseOperator, Tensor, Tensor, Tensor]:
    """A random symmetric operator with its eigenvalues and vectors, and a start."""
    generator = torch.Generator().manual_seed(seed)
    vectors, _ = torch.linalg.qr(torch.randn(n, n, dtype=torch.float64, generator=generator))
    values = SPECTRA[spectrum](torch.rand(n, dtype=torch.float64, generator=generator))
    matrix = (vectors * values) @ vectors.T
    start = torch.randn(n, dtype=torch.float64, generator=generator)
    return DenseOperator((matrix + matrix.T) / 2), values, vectors, start


def never(values: Tensor) -> Tensor:
    """A function that is missed until the end."""
    return torch.full_like(values, math.inf)


def flows(*times: float) -> Function:
    """(1 − e^{−λt})/λ at several times, (T, k)."""
    t = torch.tensor(times, dtype=torch.float64)[:, None]
    return lambda values: torch.where(values.abs() * t < 1e-12, t, -torch.expm1(-values * t) / values)


def run_for(operator: DenseOperator, start: Tensor, steps: int) -> Lanczos:
    return lanczos(operator, start, never, most=steps).value


@pytest.mark.parametrize("spectrum", SPECTRA)
@settings(max_examples=15)
@given(st.integers(1, 40), seeds)
def test_it_is_a_tridiagonal_view_of_the_operator(spectrum: str, n: int, seed: int) -> None:
    """K Q = Q T + β q eᵀ with Q orthonormal to 1e-12, at every length, Ritz values inside the spectrum."""
    operator, values, _, start = drawn(n, spectrum, seed)
    run = run_for(operator, start, max(1, n // 2))
    k = len(run.basis)
    torch.testing.assert_close(run.basis @ run.basis.T, torch.eye(k, dtype=torch.float64), rtol=0, atol=1e-12)
    torch.testing.assert_close(run.norm * run.basis[0], start)
    tridiagonal = torch.diag(run.diagonal)
    tridiagonal += torch.diag(run.off_diagonal[:-1], 1) + torch.diag(run.off_diagonal[:-1], -1)
    left_over = operator.matrix @ run.basis.T - run.basis.T @ tridiagonal
    assert left_over[:, :-1].norm() < 1e-11
    assert left_over[:, -1].norm().item() == pytest.approx(run.off_diagonal[-1].item(), abs=1e-12)
    ritz, _ = run.eigen
    assert ritz.min() >= values.min() - 1e-12
    assert ritz.max() <= values.max() + 1e-12


@pytest.mark.parametrize("spectrum", SPECTRA)
@settings(max_examples=15)
@given(st.integers(1, 60), seeds)
def test_functions_of_it_are_those_of_its_eigenvalues(spectrum: str, n: int, seed: int) -> None:
    operator, values, vectors, start = drawn(n, spectrum, seed)
    function = flows(0.0, 0.3, 10.0, 1000.0)
    solution = lanczos(operator, start, function, tolerance=1e-10)
    assert solution.ok, solution
    energy = vectors.T @ start
    expected = (function(values) * energy) @ vectors.T
    changed = lambda x: x @ operator.matrix  # noqa: E731 - the training points, where the promise holds
    error = (changed(solution.value.apply(function)) - changed(expected)).norm(dim=1)
    assert error.max() <= 1e-8 * start.norm()
    squares = solution.value.quadrature(lambda x: torch.exp(-0.6 * x))
    assert squares.item() == pytest.approx(float((torch.exp(-0.6 * values) * energy**2).sum()), rel=1e-9)
    torch.testing.assert_close(
        solution.value.coefficients(function) @ solution.value.basis, solution.value.apply(function)
    )


@pytest.mark.parametrize("spectrum", ["even", "wide", "clustered", "null"])
@settings(max_examples=15)
@given(st.integers(12, 50), st.integers(1, 10), st.floats(0.1, 300.0), seeds)
def test_missing_is_the_residual_of_the_flow(spectrum: str, n: int, steps: int, time: float, seed: int) -> None:
    """‖b − K x − dx/dt‖/‖b‖ at t exactly, and no f_s up to t is off by more than the largest of it."""
    operator, values, vectors, start = drawn(n, spectrum, seed)
    run = run_for(operator, start, steps)
    x, velocity = run.apply(flows(time))[0], run.apply(lambda v: torch.exp(-time * v))
    residual = (start - operator @ x - velocity).norm() / start.norm()
    missing = run.missing(flows(time))[0]
    assert residual.item() == pytest.approx(missing.item(), rel=1e-6, abs=1e-12)
    times = torch.cat([torch.zeros(1), torch.logspace(-3, math.log10(time), 400)]).double().tolist()
    bound = run.missing(flows(*times)).max() * start.norm()
    exact = ((1 - torch.exp(-time * values)) * (vectors.T @ start)) @ vectors.T
    assert (operator @ x - exact).norm() <= 1.05 * bound + 1e-11


@settings(max_examples=25)
@given(st.integers(12, 40), st.integers(1, 10), seeds)
def test_missing_is_the_residual_of_conjugate_gradients(n: int, steps: int, seed: int) -> None:
    operator, _, _, start = drawn(n, "even", seed)
    run = run_for(operator, start, steps)
    residual = (start - operator @ run.apply(lambda v: 1 / v)).norm() / start.norm()
    assert residual.item() == pytest.approx(run.missing(lambda v: 1 / v).item(), rel=1e-8, abs=1e-13)


@settings(max_examples=20)
@given(st.integers(4, 40), st.integers(1, 3), seeds)
def test_it_stops_in_an_invariant_subspace(n: int, kept: int, seed: int) -> None:
    """Three distinct eigenvalues, or a start in the span of ``kept`` eigenvectors, need as many steps and are exact."""
    operator, values, vectors, start = drawn(n, "few", seed)
    for given_start, steps in ((start, 3), (vectors[:, :kept] @ start[:kept], kept)):
        solution = lanczos(operator, given_start, lambda v: 1 / v, tolerance=1e-12)
        assert solution.ok
        assert solution.iterations <= steps
        expected = ((given_start @ vectors) / values) @ vectors.T
        torch.testing.assert_close(solution.value.apply(lambda v: 1 / v), expected, rtol=0, atol=1e-10)


def test_multiples_of_the_identity_take_one_step() -> None:
    solution = lanczos(ScaledIdentity(30, 4.0), torch.arange(30.0), torch.sqrt)
    assert (solution.status, solution.iterations) == (Status.CONVERGED, 1)
    torch.testing.assert_close(solution.value.apply(torch.sqrt), 2 * torch.arange(30, dtype=torch.float64))


def test_an_indefinite_operator_with_a_null_diagonal_is_no_breakdown() -> None:
    swap = DenseOperator(torch.tensor([[0.0, 1.0], [1.0, 0.0]], dtype=torch.float64))
    solution = lanczos(swap, torch.tensor([1.0, 0.0]), torch.exp)
    expected = torch.tensor([math.cosh(1), math.sinh(1)], dtype=torch.float64)
    torch.testing.assert_close(solution.value.apply(torch.exp), expected)


@pytest.mark.parametrize("function", [torch.exp, lambda v: 1 / v, flows(0.0, 1.0, math.inf)])
def test_a_zero_start_gives_zero(function: Function) -> None:
    operator, *_ = drawn(9, "even", 0)
    solution = lanczos(operator, torch.zeros(9), function)
    assert (solution.status, solution.error) == (Status.CONVERGED, 0.0)
    assert solution.value.apply(function).shape[-1] == 9
    assert not solution.value.apply(function).any()
    assert not solution.value.quadrature(function).any()


def test_one_number() -> None:
    solution = lanczos(DenseOperator(torch.tensor([[4.0]]).double()), torch.tensor([-3.0]).double(), lambda v: 1 / v)
    assert solution.ok
    assert solution.value.apply(lambda v: 1 / v).tolist() == [-0.75]


def test_too_few_steps_are_reported_with_advice() -> None:
    operator, _, _, start = drawn(60, "wide", 0)
    solution = lanczos(operator, start, lambda v: 1 / v, tolerance=1e-10, most=12)
    assert solution.status is Status.TOO_FEW_STEPS
    assert not solution.ok
    assert solution.iterations == 12
    assert solution.error > 1e-10
    assert "ridge" in solution.status.value


@pytest.mark.parametrize("kernel", [GaussianKernel(4.0), MaternKernel(0.5, 0.1)])
def test_a_kernel_on_a_grid_is_followed_through_many_steps(kernel) -> None:  # type: ignore[no-untyped-def]
    """More steps than the first storage holds; a spectrum from 1e2 down to rounding keeps its basis orthogonal."""
    grid = Domain.of_samples((20, 24)).grid((20, 24))
    operator = gram(kernel, grid)
    start = torch.randn(grid.size, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    run: Solution[Lanczos] = lanczos(operator, start, never, most=200)
    basis = run.value.basis
    assert len(basis) == 200
    torch.testing.assert_close(basis @ basis.T, torch.eye(200, dtype=torch.float64), rtol=0, atol=1e-12)
    values, vectors = torch.linalg.eigh(operator.to_dense())
    function = flows(0.1, 1.0, 10.0)
    expected = ((values * function(values)) * (start @ vectors)) @ vectors.T
    found = run.value.apply(lambda v: v * function(v))
    assert (found - expected).norm(dim=1).max() < 1e-9 * start.norm()


def test_the_precision_is_that_of_operator_and_start_together() -> None:
    operator, _, _, start = drawn(30, "even", 0)
    mixed = lanczos(operator, start.float(), lambda v: 1 / v, tolerance=1e-10).value
    assert mixed.basis.dtype == torch.float64
    torch.testing.assert_close(mixed.basis @ mixed.basis.T, torch.eye(len(mixed.basis)).double(), rtol=0, atol=1e-12)
    single = lanczos(DenseOperator(operator.matrix.float()), start.float(), lambda v: 1 / v, tolerance=1e-4)
    assert single.ok
    assert single.value.apply(lambda v: 1 / v).dtype == torch.float32
    expected = torch.linalg.solve(operator.matrix, start)
    torch.testing.assert_close(single.value.apply(lambda v: 1 / v).double(), expected, rtol=0, atol=2e-3)


def test_what_cannot_be_started_is_refused() -> None:
    operator, *_ = drawn(4, "even", 0)
    with pytest.raises(ValueError, match="one vector"):
        lanczos(operator, torch.ones(4, 2), torch.exp)
    with pytest.raises(ValueError, match="4 rows"):
        lanczos(operator, torch.ones(5), torch.exp)
    with pytest.raises(ValueError, match="square"):
        lanczos(DenseOperator(torch.ones(3, 4)), torch.ones(4), torch.exp)
    with pytest.raises(ValueError, match="NaN"):
        lanczos(operator, torch.tensor([1.0, math.nan, 0.0, 0.0]), torch.exp)


@pytest.mark.parametrize("spectrum", SPECTRA)
@settings(max_examples=10)
@given(st.integers(1, 50), st.integers(1, 4), seeds)
def test_runs_side_by_side_are_those_one_by_one(spectrum: str, n: int, columns: int, seed: int) -> None:
    """Whichever of them ends first: a start of few eigenvectors, a zero one, and ones that take long."""
    operator, _, vectors, start = drawn(n, spectrum, seed)
    generator = torch.Generator().manual_seed(seed)
    starts = torch.randn(n, columns, dtype=torch.float64, generator=generator)
    starts = torch.cat([starts, torch.zeros(n, 1, dtype=torch.float64), vectors[:, :1], start[:, None]], dim=1)
    function = flows(0.3, 10.0)
    together = lanczos_each(operator, starts, function, tolerance=1e-9)
    for column, run in zip(starts.T, together, strict=True):
        alone = lanczos(operator, column, function, tolerance=1e-9)
        assert run.ok
        changed = [found.value.apply(function) @ operator.matrix for found in (run, alone)]
        torch.testing.assert_close(changed[0], changed[1], rtol=0, atol=1e-7 * float(start.norm() + 1))
        squares = [found.value.quadrature(lambda v: torch.exp(-v)) for found in (run, alone)]
        torch.testing.assert_close(squares[0], squares[1], rtol=1e-8, atol=1e-12)


@settings(max_examples=20)
@given(st.integers(2, 40), st.integers(1, 12), st.integers(1, 3), seeds)
def test_a_map_below_the_operator_is_followed_without_a_product(n: int, others: int, columns: int, seed: int) -> None:
    operator, values, vectors, _ = drawn(n, "even", seed)
    generator = torch.Generator().manual_seed(seed + 1)
    cross = torch.randn(others, n, dtype=torch.float64, generator=generator)
    starts = torch.randn(n, columns, dtype=torch.float64, generator=generator)
    tall = DenseOperator(torch.cat([operator.matrix, cross]))
    function = flows(0.3, 10.0)
    for column, run in zip(starts.T, lanczos_each(tall, starts, function, tolerance=1e-11), strict=True):
        exact = (function(values) * (vectors.T @ column)) @ vectors.T @ cross.T
        torch.testing.assert_close(run.value.apply_elsewhere(function), exact, rtol=0, atol=1e-7)
        torch.testing.assert_close(run.value.apply_elsewhere(function), run.value.apply(function) @ cross.T)
