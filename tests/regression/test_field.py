"""A kernel field against dense kernel regression: values, slopes and deviations, inside the domain and outside."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from fourierfield.encodings._spec import EncodingSpec
from fourierfield.errors import SettingsError
from fourierfield.grids._arrays import as_signal
from fourierfield.grids._domain import Domain
from fourierfield.grids._sample_format import SampleFormat
from fourierfield.grids._signal import SignalDescription
from fourierfield.networks._values import ValueRange
from fourierfield.problems._grid import grid_problem
from fourierfield.problems._points import PointProblem, PointSamples, Problem
from fourierfield.regression import _field as field
from fourierfield.regression._choice import KernelChoice
from fourierfield.regression._field import KernelField
from fourierfield.regression._solve import places_of
from fourierfield.regression._spec import KernelSpec
from fourierfield.regression._train import train_kernel


def kernel_choice(spec: KernelSpec, ridge: float) -> KernelChoice:
    """A kernel and a ridge that nobody judged."""
    return KernelChoice(spec, ridge, 1)


def problem_of(points: Tensor, values: Tensor, value_range: ValueRange | None = None) -> PointProblem:
    """Points in the unit box, with values that are already scaled."""
    count, d = points.shape
    source = SignalDescription("table", (count,), values.shape[1], SampleFormat("float64"))
    domain = Domain((1.0,) * d, ("",) * d)
    return PointProblem(domain, PointSamples(points, values), None, value_range or ValueRange(), source)


def drawn_points(count: int, d: int, seed: int = 0) -> Tensor:
    return torch.rand(count, d, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def drawn_problem(
    count: int, d: int, channels: int = 2, seed: int = 0, value_range: ValueRange | None = None
) -> PointProblem:
    """Waves and a little noise at random points."""
    points = drawn_points(count, d, seed)
    waves = torch.sin(points.sum(1, keepdim=True) * torch.arange(3.0, 3.0 + channels))
    noise = torch.randn(count, channels, dtype=torch.float64, generator=torch.Generator().manual_seed(seed + 1))
    return problem_of(points, 0.5 + 0.4 * waves + 0.02 * noise, value_range)


def gaussian_spec(bandwidth: float | tuple[float, ...] = 1.5, family: str = "gaussian", **options) -> KernelSpec:  # type: ignore[no-untyped-def]
    return KernelSpec(EncodingSpec(family, bandwidth), **options)


def trained(problem: Problem, spec: KernelSpec | None = None, ridge: float = 1e-3) -> KernelField:
    return train_kernel(problem, kernel_choice(spec or gaussian_spec(), ridge)).field


def untabulated(field: KernelField):  # type: ignore[no-untyped-def]
    """The field's kernel, not from a table."""
    kernel = field.spec.kernel(field.domain.dimensions)
    return getattr(kernel, "kernel", kernel)


class DenseRegression:
    """What a field promises, by matrices: its values, and its deviations, in [0, 1] of the value range."""

    def __init__(self, field: KernelField, values: Tensor) -> None:
        self.kernel, self.field = untabulated(field), field
        self.places, self.mean = places_of(field.weights.samples), values.mean(0)
        self.matrix = self.kernel.between(self.places, self.places)
        self.matrix += field.weights.ridge * torch.eye(len(self.places))
        self.weights = torch.linalg.solve(self.matrix, values - self.mean)

    def __call__(self, at: Tensor) -> Tensor:
        return self.mean + self.kernel.between(at, self.places) @ self.weights

    def slopes(self, at: Tensor, step: float = 1e-6) -> Tensor:
        """By central differences, (M, C, d)."""
        found = []
        for axis in range(at.shape[1]):
            shift = torch.zeros(at.shape[1], dtype=torch.float64)
            shift[axis] = step
            found.append((self(at + shift) - self(at - shift)) / (2 * step))
        return torch.stack(found, dim=-1)

    def deviation(self, at: Tensor) -> Tensor:
        cross = self.kernel.between(at, self.places)
        explained = (cross * torch.linalg.solve(self.matrix, cross.T).T).sum(1)
        return (self.kernel.at_zero + self.field.weights.ridge - explained).sqrt()


