"""Weights by every route, against one dense system."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from fourierfield.encodings import EncodingSpec
from fourierfield.kernels import StationaryKernel
from fourierfield.problems import GridSamples, PointSamples, Samples
from fourierfield.regression import Accuracy, KernelSpec, places_of, solve, solve_weights
from fourierfield.signals import Grid

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
    "points in space": points(500, 3),
    "points in five dimensions": points(300, 5),
    "weighted points": points(500, 2, weighted=True),
    "weighted points in space": points(500, 3, weighted=True),
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
        monkeypatch.setattr(__import__("sys").modules["fourierfield.operators.gram"], "_MANY", 0)
    kernel, values = kernel_for(samples), values_at(samples)
    before = values.clone()
    found = solve_weights(samples, kernel, values, ridge, FINE)
    exact = torch.linalg.solve(dense(samples, kernel, ridge), values)
    assert found.value.shape == values.shape
    assert float((found.value - exact).norm() / exact.norm()) < 1e-5
    assert found.error <= 1e-6
    assert torch.equal(values, before)
    if not directly and places_of(samples).shape[1] <= 3 and len(samples) > 1:
        assert 1 < found.iterations < 120
