"""Weights by every route, against one dense system."""

from __future__ import annotations

import math
import sys
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from fourierfield.encodings._spec import EncodingSpec
from fourierfield.errors import SettingsError, TooLargeError
from fourierfield.grids._domain import Grid
from fourierfield.kernels._stationary import GaussianKernel, StationaryKernel
from fourierfield.operators._gram import gram
from fourierfield.problems._grid import GridSamples
from fourierfield.problems._points import PointSamples, Samples
from fourierfield.regression import _solve as solve
from fourierfield.regression._solve import Accuracy, places_of, solve_stably, solve_weights
from fourierfield.regression._spec import KernelSpec

SEAM = sys.modules[gram.__module__]
FINE = Accuracy(residual=1e-9, kernel=1e-8)


def grid(*shape: int) -> Grid:
    return Grid((0.0,) * len(shape), tuple(n / max(shape) for n in shape), shape)


def lattice(shape: tuple[int, ...], stride: int = 1) -> GridSamples:
    """Every ``stride``-th sample along each axis."""
    whole = grid(*shape)
    flat = torch.arange(whole.size).reshape(shape)[(slice(None, None, stride),) * len(shape)].flatten()
    return GridSamples(whole, flat, torch.zeros(len(flat), 1))


def gaps(shape: tuple[int, ...], share: float) -> GridSamples:
    whole = grid(*shape)
    kept = torch.rand(whole.size, generator=torch.Generator().manual_seed(0)) < share
    return GridSamples(whole, kept.nonzero().flatten(), torch.zeros(int(kept.sum()), 1))


def points(count: int, d: int, weighted: bool = False) -> PointSamples:
    generator = torch.Generator().manual_seed(d)
    places = torch.rand(count, d, dtype=torch.float64, generator=generator)
    weights = 0.3 + 5 * torch.rand(count, dtype=torch.float64, generator=generator)
    return PointSamples(places, torch.zeros(count, 1), weights if weighted else None)


def kernel_for(samples: Samples, **options) -> StationaryKernel:  # type: ignore[no-untyped-def]
    places = places_of(samples)
    bandwidth = len(places) ** (1 / places.shape[1]) / 30
    return KernelSpec(EncodingSpec("gaussian", bandwidth), **options).kernel(places.shape[1])


