"""The kernel as a reconstruction filter."""

from __future__ import annotations

import math

import pytest
import torch

from fourierfield.encodings._families import gaussian
from fourierfield.forecast._dynamics import GradientFlow
from fourierfield.forecast._filters import reconstruction_filter
from fourierfield.forecast._flow import predict
from fourierfield.grids._domain import Grid
from fourierfield.kernels._composed import ComposedNTK
from fourierfield.kernels._encoding import EncodingKernel
from fourierfield.kernels._infinite import InfiniteMLP
from fourierfield.kernels._matern import MaternKernel
from fourierfield.operators._gram import gram

LONG = GradientFlow(torch.tensor([1.0, math.inf], dtype=torch.float64))


def ntk(dimensions: int) -> ComposedNTK:
    encoding = gaussian(dimensions, 4.0, 64, generator=torch.Generator().manual_seed(0))
    return ComposedNTK(EncodingKernel(encoding), InfiniteMLP.of_depth(4))


@pytest.mark.parametrize(("dimensions", "count"), [(1, 40), (2, 14)])
def test_in_the_end_it_interpolates(dimensions: int, count: int) -> None:
    grid = Grid((0.0,) * dimensions, (1.0,) * dimensions, (count,) * dimensions)
    found = reconstruction_filter(ntk(dimensions), grid, LONG, finer=3, tolerance=1e-11).value
    assert tuple(found.response.shape) == (2, *(3 * count,) * dimensions)
    coarse = found.response[(1, *(slice(None, None, 3),) * dimensions)]
    unit = torch.zeros_like(coarse)
    unit[(count // 2,) * dimensions] = 1.0
    torch.testing.assert_close(coarse, unit, rtol=0, atol=1e-7)
    for axis in found.offsets:
        assert (axis == 0).any()


def test_training_convolves_with_it() -> None:
    """Away from the border the trained function is Σ yᵢ·response(x − xᵢ)."""
    grid = Grid((0.0,), (4.0,), (128,))
    kernel = MaternKernel(0.5, 0.05)
    flow = GradientFlow(torch.tensor([0.7], dtype=torch.float64))
    found = reconstruction_filter(kernel, grid, flow, finer=2, tolerance=1e-12).value
    targets = torch.zeros(128, 1, dtype=torch.float64)
    targets[60:68, 0] = torch.rand(8, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    fine = torch.arange(100, 160, dtype=torch.float64)[:, None] / 64 + 1 / 64
    trained = predict(
        gram(kernel, grid), targets, flow, cross=gram(kernel, fine, torch.from_numpy(grid.axis(0))[:, None])
    )
    assert trained.value.elsewhere is not None
    shifts = torch.stack([targets[i, 0] * found.response[0].roll(2 * (i - 64)) for i in range(60, 68)]).sum(0)
    positions = found.offsets[0] + grid.axis(0)[64]
    places = [(positions - x).abs().argmin() for x in fine[:, 0]]
    torch.testing.assert_close(trained.value.elsewhere[0, :, 0], shifts[places], rtol=0, atol=1e-6)


def test_low_frequencies_pass_and_high_ones_do_not() -> None:
    grid = Grid((0.0,), (1.0,), (64,))
    found = reconstruction_filter(ntk(1), grid, LONG, finer=4).value
    frequency = found.frequencies[0].abs()
    assert found.transfer[1, frequency <= 4].min() > 0.95
    assert found.transfer[1, frequency >= 100].abs().max() < 0.1
    early, late = (found.transfer[t, frequency == 8].mean() for t in (0, 1))
    assert early < late
