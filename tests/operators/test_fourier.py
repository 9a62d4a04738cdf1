"""Fourier samples of images."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from fourierfield.operators._fourier import CartesianFourier, Coils, ComplexAsReal, OfReal, nonuniform_fourier


def image(*shape: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, dtype=torch.complex128, generator=generator)


@pytest.mark.parametrize("shape", [(6, 8), (5, 7), (4, 5, 6)])
def test_all_places_are_numpys_centred_transform(shape: tuple[int, ...]) -> None:
    m = image(*shape)
    expected = np.fft.fftshift(np.fft.fftn(np.fft.ifftshift(m.numpy()), norm="ortho"))
    flat = torch.randperm(m.numel())
    assert np.allclose((CartesianFourier(shape, flat) @ m.ravel()).numpy(), expected.ravel()[flat.numpy()])


@pytest.mark.parametrize("shape", [(6, 8), (5, 7), (4, 5, 6)])
def test_whole_places_agree_with_the_grids(shape: tuple[int, ...]) -> None:
    flat = torch.arange(0, math.prod(shape), 3)
    places = torch.stack(torch.unravel_index(flat, shape), dim=1) - torch.tensor([n // 2 for n in shape])
    m = image(*shape).ravel()
    assert torch.allclose(nonuniform_fourier(shape, places) @ m, CartesianFourier(shape, flat) @ m, atol=1e-6)


def test_places_between_follow_the_formula() -> None:
    shape, place = (5, 6), torch.tensor([[0.3, -1.7]], dtype=torch.float64)
    m = image(*shape)
    rows, columns = np.mgrid[0:5, 0:6] - np.array([2, 3])[:, None, None]
    waves = np.exp(-2j * np.pi * (0.3 * rows / 5 - 1.7 * columns / 6))
    expected = (waves * m.numpy()).sum() / math.sqrt(30)
    assert complex(nonuniform_fourier(shape, place) @ m.ravel()) == pytest.approx(expected, abs=1e-6)


def test_each_coil_sees_the_image_by_its_sensitivity() -> None:
    fourier, maps, m = CartesianFourier((4, 5), torch.arange(9)), image(3, 20, seed=1), image(20)
    found = (Coils(fourier, maps) @ m).reshape(3, 9)
    for coil in range(3):
        assert torch.allclose(found[coil], fourier @ (maps[coil] * m))


def test_a_real_image_has_half_the_unknowns() -> None:
    fourier = CartesianFourier((4, 5), torch.arange(20))
    m = image(20).real
    as_real, as_complex = OfReal(fourier) @ m, ComplexAsReal(fourier) @ torch.cat([m, torch.zeros(20)])
    assert torch.allclose(as_real, as_complex)
    assert OfReal(fourier).shape == (40, 20)
