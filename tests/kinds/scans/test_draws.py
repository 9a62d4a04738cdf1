"""Standard deviations of what is found, against the dense posterior."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from fourierfield.kinds.scans._draws import standard_deviation
from fourierfield.kinds.scans._local import LocalFit
from fourierfield.kinds.scans._posterior import Posterior, PosteriorSolver
from fourierfield.kinds.scans._problem import Scan, ScanProblem, forward_map, measurements
from fourierfield.kinds.scans._reconstruction import Reconstruction
from fourierfield.operators._cells import ValuesAndDetails
from fourierfield.operators._toeplitz import Circulant

from .conftest import local, measuring, of_boxes, stationary, tiny_scan

SOME = ["ct with gaps", "fan", "slices", "real mri", "complex mri", "coils"]


def by_start(scan: Scan, prior: Circulant, ridge: float = 0.05) -> Posterior:
    return PosteriorSolver(scan, prior, most=300, tolerance=1e-9).fit(ridge)


def deviation(scan: Scan, fit: Posterior | LocalFit, draws: int, seed: int = 0) -> Tensor:
    return standard_deviation(ScanProblem(scan, None), Reconstruction(fit), draws=draws, seed=seed)


def are_as_exact(drawn: Tensor, variance: Tensor) -> None:
    """To what a thousand draws can tell."""
    ratios = drawn / variance.sqrt().reshape(drawn.shape)
    assert ratios.mean() == pytest.approx(1.0, abs=0.02)
    assert ratios.min() > 0.9  # 1/√(2·1000) is 0.022
    assert ratios.max() < 1.1


@pytest.mark.parametrize("kind", SOME)
def test_they_are_those_of_the_dense_posterior(kind: str) -> None:
    scan = tiny_scan(kind)
    found = by_start(scan, stationary(scan))
    drawn = deviation(scan, found, 1000)
    assert drawn.shape == (scan.channels, *scan.image_shape)
    forward, matrix = forward_map(scan).to_dense(), stationary(scan).to_dense()
    covariance = torch.block_diag(*[matrix] * scan.channels)
    seen = forward @ covariance
    whole = seen @ forward.T + found.noise * torch.eye(len(forward), dtype=torch.float64)
    left = covariance - seen.T @ torch.linalg.solve(whole, seen)
    are_as_exact(drawn, found.power * left.diagonal())


@pytest.mark.parametrize("kind", SOME)
@pytest.mark.parametrize("sparsity", [1.0, 0.5])
def test_by_local_kernels_too(kind: str, sparsity: float) -> None:
    """power·(AᵀA + Wᵀ diag(u) W)⁻¹."""
    scan = of_boxes(tiny_scan(kind), 0.1)
    found = local(scan, 0.02, sparsity, 3)
    drawn = deviation(scan, found, 1000)
    assert drawn.shape == (scan.channels, *scan.image_shape)
    forward, analysis = forward_map(scan).to_dense(), ValuesAndDetails(scan.image_shape).to_dense()
    precision = torch.block_diag(*[analysis.T @ (found.precisions()[:, None] * analysis)] * scan.channels)
    are_as_exact(drawn, found.power * torch.linalg.inv(forward.T @ forward + precision).diagonal())


@pytest.mark.parametrize("adapted", [True, False])
def test_large_ones_are_drawn_a_few_at_a_time(adapted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Others, of the same distribution."""
    scan = tiny_scan("complex mri")
    fit = local(scan, 0.02, 1.0, 3) if adapted else by_start(scan, stationary(scan))
    together = deviation(scan, fit, 400)
    monkeypatch.setattr("fourierfield.kinds.scans._draws._AT_ONCE", 7 * 4 * 2 * 64)
    parts = deviation(scan, fit, 400)
    assert not torch.equal(parts, together)
    assert float((parts / together).mean()) == pytest.approx(1.0, abs=0.02)
    assert float((parts / together).std()) < 0.1


@pytest.mark.parametrize("adapted", [True, False])
def test_seeds(adapted: bool) -> None:
    scan = tiny_scan("ct")
    fit = local(scan, rounds=0) if adapted else by_start(scan, stationary(scan))
    one, same, other = (deviation(scan, fit, 3, seed) for seed in (0, 0, 1))
    assert torch.equal(one, same)
    assert not torch.allclose(one, other, rtol=0.01)


def test_they_grow_with_the_measurements_and_not_with_the_kernel() -> None:
    """The kernel's size is taken from the measurements."""
    scan = tiny_scan("ct")
    louder = measuring(scan, 10 * measurements(scan))
    one, loud, large = (
        deviation(s, by_start(s, stationary(s, factor=f)), 20) for s, f in ((scan, 1.0), (louder, 1.0), (scan, 100.0))
    )
    assert torch.allclose(loud, 10 * one, rtol=1e-3)
    assert torch.allclose(large, one, rtol=1e-3)


@pytest.mark.parametrize("kind", ["ct", "complex mri"])
def test_by_local_kernels_they_grow_with_the_measurements(kind: str) -> None:
    scan = of_boxes(tiny_scan(kind), 0.1)
    louder = measuring(scan, 10 * measurements(scan))
    one, loud = (deviation(each, local(each, 0.02), 20) for each in (scan, louder))
    assert torch.allclose(loud, 10 * one, rtol=0.02)


def test_of_nothing_they_are_nothing() -> None:
    scan = tiny_scan("ct")
    nothing = measuring(scan, torch.zeros_like(measurements(scan)))
    assert not deviation(nothing, local(nothing, rounds=0), 3).any()


def test_where_a_field_is_nothing_and_its_neighbours_are_they_are_small() -> None:
    """Boxes are less sure within and at their edges than outside."""
    scan = of_boxes(tiny_scan("real mri"), 0.1)
    found = local(scan, 0.02, 0.5)
    drawn = deviation(scan, found, 100)[0]
    assert float(drawn[0].max()) < 0.5 * float(drawn[3:5, 3:5].min())


@pytest.mark.parametrize("adapted", [True, False])
def test_they_may_be_watched(adapted: bool) -> None:
    scan, steps = tiny_scan("ct"), []
    fit = local(scan, rounds=0) if adapted else by_start(scan, stationary(scan))
    problem = ScanProblem(scan, None)
    standard_deviation(problem, Reconstruction(fit), draws=2, watch=lambda step, error: steps.append(step))
    assert steps == list(range(len(steps)))
    assert len(steps) > 2
