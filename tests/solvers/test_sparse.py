"""Sparse fields against the conditions that only the best one meets, and against another solver."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from fourierfield.operators._base import DenseOperator, LinearOperator, ScaledIdentity
from fourierfield.operators._cells import ValuesAndDetails
from fourierfield.operators._fourier import CartesianFourier, ComplexAsReal, OfReal
from fourierfield.solvers._sparse import Penalty, PrimalDual, Sparse, largest_singular_value, slopes_of

SHAPE, N = (3, 4), 12


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def values_and_details(shape: tuple[int, ...] = SHAPE) -> Penalty:
    analysis = ValuesAndDetails(shape)
    return Penalty(analysis, (1, analysis.bands - 1), analysis.spectrum())


@dataclass(frozen=True)
class Case:
    """A small problem."""

    operator: LinearOperator
    measured: Tensor
    penalty: Penalty
    weight: float
    channels: int = 1
    positive: bool = False
    gram: Tensor | None = None
    amplitudes: tuple[Tensor, ...] | None = None

    def solver(self) -> PrimalDual:
        return PrimalDual(
            self.operator,
            self.measured,
            self.penalty,
            channels=self.channels,
            positive=self.positive,
            gram=self.gram,
        )

    def run(self, steps: int = 2500, **choices) -> Sparse:  # type: ignore[no-untyped-def]
        return self.solver().run(self.weight, steps, amplitudes=self.amplitudes, **choices)

    def bounds(self) -> tuple[Tensor, ...]:
        return self.amplitudes or tuple(torch.ones(1, N, 1, dtype=torch.float64) for _ in self.penalty.groups)

    def sizes(self, field: Tensor, least: float = 0.0) -> list[Tensor]:
        bands = (self.penalty.analysis.to_dense() @ field).reshape(-1, N, self.channels)
        return [(group.square().sum(dim=(0, 2)) + least**2).sqrt() for group in bands.split(list(self.penalty.groups))]

    def cost(self, field: Tensor, least: float = 0.0) -> Tensor:
        """½‖A f − y‖² + weight·Σ w|W f|, sizes smoothed below ``least``."""
        off = self.operator.to_dense() @ field.T.reshape(-1) - self.measured
        spread = sum(
            (w.reshape(-1) * size).sum() for w, size in zip(self.bounds(), self.sizes(field, least), strict=True)
        )
        return 0.5 * off.square().sum() + self.weight * spread


def dense_case(channels: int, positive: bool, penalty: Penalty, *, rows: int = 9, amplitudes: bool = False) -> Case:
    operator = DenseOperator(noise(rows * channels, N * channels))
    truth = torch.zeros(channels, *SHAPE, dtype=torch.float64)
    truth[:, 1:, 1:3] = 1.0
    measured = operator @ truth.reshape(-1) + 0.3 * noise(rows * channels, seed=1)
    w = tuple(0.3 + noise(1, N, 1, seed=2 + i).abs() for i in range(len(penalty.groups))) if amplitudes else None
    return Case(operator, measured, penalty, 0.4, channels, positive, None, w)


def fourier_case(
    channels: int, positive: bool, penalty: Penalty, *, amplitudes: bool = False, middle: bool = True
) -> Case:
    """Two thirds of the Fourier samples of noise, with or without that in the middle."""
    places = [0, 2, 3, 5, 6 if middle else 10, 7, 9, 11]
    operator = CartesianFourier(SHAPE, torch.tensor(places))
    case = dense_case(channels, positive, penalty, amplitudes=amplitudes)
    whole: LinearOperator = OfReal(operator) if channels == 1 else ComplexAsReal(operator)
    index = torch.zeros(N, dtype=torch.float64)
    index[places] = 1.0
    gram = torch.fft.ifftshift(index.reshape(SHAPE))
    if channels == 1:
        gram = (gram + gram.flip(0, 1).roll((1, 1), (0, 1))) / 2
    return Case(whole, noise(16, seed=5), penalty, 0.2, channels, positive, gram, case.amplitudes)


CASES = {
    "values and details": dense_case(1, False, values_and_details()),
    "positive": dense_case(1, True, values_and_details()),
    "two parts": dense_case(2, False, values_and_details()),
    "two positive parts": dense_case(2, True, values_and_details()),
    "amplitudes": dense_case(1, False, values_and_details(), amplitudes=True),
    "amplitudes of two parts": dense_case(2, False, values_and_details(), amplitudes=True),
    "more measurements": dense_case(1, True, values_and_details(), rows=20),
    "slopes": dense_case(1, False, slopes_of(SHAPE)),
    "positive slopes": dense_case(2, True, slopes_of(SHAPE), amplitudes=True),
    "by gram": fourier_case(1, False, values_and_details()),
    "positive by gram": fourier_case(1, True, values_and_details()),
    "complex by gram": fourier_case(2, False, values_and_details(), amplitudes=True),
    "slopes by gram": fourier_case(2, False, slopes_of(SHAPE)),
    "without the middle by gram": fourier_case(1, False, values_and_details(), middle=False),
}


@pytest.fixture(scope="module", params=list(CASES))
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


@pytest.fixture(scope="module")
def solved(case: Case) -> Sparse:
    """The best field of the case, solved once."""
    return case.run()


def test_the_conditions_of_the_best_field_hold(case: Case, solved: Sparse) -> None:
    """Aᵀ(A f − y) + Wᵀb + s = 0 with |b| ≤ weight·w, b along W f where that is not nothing, s ≤ 0 where f is."""
    found = solved
    field, sign = found.field, found.sign
    matrix, analysis = case.operator.to_dense(), case.penalty.analysis.to_dense()
    pull = (matrix.T @ (matrix @ found.value - case.measured)).reshape(case.channels, N).T
    pull = pull + analysis.T @ found.bands.reshape(-1, case.channels) + sign
    size = float((matrix.T @ case.measured).abs().max())
    assert float(pull.abs().max()) < 1e-5 * size
    along = (analysis @ field).reshape(-1, N, case.channels)
    groups = list(case.penalty.groups)
    for w, bound, band in zip(case.bounds(), found.bands.split(groups), along.split(groups), strict=True):
        most = case.weight * w.reshape(-1)
        assert (bound.norm(dim=(0, 2)) <= most * (1 + 1e-12)).all()
        assert float((bound * band).sum()) == pytest.approx(
            float((most * band.norm(dim=(0, 2))).sum()), rel=1e-4, abs=1e-6
        )
    assert float(sign.max()) <= 0
    if case.positive:
        assert float(field.min()) > -1e-4
        assert abs(float((sign * field).sum())) < 1e-4
    else:
        assert not sign.any()


def test_another_solver_finds_no_smaller_cost(case: Case, solved: Sparse) -> None:
    """L-BFGS on sizes that are smoothed less and less."""
    from scipy.optimize import minimize

    x = np.full(N * case.channels, 0.1)
    for least in (1e-1, 1e-2, 1e-3, 1e-4):

        def smoothed(x: np.ndarray, least: float = least) -> tuple[float, np.ndarray]:
            field = torch.from_numpy(x.reshape(N, case.channels).copy()).requires_grad_()
            cost = case.cost(field, least)
            (slope,) = torch.autograd.grad(cost, field)
            return float(cost.detach()), slope.numpy().ravel()

        bounds = [(0, None)] * x.size if case.positive else None
        x = minimize(smoothed, x, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 150, "ftol": 1e-12}).x
    theirs = torch.from_numpy(x.reshape(N, case.channels))
    field = solved.field
    ours = case.cost(field.clamp(min=0) if case.positive else field)
    assert float(ours) <= (1 + 1e-5) * float(case.cost(theirs))
    assert float(ours) == pytest.approx(float(case.cost(theirs)), rel=5e-3)


def test_a_warm_start_leads_to_the_same_field(case: Case, solved: Sparse) -> None:
    cold = solved
    other = case.solver().run(3 * case.weight, 200)
    warm = case.run(start=other)
    assert 2500 < warm.steps <= 2700 or warm.change == 0
    assert torch.allclose(warm.field, cold.field, atol=1e-4 * float(cold.field.abs().max()))
    again = case.run(30, start=cold)
    assert torch.allclose(again.field, cold.field, atol=1e-5 * float(cold.field.abs().max()))


def test_steps_may_be_taken_in_two_parts() -> None:
    """All but: the second part begins where the first one ended, without the last move's momentum."""
    case = CASES["positive"]
    whole, first = case.run(600), case.run(300)
    both = case.run(300, start=first)
    assert (first.steps, both.steps, whole.steps) == (300, 600, 600)
    assert (both.field - whole.field).norm() < 1e-2 * whole.field.norm()


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("penalty", [values_and_details, slopes_of])
def test_a_few_dozen_steps_by_gram_suffice(channels: int, penalty: Callable[[tuple[int, ...]], Penalty]) -> None:
    """Of boxes, from the middle of k-space and half of the rest, whose opposites were not all measured."""
    shape, n = (20, 16), 320
    random = torch.rand(shape, generator=torch.Generator().manual_seed(0)) < 0.5
    random[8:13, 6:11] = True
    places = random.reshape(-1).nonzero()[:, 0]
    seen = torch.fft.ifftshift(torch.zeros(n, dtype=torch.float64).index_fill(0, places, 1.0).reshape(shape))
    if channels == 1:
        seen = (seen + seen.flip(0, 1).roll((1, 1), (0, 1))) / 2
    fourier = CartesianFourier(shape, places)
    operator: LinearOperator = OfReal(fourier) if channels == 1 else ComplexAsReal(fourier)
    boxes = torch.zeros(channels, *shape, dtype=torch.float64)
    boxes[0, 4:14, 3:11] = 1.0
    boxes[-1, 6:12, 5:13] += 0.5
    measured = operator @ boxes.reshape(-1)
    exact, plain = (
        PrimalDual(operator, measured, penalty(shape), channels=channels, gram=gram) for gram in (seen, None)
    )
    weight = 1e-3 * exact.unit
    best = exact.run(weight, 1000).field
    off = [float((solver.run(weight, 40).field - best).norm() / best.norm()) for solver in (exact, plain)]
    assert off[0] < 2e-3
    assert off[0] < 0.5 * off[1]
    assert (plain.run(weight, 1000).field - best).norm() < 1e-2 * best.norm()


