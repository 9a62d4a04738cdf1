"""The noise estimate against noise of known size, on smooth, textured and edgy signals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fourierfield.grids._noise import noise_level
from fourierfield.kinds._read import read

PHOTOS = ("kodim03.png", "kodim05.png", "kodim08.png", "kodim23.png")


def noisy(values: np.ndarray, sigma: float) -> np.ndarray:
    return values + np.random.default_rng(0).normal(0, sigma, values.shape)


@pytest.mark.parametrize("shape", [(20_000,), (120, 120), (24, 25, 26), (1, 9000)])
@pytest.mark.parametrize("sigma", [0.01, 0.1])
def test_white_noise_on_a_smooth_signal(shape: tuple[int, ...], sigma: float) -> None:
    smooth = np.sin(4 * np.linspace(0, 1, shape[-1])) * np.ones(shape)
    assert noise_level(noisy(smooth[..., None], sigma)) == pytest.approx(sigma, rel=0.05)
    assert noise_level(smooth[..., None]) < 1e-3


def test_edges_are_not_noise() -> None:
    blocks = np.kron(np.random.default_rng(1).random((16, 16)), np.ones((12, 12)))[..., None]
    assert noise_level(blocks) < 1e-6
    assert noise_level(noisy(blocks, 0.05)) == pytest.approx(0.05, rel=0.15)


@pytest.mark.parametrize("photo", PHOTOS)
@pytest.mark.parametrize("corner", [(0, 0), (160, 288)])
def test_photographs(shared_data: Path, photo: str, corner: tuple[int, int]) -> None:
    row, column = corner
    crop = read(shared_data / "photos" / photo).values[row : row + 192, column : column + 192]
    assert noise_level(noisy(crop, 0.1)) == pytest.approx(0.1, rel=0.15)
    assert noise_level(crop) < 0.015


def test_missing_samples_are_left_out() -> None:
    values = noisy(np.zeros((128, 128, 2)), 0.1)
    values[np.random.default_rng(2).random((128, 128)) < 0.1] = np.nan
    assert noise_level(values) == pytest.approx(0.1, rel=0.1)


def test_too_few_samples_say_nothing() -> None:
    assert noise_level(np.zeros((8, 8, 3))) is None
    assert noise_level(np.zeros((2, 1))) is None
    assert noise_level(np.full((40, 40, 1), np.nan)) is None
