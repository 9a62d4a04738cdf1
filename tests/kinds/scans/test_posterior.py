"""One solve, against the formula in dense matrices."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from fourierfield.kinds.scans._posterior import Posterior, PosteriorSolver
from fourierfield.kinds.scans._problem import Scan, forward_map, measurements
from fourierfield.kinds.scans._sinogram import SinogramSignal
from fourierfield.operators._base import LinearOperator
from fourierfield.operators._fourier import Repeated
from fourierfield.operators._toeplitz import Circulant

from .conftest import ct_scan, measuring, stationary, tiny_scan


def dense(scan: Scan, prior: LinearOperator) -> tuple[Tensor, Tensor, Tensor]:
    """A, K and A K Aᵀ."""
    forward = forward_map(scan).to_dense()
    matrix = prior.to_dense()
    covariance = torch.block_diag(*[matrix] * (forward.shape[1] // len(matrix)))
    return forward, covariance, forward @ covariance @ forward.T


def solved(scan: Scan, prior: Circulant, ridge: float, **choices) -> Posterior:  # type: ignore[no-untyped-def]
    return PosteriorSolver(scan, prior, **choices).fit(ridge)


@pytest.mark.parametrize("bandwidth", [1.0, 2.5])
def test_the_mean_is_that_of_the_formula(scan: Scan, bandwidth: float) -> None:
    prior, measured = stationary(scan, bandwidth), measurements(scan)
    found = solved(scan, prior, 1e-2, most=500, tolerance=1e-11)
    forward, covariance, seen = dense(scan, prior)
    dual = torch.linalg.solve(seen + found.noise * torch.eye(len(seen), dtype=torch.float64), measured)
    exact = covariance @ (forward.T @ dual)
    assert found.residual <= 1e-11
    assert (found.mean - exact).norm() < 1e-6 * exact.norm()
    assert found.power == pytest.approx(float(measured @ dual) / len(measured), rel=1e-6)
    assert (found.prior, found.ridge) == (prior, 1e-2)
    parts = exact.reshape(scan.channels, *scan.image_shape)
    shown = parts.clamp(min=0) if isinstance(scan, SinogramSignal) else parts
    assert torch.allclose(found.parts, shown, atol=1e-6 * float(exact.abs().max()))


def test_the_ridge_is_relative_to_the_mean_variance_of_a_measurement(scan: Scan) -> None:
    prior = stationary(scan)
    _, _, seen = dense(scan, prior)
    one, ten = (solved(scan, prior, ridge, most=1).noise for ridge in (0.1, 1.0))
    assert ten == pytest.approx(10 * one)
    assert one == pytest.approx(0.1 * float(seen.diagonal().mean()), rel=0.2)


@pytest.mark.parametrize("angles", range(6, 12))
def test_the_ridge_means_the_same_for_a_part_of_a_scan(angles: int) -> None:
    """What is chosen on some projections is used on all."""
    scan = ct_scan(16, angles)
    _, _, seen = dense(scan, stationary(scan))
    noise = solved(scan, stationary(scan), 0.1, most=1).noise
    assert noise == pytest.approx(0.1 * float(seen.diagonal().mean()), rel=0.15)


def test_the_size_of_the_kernel_does_not_matter(scan: Scan) -> None:
    found, larger = (
        solved(scan, stationary(scan, factor=factor), 0.1, most=300, tolerance=1e-10) for factor in (1.0, 1e4)
    )
    assert torch.allclose(found.mean, larger.mean, atol=1e-6 * float(found.mean.abs().max()))
    assert larger.noise == pytest.approx(1e4 * found.noise)
    assert found.power == pytest.approx(1e4 * larger.power)


def test_a_huge_ridge_leaves_nothing_and_a_tiny_one_meets_the_measurements() -> None:
    for kind in ("ct", "fan", "complex mri", "coils"):
        scan = tiny_scan(kind)
        truth = stationary(scan).draw(1, torch.Generator().manual_seed(0))[:, 0]
        measured = forward_map(scan) @ truth.repeat(scan.channels)
        scan = measuring(scan, measured)
        huge, tiny = (solved(scan, stationary(scan), ridge, most=1000, tolerance=1e-9) for ridge in (1e6, 1e-9))
        assert float(huge.mean.norm()) < 1e-4 * float(tiny.mean.norm())
        assert float((forward_map(scan) @ tiny.mean - measured).norm()) < 1e-5 * float(measured.norm())


def test_real_and_imaginary_part_do_not_mix() -> None:
    """i times the measurements gives i times the image."""
    scan = tiny_scan("coils")
    measured = measurements(scan)
    real, imaginary = measured.tensor_split(2)
    turned = torch.cat([-imaginary, real])
    found, other = (
        solved(measuring(scan, values), stationary(scan), 0.1, most=300, tolerance=1e-10).mean.reshape(2, -1)
        for values in (measured, turned)
    )
    assert torch.allclose(other, torch.stack([-found[1], found[0]]), atol=1e-7 * float(found.abs().max()))


def test_a_power_of_one_is_a_draw_from_the_kernel() -> None:
    """yᵀα/m of measurements drawn from A K Aᵀ + νI is 1 on average."""
    scan = tiny_scan("ct")
    prior = stationary(scan)
    generator = torch.Generator().manual_seed(0)
    _, _, seen = dense(scan, prior)
    noise = solved(scan, prior, 0.1, most=1).noise
    factor = torch.linalg.cholesky(seen + noise * torch.eye(len(seen), dtype=torch.float64))
    drawn = factor @ torch.randn(len(seen), 20, dtype=torch.float64, generator=generator)
    powers = [solved(measuring(scan, y), prior, 0.1, most=200, tolerance=1e-8).power for y in drawn.T]
    assert sum(powers) / 20 == pytest.approx(1.0, abs=0.2)


def test_the_solver_may_be_watched_and_stopped() -> None:
    scan, steps = tiny_scan("ct"), []

    def watch(step: int, error: float) -> None:
        steps.append(step)
        if step == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        solved(scan, stationary(scan), 1e-3, tolerance=1e-12, watch=watch)
    assert steps == [0, 1, 2, 3]


def test_several_parts_share_a_kernel() -> None:
    """K of a complex field is that of a part, twice."""
    scan = tiny_scan("complex mri")
    _, covariance, _ = dense(scan, stationary(scan))
    assert torch.allclose(Repeated(stationary(scan), 2).to_dense(), covariance)
