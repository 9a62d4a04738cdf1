"""How strongly a scan sees each wave, against dense matrices."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fourierfield.kinds.scans._judging import gram_bound
from fourierfield.kinds.scans._kspace import KSpaceSignal
from fourierfield.kinds.scans._problem import forward_map
from fourierfield.operators._toeplitz import Circulant

from .conftest import DiscScan

shapes = st.lists(st.integers(2, 5), min_size=2, max_size=3).map(tuple)


def scan_at(shape: tuple[int, ...], chosen: np.ndarray, *, real: bool) -> KSpaceSignal:
    """Of places on the grid, those that are chosen twice measured twice."""
    places = np.stack(np.unravel_index(chosen, shape), axis=1) - np.array(shape) // 2
    return KSpaceSignal(np.ones((1, len(chosen)), np.complex64), places.astype(float), shape, real=real)


@settings(max_examples=40)
@given(shapes, st.integers(0, 2**31), st.floats(0.1, 1.5))
def test_of_a_real_field_it_is_the_gram_matrix(shape: tuple[int, ...], seed: int, share: float) -> None:
    size = math.prod(shape)
    chosen = np.random.default_rng(seed).integers(0, size, max(1, round(share * size)))
    scan = scan_at(shape, chosen, real=True)
    forward, found = forward_map(scan).to_dense(), gram_bound(scan)
    assert found is not None
    assert found.shape == shape
    assert torch.allclose(Circulant(found).to_dense(), forward.T @ forward, atol=1e-12)


@settings(max_examples=40)
@given(shapes, st.integers(0, 2**31), st.floats(0.1, 1.5))
def test_of_a_complex_field_too(shape: tuple[int, ...], seed: int, share: float) -> None:
    """AᵀA (re, im) are real and imaginary part of F⁻¹ diag(λ) F (re + i·im)."""
    size = math.prod(shape)
    chosen = np.random.default_rng(seed).integers(0, size, max(1, round(share * size)))
    scan = scan_at(shape, chosen, real=False)
    forward, found = forward_map(scan), gram_bound(scan)
    assert found is not None
    assert found.shape == shape
    assert float(found.sum()) == len(chosen)
    field = torch.randn(2, *shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    waves = torch.fft.ifftn(torch.fft.fftn(torch.complex(*field)) * found)
    seen = (forward.H @ (forward @ field.reshape(-1))).reshape(2, *shape)
    assert torch.allclose(seen, torch.stack([waves.real, waves.imag]), atol=1e-12)


def test_other_scans_have_none(disc_scan: DiscScan, coil_scan: Callable[..., KSpaceSignal]) -> None:
    assert gram_bound(disc_scan(8, np.linspace(0, 3, 4))) is None
    assert gram_bound(coil_scan(np.ones((8, 8), dtype=bool))) is None
    on_grid = scan_at((4, 4), np.arange(5), real=False)
    beside = KSpaceSignal(on_grid.samples, on_grid.places + 0.25, (4, 4))
    assert gram_bound(beside) is None


@pytest.mark.parametrize("real", [True, False])
def test_of_all_samples_it_is_one(real: bool) -> None:
    found = gram_bound(scan_at((4, 5), np.arange(20), real=real))
    assert found is not None
    assert torch.equal(found, torch.ones(4, 5, dtype=torch.float64))
