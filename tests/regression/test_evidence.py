"""The whole likelihood against its definition."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import multivariate_normal

from fourierfield.encodings._spec import EncodingSpec
from fourierfield.problems._points import PointSamples
from fourierfield.regression._evidence import Scatter, WholeEvidence
from fourierfield.regression._spec import KernelSpec

NTK = KernelSpec(EncodingSpec("gaussian", 0.7))
RIDGES = (0.01, 0.3, 2.0)


def samples(count: int, dimensions: int, weighted: bool = False) -> PointSamples:
    generator = torch.Generator().manual_seed(0)
    points = torch.rand(count, dimensions, generator=generator, dtype=torch.float64)
    weights = 0.5 + torch.rand(count, generator=generator, dtype=torch.float64) if weighted else None
    return PointSamples(points, torch.zeros(count, 1, dtype=torch.float64), weights)


def noise(count: int, channels: int = 1) -> torch.Tensor:
    return torch.randn(count, channels, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def covariance(given: PointSamples, ridge: float) -> torch.Tensor:
    weights = torch.ones(len(given), dtype=torch.float64) if given.weights is None else given.weights
    return NTK.kernel(given.points.shape[1]).between(given.points, given.points) + torch.diag(ridge / weights)


@pytest.mark.parametrize("weighted", [False, True])
def test_it_is_the_normal_density_at_the_best_variance(weighted: bool) -> None:
    given, values, densities = samples(30, 2, weighted=weighted), noise(30, 2), []
    for ridge in RIDGES:
        matrix, density = covariance(given, ridge).numpy(), 0.0
        for y in values.numpy().T:
            variance = y @ np.linalg.solve(matrix, y) / 30
            density += multivariate_normal.logpdf(y, cov=variance * matrix) / 30 / 2
        densities.append(density)
    found = WholeEvidence(given, values, Scatter.none(2)).judge(NTK, RIDGES)
    assert [(one.spec, one.ridge) for one in found] == [(NTK, ridge) for ridge in RIDGES]
    np.testing.assert_allclose(np.diff([one.score for one in found]), np.diff(densities), atol=1e-9)


def test_scatter_counts_as_values_at_equal_places() -> None:
    """Equal inputs one by one, by brute force, against their means and scatter."""
    given = samples(12, 2)
    every = torch.cat([given.points, given.points, given.points])
    values = noise(36)
    means = values.reshape(3, 12, 1).mean(0)
    squares = (values.reshape(3, 12, 1) - means).square().sum().numpy().reshape(1)
    thrice = PointSamples(given.points, means, torch.full((12,), 3.0, dtype=torch.float64))
    merged = WholeEvidence(thrice, means, Scatter(squares, np.array([24.0])))
    apart = WholeEvidence(PointSamples(every, values), values, Scatter.none(1))
    assert merged.count == apart.count == 36
    ridges = np.geomspace(0.1, 10, 4).tolist()
    pairs = [(a, b) for a, b in zip(merged.judge(NTK, ridges), apart.judge(NTK, ridges), strict=True)]
    offsets = [a.score - b.score for a, b in pairs]
    np.testing.assert_allclose(offsets, offsets[0], atol=1e-9)
    np.testing.assert_allclose([a.freedom for a, _ in pairs], [b.freedom for _, b in pairs], atol=1e-9)


def test_freedom_is_the_trace_of_the_map_from_values_to_fit() -> None:
    given = samples(40, 3)
    matrix = covariance(given, 0.0)
    for one in WholeEvidence(given, noise(40), Scatter.none(1)).judge(NTK, RIDGES):
        fit = torch.linalg.solve(matrix + one.ridge * torch.eye(40), matrix)
        assert one.freedom == pytest.approx(float(fit.trace()) / 40)
