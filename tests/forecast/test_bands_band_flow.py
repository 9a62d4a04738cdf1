"""Training by frequency: energies that add up, and a part of a signal that stands for the whole."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from fourierfield.encodings._families import gaussian
from fourierfield.forecast._bands import Bands, band_shares, forecast_bands
from fourierfield.forecast._limit import WideLimit
from fourierfield.grids._domain import Domain, Grid
from fourierfield.networks._mlp import MLP, CoordinateNetwork, MLPSpec
from fourierfield.training._plan import TrainingPlan


@pytest.fixture
def limit(generator: torch.Generator) -> WideLimit:
    encoding = gaussian(1, 6.0, 64, generator=generator)
    return WideLimit.of(CoordinateNetwork(encoding, MLP(MLPSpec(128, 1, width=32), generator)))


GRID = Domain.of_samples((128,)).grid((128,))
TIMES = torch.cat([torch.zeros(1), torch.logspace(-3, 2, 40)]).double()


def waves(grid: Grid) -> torch.Tensor:
    x = torch.from_numpy(grid.axis(0))
    return (0.5 + 0.2 * torch.cos(2 * np.pi * 4 * x) + 0.2 * torch.cos(2 * np.pi * 20 * x))[:, None]


def test_bands_add_up_to_the_error_and_low_ones_fall_first(limit: WideLimit) -> None:
    bands = Bands.up_to_nyquist(GRID, 8)
    flow = forecast_bands(limit, GRID, waves(GRID), bands, TIMES).value
    torch.testing.assert_close(flow.by_band.sum(1), flow.energy, rtol=1e-3, atol=1e-6)
    low, high = (int(bands.of(torch.tensor(f, dtype=torch.float64))) for f in (4.0, 20.0))
    assert torch.equal(flow.left[0, [low, high]], torch.ones(2, dtype=torch.float64))
    early = int((flow.left[:, low] < 0.5).int().argmax())
    assert flow.left[early, high] > 0.6
    torch.testing.assert_close(flow.left_at(TIMES[10:12]), flow.left[10:12])


def test_half_of_a_periodic_signal_stands_for_all_of_it(limit: WideLimit) -> None:
    half = Grid.from_origin(GRID.origin, GRID.spacing, (64,))
    bands = Bands.up_to_nyquist(half, 8)
    whole = forecast_bands(limit, GRID, waves(GRID), bands, TIMES).value
    part = forecast_bands(limit, half, waves(half), bands, TIMES, share=0.5).value
    assert part.outputs == whole.outputs
    energetic = whole.by_band[0] > 0.1 * whole.by_band[0].max()
    torch.testing.assert_close(part.left[:, energetic], whole.left[:, energetic], rtol=0, atol=0.1)
    plan = TrainingPlan(50)
    torch.testing.assert_close(part.reached(plan), whole.reached(plan), rtol=0.15, atol=0)


def test_shares_of_bands_with_nothing_in_them() -> None:
    bands = Bands(torch.tensor([0.0, 8.0, 16.0, 512.0], dtype=torch.float64))
    before = torch.tensor([100.0, 0.0, 0.0], dtype=torch.float64)
    shares = band_shares(torch.tensor([[50.0, 1e-6, 0.0]], dtype=torch.float64), before, GRID, bands)
    assert shares[0].tolist() == pytest.approx([0.5, 1e-3, 0.0])
    beyond = Bands(torch.tensor([0.0, 64.0, 128.0], dtype=torch.float64))
    assert band_shares(torch.zeros(1, 2), torch.ones(2), GRID, beyond)[0].tolist() == [0.0, 1.0]