UNITS = ValueRange((-3.0, 100.0), (2.0, 0.5))
SPECS = {
    "ntk": gaussian_spec(),
    "nngp": gaussian_spec(trained="last"),
    "never ends": gaussian_spec(family="laplace"),
    "positional": gaussian_spec(4.0, "positional"),
    "few frequencies": KernelSpec(EncodingSpec("gaussian", 1.5, 20)),
}


def both_routes(monkeypatch: pytest.MonkeyPatch, waves: bool) -> None:
    """Sums by waves where they may be, however few the points."""
    if waves:
        monkeypatch.setattr(field, "_DENSE", 0 if waves else 1 << 24)
        monkeypatch.setattr(field, "_ROWS", 50)


def around(d: int, count: int = 40) -> Tensor:
    """Inside, in the margin, beside and far from the unit box; a sample's own place comes elsewhere."""
    inside = drawn_points(count, d, 9)
    return torch.cat([inside, 1.08 * inside - 0.04, 2 * inside - 0.5, 8 * inside - 4, 1e3 * inside])


CASES = [(name, d, waves) for name in SPECS for d in (1, 2) for waves in (False, True)]
CASES += [("ntk", 3, False), ("ntk", 3, True), ("never ends", 3, True)]


@pytest.mark.parametrize(("name", "d", "waves"), CASES)
def test_it_is_dense_regression_everywhere(name: str, d: int, waves: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    both_routes(monkeypatch, waves)
    problem = drawn_problem(120, d, value_range=UNITS)
    made = trained(problem, SPECS[name], 1e-2)
    dense = DenseRegression(made, problem.training.values)
    at = torch.cat([around(d), problem.training.points[:20]])
    expected = UNITS.restore(dense(at))
    torch.testing.assert_close(made(at), expected, rtol=0, atol=3e-4)
    assert made(at).dtype == torch.float64


@pytest.mark.parametrize("shape", [(14, 40), (40, 14), (30, 1), (7, 8)])
def test_so_it_is_on_a_domain_of_any_shape(shape: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    both_routes(monkeypatch, True)
    problem = grid_problem(as_signal(np.random.default_rng(0).random(shape)))
    made = trained(problem, ridge=0.1)
    dense = DenseRegression(made, problem.training.values.double())
    at = around(2) * torch.tensor(made.domain.sides)
    torch.testing.assert_close(made(at), problem.value_range.restore(dense(at)), rtol=0, atol=1e-4)
    torch.testing.assert_close(made.relative_deviation(at), dense.deviation(at), rtol=1e-5, atol=0)


def test_so_it_is_in_five_dimensions_and_with_another_bandwidth_along_each_axis() -> None:
    for d, spec in ((5, gaussian_spec(0.7, "laplace")), (2, gaussian_spec((4.0, 0.5))), (1, gaussian_spec())):
        problem = drawn_problem(150, d)
        made = trained(problem, spec)
        dense = DenseRegression(made, problem.training.values)
        torch.testing.assert_close(made(around(d)), dense(around(d)), rtol=0, atol=1e-5)
        points = around(d)[:50]
        scale = float(dense.slopes(points).abs().max())
        torch.testing.assert_close(made.gradient(points), dense.slopes(points), rtol=0, atol=1e-3 * scale)


@pytest.mark.parametrize("d", [1, 2, 3])
def test_without_a_ridge_it_goes_through_its_samples(d: int) -> None:
    problem = drawn_problem(200, d)
    made = trained(problem, ridge=1e-12)
    torch.testing.assert_close(made(problem.training.points), problem.training.values, rtol=0, atol=1e-6)


@pytest.mark.parametrize(("name", "d", "waves"), [case for case in CASES if case[0] != "positional"])
def test_its_gradient_is_that_of_dense_regression(
    name: str, d: int, waves: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the signal's units per coordinate unit, inside and outside."""
    both_routes(monkeypatch, waves)
    problem = drawn_problem(100, d, value_range=UNITS)
    made = trained(problem, SPECS[name], 1e-2)
    peak = torch.tensor(UNITS.peak, dtype=torch.float64)[:, None]
    slopes = peak * DenseRegression(made, problem.training.values).slopes(around(d))
    found = made.gradient(around(d))
    assert found.shape == (200, 2, d)
    for part in (slice(0, 80), slice(80, 160), slice(160, 200)):  # the farther, the smaller
        scale = float(slopes[part].norm(dim=0).max())
        assert float((found[part] - slopes[part]).norm(dim=0).max()) < 3e-3 * scale + 1e-6
    array = made.gradient(around(d).numpy())
    assert isinstance(array, np.ndarray)
    np.testing.assert_allclose(array, found, atol=1e-9)


@pytest.mark.parametrize("shape", [(), (0,), (7,), (3, 4), (2, 0, 3)])
def test_what_goes_in_comes_out(shape: tuple[int, ...]) -> None:
    """Arrays for arrays, tensors for tensors of whatever precision, one value per place; they are left alone."""
    made = trained(drawn_problem(30, 2))
    points = np.random.default_rng(0).random((*shape, 2))
    before = points.copy()
    values, deviations = made(points), made.deviation(points)
    assert isinstance(values, np.ndarray)
    assert isinstance(deviations, np.ndarray)
    assert values.shape == deviations.shape == (*shape, 2)
    tensors = made(torch.from_numpy(points).float()), made.deviation(torch.from_numpy(points))
    assert all(isinstance(found, Tensor) and found.shape == (*shape, 2) for found in tensors)
    np.testing.assert_allclose(tensors[0], values, atol=1e-5)
    np.testing.assert_allclose(tensors[1], deviations, atol=1e-12)
    np.testing.assert_array_equal(points, before)


def test_places_that_are_no_numbers_have_no_value_and_spoil_no_others() -> None:
    """Nor does one that is very far away."""
    for spec in (SPECS["never ends"], SPECS["few frequencies"]):
        problem = drawn_problem(60, 2)
        made = trained(problem, spec)
        alone = torch.tensor([[0.4, 0.6]], dtype=torch.float64)
        others = torch.tensor([[math.nan, 0.5], [1e9, -1e9]], dtype=torch.float64)
        for function in (made, made.deviation):
            together = function(torch.cat([alone, others]))
            assert isinstance(together, Tensor)
            torch.testing.assert_close(together[:1], function(alone), rtol=0, atol=1e-7)
            assert together[1].isnan().all()
            assert together[2].isfinite().all()


def test_coordinates_of_the_wrong_length_are_refused() -> None:
    made = trained(drawn_problem(20, 2))
    for points in (np.zeros((4, 3)), np.zeros(()), torch.zeros(5, 1)):
        for function in (made, made.gradient, made.deviation):
            with pytest.raises(SettingsError, match=r"takes coordinates \(…, 2\)"):
                function(points)


def test_on_a_grid_it_is_what_it_is_at_the_centres(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = grid_problem(as_signal(np.random.default_rng(0).random((9, 12, 3))))
    made = trained(problem)
    grid = made.domain.grid((7, 20))
    expected = made(grid.coordinates(np.arange(140))).reshape(7, 20, 3)
    np.testing.assert_allclose(made.sample(grid), expected, atol=1e-6)
    assert made.sample(grid).dtype == np.float32
    monkeypatch.setattr(field, "_ROWS", 11)
    np.testing.assert_allclose(made.sample(grid), expected, atol=1e-6)


@pytest.mark.parametrize("d", [1, 2, 3, 5])
@pytest.mark.parametrize("name", ["ntk", "nngp", "never ends"])
def test_its_deviation_is_that_of_the_process(name: str, d: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """From all samples; from the nearest of more never less, and hardly more; in the signal's units."""
    problem = drawn_problem(250, d, value_range=UNITS)
    made = trained(problem, SPECS[name], 0.05)
    exact = DenseRegression(made, problem.training.values).deviation(around(d))
    found = made.relative_deviation(around(d))
    torch.testing.assert_close(found, exact, rtol=1e-5, atol=0)
    units = exact[:, None] * made.weights.scale * torch.tensor(UNITS.peak, dtype=torch.float64)
    torch.testing.assert_close(made.deviation(around(d)), units, rtol=1e-5, atol=0)
    monkeypatch.setattr(field, "_ALL", 0)
    monkeypatch.setattr(field, "_MOST", 3 * 49**2)
    near = made.relative_deviation(around(d))
    assert made.relative_deviation(around(d)[:0]).shape == (0,)
    assert (near >= exact * (1 - 1e-6)).all()
    assert (near <= 1.1 * exact).all() or name == "nngp"


@pytest.mark.parametrize(("d", "ridge", "trained_part"), [(1, 0.05, "all"), (2, 0.2, "all"), (2, 1e-3, "last")])
def test_on_draws_of_the_process_nine_of_ten_lie_within_ninety_per_cent(
    d: int, ridge: float, trained_part: str
) -> None:
    spec, points = gaussian_spec(3.0, trained=trained_part), drawn_points(1600, d)
    matrix = spec.kernel(d).between(points, points) + ridge * torch.eye(1600)
    noise = torch.randn(1600, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(5))
    values = torch.linalg.cholesky(matrix) @ noise * torch.tensor([1.0, 30.0])
    made = trained(problem_of(points[:800], values[:800]), spec, ridge)
    error = (made(points[800:]) - values[800:]).abs()
    inside = (error <= 1.645 * made.deviation(points[800:])).double().mean(0)
    assert ((inside > 0.85) & (inside < 0.95)).all()


@settings(max_examples=10)
@given(st.integers(1, 3), st.integers(0, 2**31))
def test_the_module_has_the_gradient_of_the_field(d: int, seed: int) -> None:
    made = trained(drawn_problem(40, d, seed=seed, value_range=UNITS), ridge=1e-2)
    module, points = made.to_torch(), drawn_points(6, d, seed + 1).reshape(2, 3, d)
    points.requires_grad_(True)
    values, slope = module(points), torch.randn(2, 3, 2, dtype=torch.float64)
    torch.testing.assert_close(values.detach(), made(points))
    (values * slope).sum().backward()
    gradient = made.gradient(points.detach().reshape(6, d)).reshape(2, 3, 2, d)
    torch.testing.assert_close(points.grad, torch.einsum("abc,abcd->abd", slope, gradient))


def test_a_channels_own_gaps_are_uncertain_in_it_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """By either way to a deviation; one that was never measured is as uncertain as without samples."""
    points, values = drawn_points(300, 1), drawn_problem(300, 1, 3).training.values.clone()
    gap = (points[:, 0] > 0.4) & (points[:, 0] < 0.6)
    values[gap, 1], values[:, 2] = torch.nan, torch.nan
    made = trained(problem_of(points, values), ridge=1e-2)
    full = trained(problem_of(points[~gap], values[~gap][:, 1:2]), ridge=1e-2)
    at = torch.linspace(0, 1, 21, dtype=torch.float64)[:, None]
    for most in (3000, 0):
        monkeypatch.setattr(field, "_ALL", most)
        shares = made.deviation(at) / made.weights.scale
        torch.testing.assert_close(shares[:, 1], full.relative_deviation(at), rtol=1e-9, atol=0)
        torch.testing.assert_close(shares[:, 2], torch.full((21,), 1.01**0.5, dtype=torch.float64), rtol=1e-9, atol=0)
        assert shares[10, 0] < 0.5 * shares[10, 1]
    torch.testing.assert_close(made(at)[:, 1:2], full(at), rtol=0, atol=1e-9)