@pytest.mark.parametrize("channels", [1, 2])
def test_what_nothing_sees_is_nothing(channels: int) -> None:
    """The mean of slopes, where the middle of k-space was not measured."""
    case = fourier_case(channels, False, slopes_of(SHAPE), middle=False)
    found = case.run(300).field
    assert bool(found.isfinite().all())
    assert float(found.abs().max()) > 0.1
    assert float(found.mean(0).abs().max()) < 1e-12


@settings(max_examples=8)
@given(st.integers(0, 99), st.floats(0.01, 100), st.booleans())
def test_a_weight_of_the_unit_leaves_nothing_of_values(seed: int, size: float, positive: bool) -> None:
    operator, penalty = DenseOperator(noise(9, N, seed=seed)), values_and_details()
    solver = PrimalDual(operator, size * noise(9, seed=seed + 1), penalty, positive=positive)
    nothing, something = (solver.run(share * solver.unit, 800).field for share in (1.0, 0.01))
    assert float(nothing.abs().max()) < 1e-3 * solver.peak
    assert float(something.abs().max()) > 0.05 * solver.peak


def test_the_peak_is_the_largest_value_of_least_squares_along_what_is_seen() -> None:
    operator, measured = DenseOperator(noise(9, N)), noise(9, seed=1)
    back = operator.H @ measured
    along = torch.linalg.lstsq((operator @ back)[:, None], measured[:, None]).solution[0, 0]
    solver = PrimalDual(operator, measured, values_and_details())
    assert solver.peak == pytest.approx(float((along * back).abs().max()))
    assert solver.unit == pytest.approx(largest_singular_value(operator) ** 2 * solver.peak)
    assert PrimalDual(operator, measured, values_and_details(), size=7.0).unit == pytest.approx(49 * solver.peak)
    by_gram = CASES["by gram"].solver()
    assert by_gram.unit == pytest.approx(by_gram.peak)


