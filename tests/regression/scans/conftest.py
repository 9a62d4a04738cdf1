"""Tiny scans of every kind, and kernels for them."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from fourierfield.encodings import EncodingSpec
from fourierfield.operators import Circulant
from fourierfield.problems.scans import Scan, forward_map
from fourierfield.regression import KernelSpec
from fourierfield.regression.scans import LocalFit, LocalSolver, stationary_prior
from fourierfield.signals import ScanOptions, as_signal, simulate
from fourierfield.signals.scans import Geometry, KSpaceSignal, SinogramSignal

KINDS = ("ct", "ct with gaps", "fan", "slices", "real mri", "complex mri", "coils", "beside the grid")


def phantom(n: int) -> np.ndarray:
    """Boxes of constant height."""
    image = np.zeros((n, n))
    image[n // 4 : 3 * n // 4, n // 4 : 3 * n // 4] = 0.5
    image[3 * n // 8 : n // 2, n // 3 : 2 * n // 3] = 1.0
    return image


def ct_scan(n: int, angles: int, noise: float = 0.0) -> SinogramSignal:
    scan = simulate(as_signal(phantom(n)), ScanOptions(f"ct:{angles}:{noise}"))
    assert isinstance(scan, SinogramSignal)
    return scan


def mri_scan(n: int, fraction: float, noise: float = 0.0) -> KSpaceSignal:
    scan = simulate(as_signal(phantom(n)), ScanOptions(f"mri:{fraction}:{noise}"))
    assert isinstance(scan, KSpaceSignal)
    return scan


def tiny_scan(kind: str) -> Scan:
    """Of 8×8 pixels (of 2×6×6 samples for slices)."""
    rng = np.random.default_rng(0)
    if kind == "slices":
        return SinogramSignal(rng.random((4, 2, 6)).astype(np.float32), Geometry(np.linspace(0, 3, 4), 6))
    if kind in ("ct", "ct with gaps", "fan"):
        distances = {"source": 20.0, "detector": 28.0, "spacing": 1.4} if kind == "fan" else {}
        values = rng.random((5, 1, 8)).astype(np.float32)
        values[rng.random(values.shape) < (0.3 if kind == "ct with gaps" else 0)] = np.nan
        return SinogramSignal(values, Geometry(np.linspace(0, 3, 5), 8, **distances))
    scan = mri_scan(8, 0.5)
    if kind == "real mri":
        return scan
    scan = replace(scan, real=False, truth=None)
    if kind == "beside the grid":
        return replace(scan, places=scan.places + rng.uniform(-0.3, 0.3, scan.places.shape))
    if kind == "complex mri":
        return scan
    maps = rng.normal(size=(3, 8, 8)) + 1j * rng.normal(size=(3, 8, 8))
    samples = np.concatenate([scan.samples, 2 * scan.samples, 1j * scan.samples])
    return replace(scan, samples=samples, maps=maps.astype(np.complex64))


def stationary(scan: Scan, bandwidth: float = 1.0, factor: float = 1.0) -> Circulant:
    """The NTK on a scan's grid."""
    kernel = KernelSpec(EncodingSpec("gaussian", bandwidth)).kernel(len(scan.image_shape))
    found = stationary_prior(kernel, scan.domain, scan.image_shape)
    return Circulant(factor * found.eigenvalues)


def measuring(scan: Scan, values: Tensor) -> Scan:
    """The same scan with other measurements."""
    if isinstance(scan, SinogramSignal):
        projections = scan.projections.transpose(1, 0, 2).copy()
        projections[~np.isnan(projections)] = values.numpy()
        return replace(scan, projections=projections.transpose(1, 0, 2))
    real, imaginary = values.numpy().reshape(2, *scan.samples.shape)
    return replace(scan, samples=(real + 1j * imaginary).astype(np.complex64))


def of_boxes(scan: Scan, noise: float = 0.0) -> Scan:
    """The same scan of the phantom, of a phase that turns where it is complex and of as many slices as it has."""
    image = torch.from_numpy(phantom(scan.image_shape[-1]))
    if isinstance(scan, SinogramSignal):
        parts = image.expand(scan.image_shape)
    elif scan.real:
        parts = image
    else:
        turn = torch.linspace(0, 2, image.shape[1], dtype=torch.float64)
        parts = torch.stack([image * turn.cos(), image * turn.sin()])
    seen = forward_map(scan) @ parts.reshape(-1)
    random = torch.randn(len(seen), dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    return measuring(scan, seen + noise * seen.square().mean().sqrt() * random)


def local(scan: Scan, ridge: float = 3e-3, sparsity: float = 1.0, rounds: int = 20) -> LocalFit:
    """A kernel of amplitudes that vary from place to place, fitted to the end."""
    solver = LocalSolver(scan, lambda step, change: None)
    found = solver.fit(ridge)
    for _ in range(rounds):
        found = solver.fit(ridge, 1.0, found)
    if sparsity < 1:
        for _ in range(rounds):
            found = solver.fit(ridge, sparsity, found)
    return found


def decibels(found: np.ndarray, truth: np.ndarray) -> float:
    return -10 * math.log10(float(((found - truth) ** 2).mean()))


@pytest.fixture(params=KINDS)
def scan(request: pytest.FixtureRequest) -> Scan:
    return tiny_scan(request.param)
