"""Preconditioners."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from fourierfield.kinds.scans._kspace import KSpaceSignal
from fourierfield.kinds.scans._posterior import System, approximate_inverse
from fourierfield.kinds.scans._problem import Scan, forward_map, measurements
from fourierfield.operators._base import ScaledIdentity
from fourierfield.operators._toeplitz import Circulant
from fourierfield.solvers._cg import conjugate_gradients

from .conftest import box_phantom, ct_scan, mri_scan, stationary, tiny_scan


@pytest.mark.parametrize("noise", [0.0, 1e-3, 10.0])
@pytest.mark.parametrize("bandwidth", [1.0, 3.0])
def test_it_is_symmetric_and_positive_definite(scan: Scan, bandwidth: float, noise: float) -> None:
    found = approximate_inverse(scan, stationary(scan, bandwidth).spectrum(), noise)
    matrix = found.to_dense()
    assert matrix.shape == (len(measurements(scan)),) * 2
    assert torch.allclose(matrix, matrix.T, atol=1e-9 * float(matrix.abs().max()))
    assert float(torch.linalg.eigvalsh(matrix).min()) > 0


def steps_of(scan: Scan, prior: Circulant, ridge: float) -> tuple[int, int]:
    """Iterations with and without the preconditioner."""
    system = System.of(scan, prior, ridge)
    values = measurements(scan)
    whole = system.forward @ system.covariance @ system.forward.H + ScaledIdentity(len(values), system.noise)
    with_it, without = (
        conjugate_gradients(whole, values, preconditioner=inverse, tolerance=1e-4, most=2000).iterations
        for inverse in (system.inverse, None)
    )
    assert with_it < 2000
    return with_it, without


def test_it_saves_iterations_of_fourier_samples() -> None:
    for scan in (mri_scan(24, 0.3), tiny_scan("complex mri"), tiny_scan("real mri")):
        with_it, without = steps_of(scan, stationary(scan), 1e-3)
        assert with_it < 0.5 * without
        assert with_it < 10


def test_it_saves_iterations_of_fine_projections() -> None:
    """Of many bins: with few, most of their waves are of use to other directions too, and it saves nothing."""
    scan = ct_scan(96, 6)
    with_it, without = steps_of(scan, stationary(scan, 1.5), 0.1)
    assert with_it < 0.8 * without


def test_of_all_fourier_samples_of_a_complex_image_it_is_the_inverse() -> None:
    """Then every wave is measured by itself."""
    scan = tiny_scan("complex mri")
    whole = mri_scan(8, 1.0)
    whole = type(scan)(whole.samples, whole.places, (8, 8))
    assert steps_of(whole, stationary(whole), 1e-2)[0] == 1


def test_missing_rays_are_picked_out_of_the_whole() -> None:
    gaps = tiny_scan("ct with gaps")
    system = System.of(gaps, stationary(gaps), 1e-2)
    assert system.inverse.shape == (len(measurements(gaps)),) * 2
    assert forward_map(gaps).shape[0] == len(measurements(gaps)) < 40


@pytest.mark.parametrize("n", [15, 16, 17])
def test_images_of_any_size(n: int) -> None:
    scan = ct_scan(n, 6)
    assert scan.image_shape == (n, n) == box_phantom(n).shape
    assert steps_of(scan, stationary(scan), 0.1)[0] < 60


def test_it_knows_how_sensitive_coils_are() -> None:
    scan = tiny_scan("coils")
    assert isinstance(scan, KSpaceSignal)
    assert scan.maps is not None
    spectrum = stationary(scan).spectrum()
    one, ten = (
        approximate_inverse(replace(scan, maps=factor * scan.maps), spectrum, 0.0).to_dense() for factor in (1, 10)
    )
    assert torch.allclose(one, 100 * ten, rtol=1e-5)
