"""How noisy a scan is, from itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fourierfield.grids._arrays import as_signal
from fourierfield.kinds.scans._kspace import KSpaceSignal
from fourierfield.kinds.scans._problem import measurement_noise
from fourierfield.kinds.scans._simulate import simulate
from fourierfield.kinds.scans._sinogram import SinogramSignal
from fourierfield.operators._geometry import Geometry
from fourierfield.tasks._scan_options import ScanOptions

from .conftest import DiscScan


@settings(max_examples=15, deadline=None)
@given(st.floats(1e-3, 1e3), st.integers(0, 99))
def test_line_integrals_of_nothing_but_noise(size: float, seed: int) -> None:
    values = size * np.random.default_rng(seed).standard_normal((20, 2, 64))
    scan = SinogramSignal(values.astype(np.float32), Geometry(np.linspace(0, 3, 20), 64))
    assert measurement_noise(scan) == pytest.approx(size, rel=0.1)


@pytest.mark.parametrize("share", [0.02, 0.1])
def test_smooth_projections_hardly_count(disc_scan: DiscScan, share: float) -> None:
    clean = disc_scan(64, np.linspace(0, 3, 30))
    size = share * float(np.sqrt((clean.projections**2).mean()))
    noise = size * np.random.default_rng(0).standard_normal(clean.shape)
    noisy = replace(clean, projections=(clean.projections + noise).astype(np.float32))
    assert measurement_noise(clean) < 0.1 * float(np.sqrt((clean.projections**2).mean()))
    assert size < 1.1 * measurement_noise(noisy) < 1.6 * size


def test_missing_rays_and_narrow_detectors(disc_scan: DiscScan) -> None:
    scan = disc_scan(32, np.linspace(0, 3, 8))
    scan.projections[2] = np.nan
    assert np.isfinite(measurement_noise(scan))
    narrow = SinogramSignal(np.ones((4, 1, 3), np.float32), Geometry(np.linspace(0, 3, 4), 3))
    assert measurement_noise(narrow) == 0.0


def test_the_outer_places_of_k_space_tell(coil_scan: Callable[..., KSpaceSignal]) -> None:
    clean = coil_scan(np.ones((48, 48), dtype=bool))
    rng = np.random.default_rng(0)
    noise = 0.05 * (rng.standard_normal(clean.shape) + 1j * rng.standard_normal(clean.shape))
    noisy = replace(clean, samples=(clean.samples + noise).astype(np.complex64))
    assert measurement_noise(noisy) == pytest.approx(0.05, rel=0.15)
    assert measurement_noise(clean) < 0.02


@pytest.mark.parametrize("noise", [0.0, 0.02, 0.3])
def test_opposite_places_of_a_real_field_tell(noise: float) -> None:
    """Whatever its details are."""
    rng = np.random.default_rng(0)
    scan = simulate(as_signal(rng.random((32, 32)).astype(np.float32)), ScanOptions(f"mri:0.6:{noise}"))
    assert isinstance(scan, KSpaceSignal)
    size = noise * float(np.sqrt((np.abs(scan.samples) ** 2).mean())) / np.sqrt(2)
    assert measurement_noise(scan) == pytest.approx(size, rel=0.15, abs=1e-6)
