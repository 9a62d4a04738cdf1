"""Standard deviations of what is found, against the dense posterior."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from fourierfield.problems.scans import Scan, ScanProblem, forward_map, measurements
from fourierfield.regression.scans import Reconstruction, posterior_mean, standard_deviation

from .conftest import local, stationary, tiny_scan


def reconstruction(scan: Scan, prior: Any, ridge: float) -> Reconstruction:
    last = posterior_mean(scan, measurements(scan), prior, ridge, most=300, tolerance=1e-9)
    return Reconstruction(
        last.mean.reshape(scan.channels, *scan.image_shape), prior, ridge, last, last.iterations, False
    )


@pytest.mark.parametrize("kind", ["ct with gaps", "fan", "real mri", "coils"])
@pytest.mark.parametrize("make", [stationary, local])
def test_they_are_those_of_the_dense_posterior(kind: str, make: Any) -> None:
    scan = tiny_scan(kind)
    found = reconstruction(scan, make(scan), 0.05)
    drawn = standard_deviation(ScanProblem(scan, None), found, draws=1000)
    forward, matrix = forward_map(scan).to_dense(), found.prior.to_dense()  # type: ignore[attr-defined]
    covariance = torch.block_diag(*[matrix] * scan.channels)
    seen = forward @ covariance
    whole = seen @ forward.T + found.last.noise * torch.eye(len(forward), dtype=torch.float64)
    left = covariance - seen.T @ torch.linalg.solve(whole, seen)
    exact = (found.last.power * left.diagonal()).sqrt().reshape(drawn.shape)
    ratios = drawn / exact
    assert drawn.shape == (scan.channels, *scan.image_shape)
    assert ratios.mean() == pytest.approx(1.0, abs=0.02)
    assert ratios.min() > 0.9  # 1/√(2·1000) is 0.022
    assert ratios.max() < 1.1


def test_seeds() -> None:
    scan = tiny_scan("ct")
    found, problem = reconstruction(scan, stationary(scan), 0.05), ScanProblem(scan, None)
    one, same, other = (standard_deviation(problem, found, draws=3, seed=seed) for seed in (0, 0, 1))
    assert torch.equal(one, same)
    assert not torch.allclose(one, other, rtol=0.01)


def test_they_grow_with_the_measurements_and_not_with_the_kernel() -> None:
    """The kernel's size is taken from the measurements."""
    scan = tiny_scan("ct")
    louder = type(scan)(10 * scan.projections, scan.geometry)  # type: ignore[call-arg, union-attr]
    one, loud, large = (
        standard_deviation(ScanProblem(s, None), reconstruction(s, stationary(s, factor=f), 0.05), draws=20)
        for s, f in ((scan, 1.0), (louder, 1.0), (scan, 100.0))
    )
    assert torch.allclose(loud, 10 * one, rtol=1e-3)
    assert torch.allclose(large, one, rtol=1e-3)
