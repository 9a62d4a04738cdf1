"""Bands of frequencies."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fourierfield.forecast._bands import Bands, band_energies, cosine_eigenvalues
from fourierfield.forecast._spectrum import plane_wave_eigenvalues
from fourierfield.grids._domain import Grid
from fourierfield.kernels._stationary import GaussianKernel
from fourierfield.operators._gram import gram

shapes = st.one_of(st.tuples(st.integers(2, 40)), st.tuples(st.integers(2, 12), st.integers(2, 12)))


@given(shapes, st.integers(2, 9), st.integers(0, 1000))
def test_the_energies_add_up(shape: tuple[int, ...], count: int, seed: int) -> None:
    grid = Grid((0.0,) * len(shape), tuple(n / max(shape) for n in shape), shape)
    values = torch.randn(3, grid.size, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    energies = band_energies(values, grid, Bands.up_to_nyquist(grid, count))
    assert energies.shape == (3, count)
    torch.testing.assert_close(energies.sum(-1), values.square().sum(-1))


@pytest.mark.parametrize("frequency", [1.0, 3.0, 9.0, 27.0])
@pytest.mark.parametrize("along", [0, 1])
def test_a_wave_lies_in_the_band_of_its_frequency(frequency: float, along: int) -> None:
    grid = Grid((0.0, 0.0), (0.75, 1.0), (48, 64))
    points = torch.from_numpy(grid.coordinates(torch.arange(grid.size).numpy()))
    wave = torch.cos(2 * torch.pi * (frequency * points[:, along]))
    bands = Bands.up_to_nyquist(grid, 8)
    energies = band_energies(wave, grid, bands)
    inside = int((bands.edges <= frequency).sum()) - 1
    assert energies[max(0, inside - 1) : inside + 2].sum() > 0.9 * energies.sum()


def test_bands_rise_to_nyquist() -> None:
    bands = Bands.up_to_nyquist(Grid((0.0, 0.0), (0.5, 1.0), (32, 64)), 10)
    assert len(bands) == 10
    assert (bands.edges.diff() > 0).all()
    assert bands.edges[-1] == pytest.approx(32)
    assert ((bands.edges[:-1] < bands.centres) & (bands.centres < bands.edges[1:])).all()


def test_cosines_of_a_stationary_kernel_have_the_eigenvalues_of_its_waves() -> None:
    grid = Grid((0.0,), (1.0,), (64,))
    kernel = GaussianKernel(3.0)
    cosines = cosine_eigenvalues(gram(kernel, grid), grid)
    assert float(cosines.sum()) == pytest.approx(64, rel=1e-9)  # the trace
    waves = plane_wave_eigenvalues(kernel, grid)[1:20]
    torch.testing.assert_close(cosines[1:20], waves, rtol=0.15, atol=0.05 * float(cosines.max()))
