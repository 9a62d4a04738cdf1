"""Kernels whose amplitude varies from place to place."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from fourierfield.operators import HaarBands, HaarGram, haar_bands


def image(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def variances(*shape: int, levels: int = 2) -> HaarBands:
    return haar_bands(image(*shape), levels).each(torch.abs)


@pytest.mark.parametrize("shape", [(8,), (6, 5), (4, 3, 5)])
def test_equal_variances_are_white(shape: tuple[int, ...]) -> None:
    bands = haar_bands(image(*shape), 2).each(lambda band: torch.full_like(band, 2.5))
    f = image(*shape, seed=1).ravel()
    assert torch.allclose(HaarGram(bands) @ f, 2.5 * f)


@pytest.mark.parametrize("shape", [(8,), (6, 5), (3, 4, 2)])
def test_it_is_the_covariance_of_what_it_draws(shape: tuple[int, ...]) -> None:
    gram = HaarGram(variances(*shape))
    drawn = gram.draw(20_000, torch.Generator().manual_seed(0))
    covariance = drawn @ drawn.T / drawn.shape[1]
    dense = gram.to_dense()
    assert (covariance - dense).abs().max() < 0.05 * dense.abs().max()
    assert torch.linalg.eigvalsh(dense).min() > -1e-12


@pytest.mark.parametrize("shape", [(8,), (6, 8)])
def test_the_spectrum_is_that_of_the_mean_over_shifts(shape: tuple[int, ...]) -> None:
    gram = HaarGram(variances(*shape))
    axes = tuple(range(len(shape)))
    first = torch.zeros(shape, dtype=torch.float64)
    size = first.numel()
    for place in range(size):
        shift = tuple(int(i) for i in torch.unravel_index(torch.tensor(place), shape))
        column = gram.to_dense()[:, place].reshape(shape)
        first += torch.roll(column, tuple(-s for s in shift), axes) / size
    assert torch.allclose(torch.fft.fftn(first).real, gram.spectrum())


def test_constant_signals_have_no_details() -> None:
    bands = haar_bands(torch.ones(6, 6), 2)
    assert all(float(level.abs().max()) == 0 for level in bands.details)
    assert torch.equal(bands.coarse, torch.ones(6, 6))
