"""Amplitudes from place to place."""

from __future__ import annotations

import pytest
import torch

from fourierfield.operators import HaarGram
from fourierfield.regression.scans import local_variances
from fourierfield.regression.scans.adapt import levels_for, local_kernel

from .conftest import phantom


def image(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def test_the_size_of_the_field_does_not_matter() -> None:
    parts = image(2, 16, 16)
    one, other = local_variances(parts), local_variances(1e6 * parts)
    assert torch.allclose(one.coarse, other.coarse)
    assert all(torch.allclose(a, b) for a, b in zip(one.details, other.details, strict=True))


@pytest.mark.parametrize("angle", [0.3, 1.5, 3.0])
def test_real_and_imaginary_part_share_theirs(angle: float) -> None:
    """Whatever the phase, the variances are those of the magnitude's image."""
    real = image(16, 12)
    turn = torch.tensor(angle, dtype=torch.float64)
    turned = torch.stack([turn.cos() * real, turn.sin() * real])
    one, other = local_variances(real[None]), local_variances(turned)
    assert torch.allclose(one.coarse, other.coarse)
    assert all(torch.allclose(a, b) for a, b in zip(one.details, other.details, strict=True))


def test_empty_and_flat_places_have_next_to_none() -> None:
    field = torch.from_numpy(phantom(32))[None]
    found = local_variances(field)
    assert float(found.coarse[:3, :3].max()) < 1.01e-4
    edges, empty, flat = (slice(7, 9), slice(10, 14)), (slice(0, 4), slice(0, 4)), (slice(19, 22), slice(12, 20))
    finest = found.details[0].amax(0)
    assert float(finest[edges].amax()) > 0.1
    assert float(finest[empty].max()) < 1.01e-4
    assert float(finest[flat].max()) < 1.01e-4
    assert all(float(level.min()) > 0 for level in found.details)


def test_they_are_smoothed_absolute_coefficients() -> None:
    """A single edge spreads to its neighbours, whose sum of squares stays."""
    field = torch.zeros(1, 16, 16, dtype=torch.float64)
    field[:, 5:11] = 1.0
    band = local_variances(field).details[0]
    across = (band.square() - 1e-8).clamp_min(0).sum(dim=(1, 2))
    assert float(across[1]) == pytest.approx(0.25 * 2 * 16, rel=1e-6)  # half differences of 1, of two edges
    assert float(across[0]) < 1e-6
    assert float(across[2]) < 1e-6


def test_nothing_gives_a_kernel_all_the_same() -> None:
    gram = HaarGram(local_variances(torch.zeros(1, 8, 8, dtype=torch.float64)))
    assert torch.allclose(gram.to_dense(), 1e-4 * torch.eye(64, dtype=torch.float64))


@pytest.mark.parametrize(
    ("shape", "levels"), [((256, 256), 4), ((32, 16), 2), ((8, 8), 1), ((64, 64, 64), 2), ((16, 16, 16), 1)]
)
def test_levels(shape: tuple[int, ...], levels: int) -> None:
    assert levels_for(shape) == levels
    if max(shape) < 64:
        assert len(local_variances(image(1, *shape)).details) == levels


def test_where_a_positive_field_is_nothing_its_kernel_is_faint() -> None:
    parts = torch.zeros(1, 16, 16, dtype=torch.float64)
    parts[0, 4:8, 4:8] = 1.0
    faint, even = (local_kernel(parts, positive=positive) for positive in (True, False))
    plain = HaarGram(local_variances(parts))
    vector = torch.randn(256, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(even @ vector, plain @ vector)
    diagonals = [kernel.to_dense().diagonal().reshape(16, 16) for kernel in (faint, even)]
    assert float(diagonals[0][5, 5]) == pytest.approx(float(diagonals[1][5, 5]))
    assert float(diagonals[0][13, 13]) == pytest.approx(0.04 * float(diagonals[1][13, 13]))


def test_a_local_kernel_is_the_covariance_of_what_it_draws() -> None:
    parts = torch.rand(1, 4, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    parts[0, :, 3:] = 0.0
    kernel = local_kernel(parts, positive=True)
    drawn = kernel.draw(20_000, torch.Generator().manual_seed(0))
    dense = kernel.to_dense()
    assert (drawn @ drawn.T / drawn.shape[1] - dense).abs().max() < 0.05 * dense.abs().max()
    assert torch.allclose(dense, dense.T)
