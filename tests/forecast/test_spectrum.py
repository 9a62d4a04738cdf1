"""Eigenvalues by three routes, and the signal's energy along them."""

from __future__ import annotations

import math

import pytest
import torch

from fourierfield.encodings._families import gaussian, power_law
from fourierfield.forecast._dynamics import GradientFlow
from fourierfield.forecast._flow import predict
from fourierfield.forecast._spectrum import (
    Spectrum,
    dense_spectrum,
    lanczos_spectrum,
    periodic_eigenvalues,
    plane_wave_eigenvalues,
    wave_frequencies,
)
from fourierfield.grids._domain import Grid
from fourierfield.kernels._composed import ComposedNTK
from fourierfield.kernels._encoding import EncodingKernel
from fourierfield.kernels._infinite import InfiniteMLP
from fourierfield.kernels._stationary import GaussianKernel
from fourierfield.operators._base import DenseOperator
from fourierfield.operators._gram import gram


def periodic_ntk(dimensions: int) -> ComposedNTK:
    return ComposedNTK(EncodingKernel(power_law(dimensions, 3, 1.0)), InfiniteMLP.of_depth(3))


@pytest.mark.parametrize("shape", [(16,), (6, 10), (4, 5, 6)])
def test_on_a_periodic_grid_the_fourier_transform_is_exact(shape: tuple[int, ...]) -> None:
    kernel = periodic_ntk(len(shape))
    points = torch.cartesian_prod(*[torch.arange(n, dtype=torch.float64) / n for n in shape]).reshape(-1, len(shape))
    expected = torch.linalg.eigvalsh(gram(kernel, points).to_dense())
    computed = periodic_eigenvalues(kernel, shape).flatten().sort().values
    torch.testing.assert_close(computed, expected, rtol=0, atol=1e-10 * float(expected[-1]))


def test_a_kernel_without_that_period_is_refused() -> None:
    encoding = gaussian(1, 2.0, 8, generator=torch.Generator().manual_seed(0))
    with pytest.raises(ValueError, match="period"):
        periodic_eigenvalues(EncodingKernel(encoding), (8,))


def test_dense_shares_follow_the_eigenvectors() -> None:
    generator = torch.Generator().manual_seed(0)
    vectors = torch.linalg.qr(torch.randn(6, 6, generator=generator, dtype=torch.float64)).Q
    values = torch.tensor([6.0, 5.0, 4.0, 3.0, 2.0, 1.0], dtype=torch.float64)
    spectrum = dense_spectrum(DenseOperator(vectors * values @ vectors.T), 3 * vectors[:, 1] + 4 * vectors[:, 4])
    torch.testing.assert_close(spectrum.eigenvalues, values)
    torch.testing.assert_close(spectrum.shares, torch.tensor([0, 0.36, 0, 0, 0.64, 0], dtype=torch.float64))
    torch.testing.assert_close(spectrum.decay_times(10.0), 10 / values)


def test_lanczos_has_the_moments_of_the_whole_spectrum() -> None:
    grid = Grid((0.0, 0.0), (1.0, 1.0), (15, 15))
    encoding = gaussian(2, 2.0, 32, generator=torch.Generator().manual_seed(0))
    operator = gram(ComposedNTK(EncodingKernel(encoding), InfiniteMLP.of_depth(4)), grid)
    signal = torch.rand(225, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    exact = dense_spectrum(operator, signal)
    solution = lanczos_spectrum(operator, signal, steps=12)
    seen = solution.value
    assert solution.ok

    def moment(spectrum: Spectrum, power: int) -> float:
        return float((spectrum.shares * spectrum.eigenvalues**power).sum())

    for power in range(2 * 12):
        assert moment(seen, power) == pytest.approx(moment(exact, power), rel=1e-9)


def test_decay_times_are_those_of_training() -> None:
    grid = Grid((0.0,), (1.0,), (20,))
    encoding = gaussian(1, 2.0, 16, generator=torch.Generator().manual_seed(0))
    operator = gram(EncodingKernel(encoding), grid)
    vectors = torch.linalg.eigh(operator.to_dense()).eigenvectors
    target = vectors[:, -2:-1]
    spectrum = dense_spectrum(operator, target[:, 0])
    time = spectrum.decay_times(20.0)[1:2]
    left = predict(operator, target, GradientFlow(time, divisor=20.0)).value.half_sum_loss
    assert float((2 * left).sqrt()) == pytest.approx(math.exp(-1))


@pytest.mark.parametrize("shape", [(12,), (6, 8)])
def test_plane_waves_have_their_rayleigh_quotients(shape: tuple[int, ...]) -> None:
    grid = Grid((0.0,) * len(shape), tuple(n / max(shape) for n in shape), shape)
    kernel = GaussianKernel(2.0)
    operator = gram(kernel, grid).to_dense()
    points = torch.from_numpy(grid.coordinates(torch.arange(grid.size).numpy()))
    quotients, frequencies = plane_wave_eigenvalues(kernel, grid), wave_frequencies(grid)
    assert tuple(quotients.shape) == tuple(2 * n for n in shape)
    assert quotients.min() > -1e-12
    for index in ([0] * len(shape), [1, 2, 3][: len(shape)], [5, 7, 1][: len(shape)]):
        frequency = torch.stack([axis[i] for axis, i in zip(frequencies, index, strict=True)])
        wave = torch.exp(2j * math.pi * (points @ frequency))
        expected = (wave.conj() @ (operator.to(wave.dtype) @ wave)).real / grid.size
        assert float(quotients[tuple(index)]) == pytest.approx(float(expected), rel=1e-9, abs=1e-12)


def test_low_frequencies_are_learned_first() -> None:
    grid = Grid((0.0,), (1.0,), (64,))
    quotients = plane_wave_eigenvalues(ComposedNTK(EncodingKernel(power_law(1, 8, 1.0)), InfiniteMLP.of_depth(4)), grid)
    assert (quotients[2:33:4].diff() < 0).all()