def values_at(samples: Samples, channels: int = 2) -> Tensor:
    places = places_of(samples)
    noise = torch.randn(len(places), channels, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    return torch.sin(5 * places.sum(1, keepdim=True)) + 0.1 * noise


def dense(samples: Samples, kernel: StationaryKernel, ridge: float) -> Tensor:
    places = places_of(samples)
    noise = torch.full((len(places),), ridge, dtype=torch.float64)
    return kernel.between(places, places) + torch.diag(noise if samples.weights is None else noise / samples.weights)


ROUTES: dict[str, Samples] = {
    "a series": lattice((500,)),
    "a lattice": lattice((22, 31)),
    "every second of a lattice": lattice((50, 44), 2),
    "a volume": lattice((9, 8, 10)),
    "a grid with gaps": gaps((30, 31), 0.6),
    "a series with gaps": gaps((900,), 0.6),
    "a volume with gaps": gaps((10, 9, 11), 0.6),
    "few of a large grid": gaps((400, 400), 0.003),
    "points on a line": points(500, 1),
    "points": points(500, 2),
    "points in space": points(200, 3),
    "points in five dimensions": points(300, 5),
    "weighted points": points(500, 2, weighted=True),
    "weighted points in space": points(200, 3, weighted=True),
    "weighted points in five dimensions": points(300, 5, weighted=True),
    "one point": points(1, 2),
}


@pytest.mark.parametrize("route", list(ROUTES))
@pytest.mark.parametrize("directly", [True, False])
def test_every_route_leads_to_the_dense_solution(route: str, directly: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """By one factor, as so few samples go, and as many would."""
    samples, ridge = ROUTES[route], 1e-2
    if not directly:
        monkeypatch.setattr(solve, "_DENSE", 0)
        monkeypatch.setattr(SEAM, "_MANY", 0)
    kernel, values = kernel_for(samples), values_at(samples)
    before = values.clone()
    coarse = not directly and isinstance(samples, PointSamples) and samples.points.shape[1] == 3
    found = solve_weights(samples, kernel, values, ridge, replace(FINE, kernel=1e-5) if coarse else FINE)
    exact = torch.linalg.solve(dense(samples, kernel, ridge), values)
    assert found.value.shape == values.shape
    assert float((found.value - exact).norm() / exact.norm()) < (3e-3 if coarse else 1e-5)
    assert found.error <= 1e-6
    assert torch.equal(values, before)
    if not directly and places_of(samples).shape[1] <= 3 and len(samples) > 1:
        assert 1 < found.iterations < 120


def test_a_smooth_kernel_with_a_tiny_ridge_is_solved_by_finer_waves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where what coarse waves miss would leave the map indefinite."""
    monkeypatch.setattr(solve, "_DENSE", 0)
    monkeypatch.setattr(SEAM, "_MANY", 0)
    samples = points(800, 2)
    kernel, values = kernel_for(samples, trained="last"), values_at(samples)
    found = solve_weights(samples, kernel, values, 1e-6, Accuracy(kernel=1e-4))
    exact = torch.linalg.solve(dense(samples, kernel, 1e-6), values)
    places = places_of(samples)
    fitted = kernel.between(places, places) @ torch.stack([found.value, exact])
    assert float((fitted[0] - fitted[1]).norm() / fitted[1].norm()) < 1e-2


def test_channels_are_solved_together_as_alone() -> None:
    samples = ROUTES["a lattice"]
    kernel, values = kernel_for(samples), values_at(samples, 3)
    together = solve_weights(samples, kernel, values, 1e-3, FINE).value
    for channel in range(3):
        alone = solve_weights(samples, kernel, values[:, channel : channel + 1], 1e-3, FINE).value
        torch.testing.assert_close(together[:, channel : channel + 1], alone, rtol=0, atol=1e-6)


@pytest.mark.parametrize("weights", [None, 100.0])
@pytest.mark.parametrize(("ridge", "directly"), [(0.0, True), (1e-300, True), (0.0, False)])
def test_a_ridge_that_rounding_does_not_allow_is_raised(
    weights: float | None, ridge: float, directly: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By tens, until it does; of equal points, say. Zero too comes to an end."""
    if not directly:
        monkeypatch.setattr(solve, "_DENSE", 0)
        monkeypatch.setattr(SEAM, "_MANY", 0)
    places = torch.cat([points(60, 1).points] * 2)
    samples = PointSamples(places, places, None if weights is None else torch.full((120,), weights).double())
    kernel, values = GaussianKernel(1.0), values_at(samples)
    found, used = solve_stably(samples, kernel, values, ridge, Accuracy(residual=1e-3, kernel=1e-6))
    assert found.ok
    assert ridge < used <= 1e-2 * (weights or 1.0)
    assert ridge == 0 or math.log10(used / ridge) == pytest.approx(round(math.log10(used / ridge)))
    residual = values - dense(samples, kernel, used) @ found.value
    assert float(residual.norm() / values.norm()) < 3e-2


def test_one_that_it_allows_is_kept() -> None:
    samples = ROUTES["points"]
    found, used = solve_stably(samples, kernel_for(samples), values_at(samples), 1e-5, FINE)
    assert used == 1e-5
    torch.testing.assert_close(
        found.value, solve_weights(samples, kernel_for(samples), values_at(samples), 1e-5, FINE).value
    )


@pytest.mark.parametrize("directly", [True, False])
def test_what_cannot_be_solved_says_so(directly: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """By no factor, or in too few iterations."""
    if not directly:
        monkeypatch.setattr(solve, "_DENSE", 0)
    places = points(50, 2).points
    samples = PointSamples(torch.cat([places, places]), torch.zeros(100, 1))
    with pytest.raises(SettingsError, match=r"equations were solved only to .* at a ridge of 0: .*add a ridge"):
        solve_weights(samples, GaussianKernel(1.0), values_at(samples), 0.0, Accuracy(most=20))


def test_too_few_iterations_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solve, "_DENSE", 0)
    samples = ROUTES["a lattice"]
    with pytest.raises(SettingsError, match="in 2 iterations at a ridge of"):
        solve_weights(samples, kernel_for(samples), values_at(samples), 1e-3, Accuracy(most=2))


def test_more_points_in_more_dimensions_than_fit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solve, "_MOST_DENSE", 100)
    samples = points(150, 4)
    with pytest.raises(TooLargeError, match=r"150 points in 4 dimensions .* at most 100 points"):
        solve_weights(samples, kernel_for(samples), values_at(samples), 1e-3, FINE)
    solve_weights(points(150, 3), kernel_for(points(150, 3)), values_at(points(150, 3)), 1e-3, FINE)


def test_places_are_the_samples_own() -> None:
    assert places_of(ROUTES["points"]) is ROUTES["points"].points  # type: ignore[union-attr]
    corners = places_of(lattice((3, 6), 2))
    torch.testing.assert_close(corners[[0, -1]], torch.tensor([[0.5, 0.5], [2.5, 4.5]]).double() / 6)
