"""Total variation."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from fourierfield.operators import DenseOperator, Differences, ScaledIdentity
from fourierfield.solvers import largest_singular_value, total_variation


def steps_with_noise() -> np.ndarray:
    rng = np.random.default_rng(0)
    image = np.zeros((24, 20))
    image[6:18, 4:12] = 1.0
    return image + 0.1 * rng.standard_normal(image.shape)


def cost(image: Tensor, measured: Tensor, shape: tuple[int, ...], weight: float) -> float:
    slopes = (Differences(shape) @ image).reshape(len(shape), -1)
    return float(0.5 * (image - measured).square().sum() + weight * slopes.norm(dim=0).sum())


def test_denoising_is_as_good_as_scikit_images() -> None:
    from skimage.restoration import denoise_tv_chambolle

    noisy = steps_with_noise()
    measured = torch.from_numpy(noisy.ravel())
    found = total_variation(ScaledIdentity(480), measured, (24, 20), 0.2, most=3000, tolerance=1e-8)
    theirs = torch.from_numpy(denoise_tv_chambolle(noisy, weight=0.2, eps=1e-12, max_num_iter=3000).ravel())
    assert torch.allclose(found.value, theirs, atol=5e-3)
    assert cost(found.value, measured, (24, 20), 0.2) <= 1.001 * cost(theirs, measured, (24, 20), 0.2)


def test_without_weight_it_solves_the_equations() -> None:
    matrix = torch.randn(30, 12, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    truth = torch.arange(12, dtype=torch.float64)
    found = total_variation(DenseOperator(matrix), matrix @ truth, (3, 4), 1e-9, most=5000, tolerance=1e-10)
    assert torch.allclose(found.value, truth, atol=1e-4)


def test_a_large_weight_leaves_the_mean() -> None:
    measured = torch.from_numpy(steps_with_noise().ravel())
    found = total_variation(ScaledIdentity(480), measured, (24, 20), 1e3, most=3000, tolerance=1e-9)
    assert torch.allclose(found.value, measured.mean().expand(480), atol=1e-2)


def test_positive_images_and_two_parts() -> None:
    measured = torch.randn(40, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    found = total_variation(ScaledIdentity(40), measured, (4, 5), 0.01, channels=2, positive=True, most=500)
    assert float(found.value.min()) >= 0
    assert torch.allclose(found.value, measured.clamp(min=0), atol=0.1)


@pytest.mark.parametrize("size", [(5, 9), (9, 5)])
def test_the_power_method_is_a_little_above_or_below(size: tuple[int, int]) -> None:
    matrix = torch.randn(*size, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    assert largest_singular_value(DenseOperator(matrix)) == pytest.approx(
        float(torch.linalg.matrix_norm(matrix, 2)), rel=0.08
    )
