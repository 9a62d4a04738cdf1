"""Sensitivities of coils from the middle of k-space."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from fourierfield.errors import SignalError
from fourierfield.grids._splits import RandomHoldOut
from fourierfield.kinds.scans._coils import estimate_maps
from fourierfield.kinds.scans._kspace import KSpaceSignal
from fourierfield.kinds.scans._problem import scan_problem
from fourierfield.operators._fourier import Coils, nonuniform_fourier

CoilScan = Callable[..., KSpaceSignal]


def alike(found: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """|Σ conj(S) S'| at each pixel: 1 where they agree but for a phase."""
    return np.asarray(np.abs((found.conj() * truth).sum(0)))


def lines(n: int, middle: int, step: int) -> np.ndarray:
    """Every ``step``-th line and some in the middle."""
    mask = np.zeros((n, n), dtype=bool)
    mask[::step] = True
    mask[n // 2 - middle : n // 2 + middle + 1] = True
    return mask


@pytest.mark.parametrize("mask", [np.ones((32, 32), dtype=bool), lines(32, 4, 3), lines(31, 5, 2)])
def test_smooth_sensitivities_are_found_again(coil_scan: CoilScan, mask: np.ndarray) -> None:
    scan = coil_scan(mask)
    assert scan.maps is not None
    found = estimate_maps(replace(scan, maps=None))
    assert found.dtype == np.complex64
    assert found.shape == scan.maps.shape
    assert np.allclose((np.abs(found) ** 2).sum(0), 1, atol=1e-5)
    likeness = alike(found, scan.maps)[4:-4, 4:-4]  # at the border the image and its sensitivities jump
    assert likeness.mean() > 0.995
    assert likeness.min() > 0.98


def test_the_phase_is_that_of_the_coils_sum(coil_scan: CoilScan) -> None:
    found = estimate_maps(replace(coil_scan(lines(32, 6, 2)), maps=None))
    total = found.sum(0)
    assert np.allclose(np.angle(total), 0, atol=1e-4)


@pytest.mark.parametrize("n", [16, 23, 32])
def test_along_a_trajectory(coil_scan: CoilScan, n: int) -> None:
    """Of small images too, whose edge of k-space lies within the middle that is taken."""
    scan = coil_scan(np.ones((n, n), dtype=bool))
    assert scan.maps is not None
    spokes, along = np.linspace(0, np.pi, 24, endpoint=False), np.arange(-(n // 2), n / 2 + 0.1)
    places = np.stack([np.outer(np.sin(spokes), along).ravel(), np.outer(np.cos(spokes), along).ravel()], axis=1)
    image = torch.ones(n * n, dtype=torch.complex128)
    operator = Coils(nonuniform_fourier((n, n), torch.from_numpy(places)), torch.from_numpy(scan.maps.reshape(4, -1)))
    samples = (operator @ image).reshape(4, -1).numpy().astype(np.complex64)
    found = estimate_maps(KSpaceSignal(samples, places, (n, n)))
    assert alike(found, scan.maps).mean() > 0.97


def test_without_the_middle_they_are_refused(coil_scan: CoilScan) -> None:
    beside = np.ones((32, 32), dtype=bool)
    beside[8:25] = False
    with pytest.raises(SignalError, match="give them with --maps"):
        estimate_maps(replace(coil_scan(beside), maps=None))
    angles = np.linspace(0, 2 * np.pi, 300)
    ring = 13.3 * np.stack([np.sin(angles), np.cos(angles)], axis=1)
    with pytest.raises(SignalError, match="give them with --maps"):
        estimate_maps(KSpaceSignal(np.ones((2, 300), np.complex64), ring, (32, 32)))


def test_a_calibration_tells_what_the_image_does_not(coil_scan: CoilScan) -> None:
    every_fourth, middle = np.zeros((2, 32, 32), dtype=bool)
    every_fourth[::4] = True
    middle[10:23] = True
    scan = replace(coil_scan(every_fourth), maps=None)
    with pytest.raises(SignalError, match="give them with --maps"):
        estimate_maps(scan)
    calibration = replace(coil_scan(middle), maps=None)
    assert np.array_equal(estimate_maps(replace(scan, calibration=calibration)), estimate_maps(calibration))
    problem = scan_problem(replace(scan, calibration=calibration), RandomHoldOut(0.1, 3))
    assert np.array_equal(problem.training.maps, estimate_maps(calibration))
    with pytest.raises(SignalError, match=r"a calibration of 4 coils and \(16, 16\) does not match 4 coils"):
        replace(scan, calibration=replace(coil_scan(np.ones((16, 16), dtype=bool)), maps=None))


def test_a_problem_estimates_them_from_what_is_trained_on(coil_scan: CoilScan) -> None:
    scan = replace(coil_scan(np.ones((16, 16), dtype=bool)), maps=None)
    problem = scan_problem(scan, RandomHoldOut(0.1, 3))
    assert problem.held_out is not None
    assert problem.training.maps is problem.held_out.maps
    assert np.array_equal(problem.training.maps, estimate_maps(replace(problem.training, maps=None)))
    assert scan_problem(problem.training).training.maps is problem.training.maps
