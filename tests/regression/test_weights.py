"""Weights of points: the noise of each is the ridge over its weight, by every route."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from fourierfield.encodings._spec import EncodingSpec
from fourierfield.grids._domain import Domain
from fourierfield.grids._sample_format import SampleFormat
from fourierfield.grids._signal import SignalDescription
from fourierfield.kinds._load import load as load_field
from fourierfield.networks._values import ValueRange
from fourierfield.operators._neighbours import nearest_neighbours
from fourierfield.problems._points import PointProblem, PointSamples
from fourierfield.regression._choice import Candidates, choose_kernel
from fourierfield.regression._left_out import Neighbourhoods
from fourierfield.regression._solve import Accuracy, solve_weights
from fourierfield.regression._spec import KernelSpec
from fourierfield.regression._train import train_kernel

SPEC = KernelSpec(EncodingSpec("gaussian", 1.0))


def samples(count: int, dimensions: int) -> PointSamples:
    rng = np.random.default_rng(0)
    points = rng.random((count, dimensions))
    values = np.sin(6 * points[:, :1]) + 0.3 * rng.normal(size=(count, 1))
    points, values, weights = (torch.from_numpy(x) for x in (points, values, rng.uniform(0.2, 5.0, count)))
    return PointSamples(points, values, weights)


def problem(training: PointSamples) -> PointProblem:
    d = training.points.shape[1]
    source = SignalDescription("table", (len(training),), 1, SampleFormat("float64"))
    return PointProblem(Domain((1.0,) * d, ("",) * d), training, None, ValueRange(), source)


@pytest.mark.parametrize(("count", "dimensions"), [(200, 1), (200, 5), (3500, 2)])
def test_solved_by_any_route(count: int, dimensions: int) -> None:
    given, kernel = samples(count, dimensions), SPEC.kernel(dimensions)
    assert given.weights is not None
    found = solve_weights(given, kernel, given.values, 0.1, Accuracy())
    matrix = kernel.between(given.points, given.points) + torch.diag(0.1 / given.weights)
    assert (matrix @ found.value - given.values).norm() < 1e-3 * given.values.norm()


def test_a_weight_of_two_is_two_samples_and_of_ten_thousand_is_none_of_the_noise() -> None:
    given = samples(40, 2)
    assert given.weights is not None
    given = replace(given, weights=torch.ones(40, dtype=torch.float64))
    twice = train_kernel(problem(replace(given, weights=torch.full((40,), 2.0))), choice(0.1)).field
    half = train_kernel(problem(given), choice(0.05)).field
    at = torch.rand(20, 2, dtype=torch.float64)
    torch.testing.assert_close(twice(at), half(at))
    pinned = given.weights.clone()  # type: ignore[union-attr]
    pinned[7] = 1e4
    field = train_kernel(problem(replace(given, weights=pinned)), choice(0.3)).field
    assert float(field(given.points[7:8])) == pytest.approx(float(given.values[7]), abs=1e-3)


def choice(ridge: float):  # type: ignore[no-untyped-def]
    given = samples(40, 2)
    return choose_kernel(given, given.values, Candidates(fixed=[SPEC]), ridge=ridge)


@pytest.mark.parametrize("count", [60, 3200])
def test_deviations_know_them(count: int) -> None:
    """From all points, or from the 48 nearest."""
    given = samples(count, 1)
    assert given.weights is not None
    field = train_kernel(problem(given), choice(0.3)).field
    at = torch.rand(10, 1, dtype=torch.float64)
    found = field.relative_deviation(at)
    for point, deviation in zip(at, found, strict=True):
        near = torch.arange(count) if count <= 3000 else nearest_neighbours(given.points, point[None], 48)[0]
        kernel = field.spec.kernel(1)
        matrix = kernel.between(given.points[near], given.points[near]) + torch.diag(0.3 / given.weights[near])
        cross = kernel.between(point[None], given.points[near])[0]
        assert float(deviation) == pytest.approx(
            float(1.3 - cross @ torch.linalg.solve(matrix, cross)) ** 0.5, rel=1e-8
        )


def test_foretelling_knows_them() -> None:
    given = samples(50, 2)
    assert given.weights is not None
    scale = torch.ones(2, dtype=torch.float64)
    around = Neighbourhoods.around(given.points, given.values, count=49, scale=scale, weights=given.weights)
    (found,) = around.judge(SPEC.kernel(2), [0.2])
    matrix = SPEC.kernel(2).between(given.points, given.points) + torch.diag(0.2 / given.weights)
    inverse = torch.linalg.inv(matrix)
    errors = (inverse @ given.values)[:, 0] / inverse.diagonal()
    assert float(found.mse) == pytest.approx(float(errors.square().mean()))
    assert float(found.power) == pytest.approx(float((errors.square() * inverse.diagonal()).mean()))


def test_the_ridge_is_chosen_for_samples_of_the_mean_weight() -> None:
    given = samples(300, 1)
    found = [
        choose_kernel(replace(given, weights=torch.full((300,), w)), given.values, Candidates(fixed=[SPEC]))
        for w in (1.0, 1e6)
    ]
    assert found[1].ridge == pytest.approx(1e6 * found[0].ridge)


def test_a_file_keeps_them(tmp_path: Path) -> None:
    field = train_kernel(problem(samples(40, 2)), choice(0.3)).field
    field.save(tmp_path / "field.safetensors")
    again = load_field(tmp_path / "field.safetensors")
    at = torch.rand(10, 2, dtype=torch.float64)
    torch.testing.assert_close(again.deviation(at), field.deviation(at), rtol=0, atol=0)  # type: ignore[union-attr]


def test_kernels_in_many_dimensions_reach_across_the_box() -> None:
    """Tabulated up to the diagonal: no floor where points are far apart."""
    kernel = SPEC.with_bandwidth(0.1).kernel(12)
    corners = torch.stack([torch.zeros(12), torch.ones(12), 1.5 * torch.ones(12)]).double()
    values = kernel.between(corners[:1], corners)[0]
    assert values[0] > values[1] > values[2]
