"""Total variation."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from fourierfield.operators._base import DenseOperator, LinearOperator, ScaledIdentity
from fourierfield.operators._cells import Differences
from fourierfield.solvers._sparse import PrimalDual, slopes_of


def steps_with_noise() -> np.ndarray:
    rng = np.random.default_rng(0)
    image = np.zeros((24, 20))
    image[6:18, 4:12] = 1.0
    return image + 0.1 * rng.standard_normal(image.shape)


def cost(image: Tensor, measured: Tensor, shape: tuple[int, ...], weight: float) -> float:
    slopes = (Differences(shape) @ image).reshape(len(shape), -1)
    return float(0.5 * (image - measured).square().sum() + weight * slopes.norm(dim=0).sum())


def total_variation(
    operator: LinearOperator,
    measured: Tensor,
    shape: tuple[int, ...],
    weight: float,
    *,
    channels: int = 1,
    positive: bool = False,
    most: int = 3000,
) -> Tensor:
    solver = PrimalDual(operator, measured, slopes_of(shape), channels=channels, positive=positive)
    value = solver.run(weight, most, tolerance=1e-9).value
    return value.clamp(min=0) if positive else value


def test_denoising_is_as_good_as_scikit_images() -> None:
    from skimage.restoration import denoise_tv_chambolle

    noisy = steps_with_noise()
    measured = torch.from_numpy(noisy.ravel())
    found = total_variation(ScaledIdentity(480), measured, (24, 20), 0.2)
    theirs = torch.from_numpy(denoise_tv_chambolle(noisy, weight=0.2, eps=1e-12, max_num_iter=3000).ravel())
    assert torch.allclose(found, theirs, atol=5e-3)
    assert cost(found, measured, (24, 20), 0.2) <= 1.001 * cost(theirs, measured, (24, 20), 0.2)


def test_without_weight_it_solves_the_equations() -> None:
    matrix = torch.randn(30, 12, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    truth = torch.arange(12, dtype=torch.float64)
    found = total_variation(DenseOperator(matrix), matrix @ truth, (3, 4), 1e-9, most=5000)
    assert torch.allclose(found, truth, atol=1e-4)


def test_a_large_weight_leaves_the_mean() -> None:
    measured = torch.from_numpy(steps_with_noise().ravel())
    found = total_variation(ScaledIdentity(480), measured, (24, 20), 10.0)
    assert torch.allclose(found, measured.mean().expand(480), atol=1e-2)


def test_positive_images_and_two_parts() -> None:
    measured = torch.randn(40, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    found = total_variation(ScaledIdentity(40), measured, (4, 5), 0.01, channels=2, positive=True, most=500)
    assert float(found.min()) >= 0
    assert torch.allclose(found, measured.clamp(min=0), atol=0.1)


@pytest.mark.parametrize("shape", [(4, 5), (3, 2, 4)])
def test_its_penalty_is_the_length_of_the_slope(shape: tuple[int, ...]) -> None:
    """Of all axes and parts together; the spectrum bounds that of the differences."""
    penalty, slopes = slopes_of(shape), Differences(shape)
    assert penalty.groups == (len(shape),)
    field = torch.randn(math.prod(shape), 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    bands = (penalty.analysis @ field).reshape(len(shape), -1, 2)
    (size,) = penalty.sizes(bands)
    assert size.shape == (1, math.prod(shape), 1)
    assert torch.allclose(size[0, :, 0], (slopes @ field).reshape(len(shape), -1, 2).norm(dim=(0, 2)))
    assert torch.equal(penalty.spectrum, slopes.spectrum())