@pytest.mark.parametrize("factor", [1e-6, 1e5])
def test_units_do_not_matter(case: Case, factor: float) -> None:
    """Of larger measurements the field is as much larger, by the same steps."""
    one = case.run(60)
    larger = Case(
        case.operator,
        factor * case.measured,
        case.penalty,
        factor * case.weight,
        case.channels,
        case.positive,
        case.gram,
        case.amplitudes,
    ).run(60)
    assert torch.allclose(larger.field / factor, one.field, atol=1e-9)


def test_measurements_of_nothing_give_nothing() -> None:
    case = CASES["positive"]
    solver = PrimalDual(case.operator, torch.zeros_like(case.measured), case.penalty, positive=True)
    assert (solver.peak, solver.run(0.1, 20).steps) == (1.0, 1)
    assert not solver.run(0.1, 20).field.any()
    blind = PrimalDual(DenseOperator(torch.zeros(9, N, dtype=torch.float64)), case.measured, case.penalty)
    assert not blind.run(blind.unit, 20).field.any()


def test_it_may_be_watched_and_stops_in_time() -> None:
    case, told = CASES["values and details"], []
    found = case.run(500, tolerance=1e-3, watch=lambda step, change: told.append((step, change)))
    assert [step for step, _ in told] == list(range(1, len(told) + 1))
    assert all(change > 1e-3 for _, change in told[:-1])
    assert found.change == told[-1][1] <= 1e-3
    assert found.steps == len(told) < 500
    assert case.run(5).steps == 5
    assert case.run(0).change == math.inf


def test_values_are_one_part_after_another() -> None:
    measured = noise(2 * N)
    found = PrimalDual(ScaledIdentity(2 * N), measured, values_and_details(), channels=2).run(1e-9, 3000)
    assert found.field.shape == (N, 2)
    assert torch.allclose(found.value, measured, atol=1e-4)
    assert torch.allclose(found.field, measured.reshape(2, N).T, atol=1e-4)


def test_sizes_take_bands_and_parts_together() -> None:
    penalty, bands = values_and_details(), noise(4, N, 2)
    values, details = penalty.sizes(bands)
    assert torch.allclose(values, bands[:1].norm(dim=(0, 2), keepdim=True))
    assert torch.allclose(details, bands[1:].norm(dim=(0, 2), keepdim=True))
    assert values.shape == details.shape == (1, N, 1)


@pytest.mark.parametrize("size", [(5, 9), (9, 5)])
def test_the_largest_singular_value_is_a_little_above_or_below(size: tuple[int, int]) -> None:
    matrix = torch.randn(*size, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    assert largest_singular_value(DenseOperator(matrix)) == pytest.approx(
        float(torch.linalg.matrix_norm(matrix, 2)), rel=0.08
    )


def test_a_map_to_nothing_has_the_singular_value_of_the_identity() -> None:
    """So that it may be divided by."""
    assert largest_singular_value(DenseOperator(torch.zeros(3, 4, dtype=torch.float64))) == 1.0
