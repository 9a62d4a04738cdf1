"""How much a kernel depends on direction."""

from __future__ import annotations

import pytest
import torch

from fourierfield.encodings._families import gaussian, positional
from fourierfield.forecast._structure import anisotropy, directions
from fourierfield.kernels._encoding import EncodingKernel, LimitKernel
from fourierfield.kernels._matern import MaternKernel
from fourierfield.kernels._stationary import GaussianKernel


@pytest.mark.parametrize("kernel", [GaussianKernel(3.0), MaternKernel(1.5, 0.1)])
def test_isotropic_kernels_have_none(kernel: GaussianKernel | MaternKernel) -> None:
    assert anisotropy(kernel, 0.5) == pytest.approx(0, abs=1e-12)


def test_axis_aligned_frequencies_have_much_and_drawn_ones_ever_less() -> None:
    def drawn(features: int) -> float:
        return anisotropy(EncodingKernel(gaussian(2, 8.0, features, generator=generator)), 0.25)

    generator = torch.Generator().manual_seed(0)
    aligned = anisotropy(EncodingKernel(positional(2, 31.0, 256)), 0.25)
    assert aligned > 0.05
    assert drawn(64) > drawn(1024) > drawn(16384)
    assert drawn(16384) < aligned / 100


def test_unequal_bandwidths_are_unequal_directions() -> None:
    law = LimitKernel(gaussian(2, (2.0, 8.0), 4, generator=torch.Generator()))
    assert anisotropy(law, 0.25) > 0.05


@pytest.mark.parametrize("dimensions", [2, 3])
def test_directions_are_unit_vectors_spread_evenly(dimensions: int) -> None:
    vectors = directions(dimensions, 400)
    torch.testing.assert_close(vectors.norm(dim=1), torch.ones(400, dtype=torch.float64))
    second = vectors.T @ vectors / 400
    torch.testing.assert_close(second, torch.eye(dimensions, dtype=torch.float64) / dimensions, rtol=0, atol=0.01)


def test_in_one_dimension_there_is_no_direction() -> None:
    with pytest.raises(ValueError, match="direction"):
        anisotropy(EncodingKernel(gaussian(1, 2.0, 4, generator=torch.Generator().manual_seed(0))), 0.5)
