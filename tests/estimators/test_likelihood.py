"""The likelihood against its definition, and what is chosen by it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import multivariate_normal

from fourierfield.encodings import EncodingSpec
from fourierfield.errors import SettingsError
from fourierfield.estimators.likelihood import Evidence, Search, choose_likeliest
from fourierfield.estimators.samples import Scatter
from fourierfield.problems import PointSamples
from fourierfield.regression import KernelSpec

NTK = KernelSpec(EncodingSpec("gaussian", 0.7))
NNGP = KernelSpec(EncodingSpec("gaussian", 0.7), trained="last")
NONE = Scatter(np.zeros(1), np.zeros(1))


def samples(count: int, dimensions: int, seed: int = 0, weighted: bool = False) -> PointSamples:
    generator = torch.Generator().manual_seed(seed)
    points = torch.rand(count, dimensions, generator=generator, dtype=torch.float64)
    weights = 0.5 + torch.rand(count, generator=generator, dtype=torch.float64) if weighted else None
    return PointSamples(points, torch.zeros(count, 1, dtype=torch.float64), weights)


def noise(count: int, channels: int = 1, seed: int = 1) -> torch.Tensor:
    return torch.randn(count, channels, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def covariance(spec: KernelSpec, given: PointSamples, ridge: float) -> torch.Tensor:
    weights = torch.ones(len(given), dtype=torch.float64) if given.weights is None else given.weights
    return spec.kernel(given.points.shape[1]).between(given.points, given.points) + torch.diag(ridge / weights)


@pytest.mark.parametrize("weighted", [False, True])
def test_it_is_the_normal_density_at_the_best_variance(weighted: bool) -> None:
    given, values = samples(30, 2, weighted=weighted), noise(30, 2)
    evidence, found = Evidence(given, values, NONE), []
    ridges = (0.01, 0.3, 2.0)
    for ridge in ridges:
        matrix = covariance(NTK, given, ridge).numpy()
        density = 0.0
        for y in values.numpy().T:
            variance = y @ np.linalg.solve(matrix, y) / 30
            density += multivariate_normal.logpdf(y, cov=variance * matrix) / 30 / 2
        found.append(density)
        score = evidence.best(NTK, torch.tensor([ridge], dtype=torch.float64)).score
        assert score - density == pytest.approx(
            evidence.best(NTK, torch.tensor([0.01], dtype=torch.float64)).score - found[0], abs=1e-9
        )
    best = evidence.best(NTK, torch.tensor(ridges, dtype=torch.float64))
    assert best.ridge == ridges[int(np.argmax(found))]


def test_scatter_counts_as_values_at_equal_inputs() -> None:
    """Equal inputs one by one, by brute force, against their means and scatter."""
    given = samples(12, 2)
    every = torch.cat([given.points, given.points, given.points])
    values = noise(36)
    means = values.reshape(3, 12, 1).mean(0)
    squares = (values.reshape(3, 12, 1) - means).square().sum().numpy().reshape(1)
    merged = Evidence(
        PointSamples(given.points, means, torch.full((12,), 3.0, dtype=torch.float64)),
        means,
        Scatter(squares, np.array([24.0])),
    )
    apart = Evidence(PointSamples(every, values), values, NONE)
    scores = [
        (12 * merged.best(NTK, r).score, 36 * apart.best(NTK, r).score)
        for r in torch.logspace(-1, 1, 4, dtype=torch.float64)[:, None]
    ]
    offsets = [a - b for a, b in scores]
    np.testing.assert_allclose(offsets, offsets[0], atol=1e-8)


@pytest.mark.parametrize("weighted", [False, True])
def test_left_out_is_what_refits_find(weighted: bool) -> None:
    given, values, ridge = samples(25, 3, weighted=weighted), noise(25), 0.1
    evidence = Evidence(given, values, NONE)
    found = evidence.left_out(evidence.best(NTK, torch.tensor([ridge], dtype=torch.float64)))
    matrix = covariance(NTK, given, ridge)
    errors, shares = [], []
    for i in range(25):
        rest = torch.arange(25) != i
        weights = torch.linalg.solve(matrix[rest][:, rest], matrix[rest, i])
        errors.append(float(values[i, 0] - weights @ values[rest, 0]))
        shares.append(errors[-1] / float(matrix[i, i] - weights @ matrix[rest, i]) ** 0.5)
    assert float(found.mse) == pytest.approx(np.mean(np.square(errors)))
    assert float(found.power) == pytest.approx(np.mean(np.square(shares)))
    assert float(found.scale) == pytest.approx(np.quantile(np.abs(shares), 0.9) / 1.6449)


@pytest.mark.parametrize("dimensions", [1, 2, 6])
@pytest.mark.parametrize("true", [NTK, NNGP], ids=["NTK", "NNGP"])
def test_kernel_bandwidth_and_ridge_are_recovered(dimensions: int, true: KernelSpec) -> None:
    true = true.with_bandwidth(1.0 / dimensions)
    given = samples(500, dimensions)
    factor = torch.linalg.cholesky(covariance(true, given, 1e-2))
    values = 3 * factor @ noise(500)
    kernels = [NTK.with_bandwidth(1.0), NNGP.with_bandwidth(1.0)]
    found = choose_likeliest(given, values, 500 ** (1 / dimensions), Search(kernels, True, NONE))
    assert found.spec.trained == true.trained
    assert found.spec.encoding.bandwidth == pytest.approx(1.0 / dimensions, rel=0.75)
    if dimensions < 6:  # far apart, the roughness of an NTK is like noise
        assert 0.003 < found.ridge < 0.03


def test_more_samples_know_finer_details_and_the_noise() -> None:
    given = samples(1500, 1)
    fine = torch.sin(2 * torch.pi * 120 * given.points)
    search = Search([NNGP], True, NONE)
    assert choose_likeliest(given, fine, 1500.0, search).spec.encoding.bandwidth > 10  # type: ignore[operator]
    noisy = torch.sin(6 * given.points) + 0.5 * noise(1500)
    smooth = choose_likeliest(given, noisy, 1500.0, search)
    assert smooth.spec.encoding.bandwidth < 1.5  # type: ignore[operator]
    assert smooth.ridge > 0.03


def test_bandwidths_that_a_family_refuses_are_passed_over_and_one_that_refuses_all_says_why() -> None:
    far, values = samples(40, 5), noise(40)
    with pytest.raises(SettingsError, match="1 to 3 dimensions"):
        choose_likeliest(far, values, 6.0, Search([KernelSpec(EncodingSpec("log-uniform", 2.0))], True, NONE))
    near = samples(20, 1)
    found = choose_likeliest(near, noise(20), 20.0, Search([KernelSpec(EncodingSpec("power-law", 2.0))], True, NONE))
    assert found.spec.encoding.bandwidth >= 1  # type: ignore[operator]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_few_samples(count: int) -> None:
    given = samples(count, 2)
    values = noise(count)
    found = choose_likeliest(given, values - values.mean(0), 1.0, Search([NTK, NNGP], True, NONE))
    assert found.ridge > 0
